import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { NumberFlow, NumberProvider } from '../../telephony/providers/number-provider.js';
import { ProviderRefused } from '../../telephony/providers/provider-errors.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { advance } from './purchases.queries.js';

/** Points numbers at us and reads the setting back. Only then can they be assigned. */
@Injectable()
export class NumberSetUpService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly numbers: VirtualNumbersService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(NumberSetUpService.name);
  }

  /**
   * Makes a provisioning number available once the provider confirms that its calls reach us. Steps that are already
   * done are not repeated. If the provider refuses to point the number at us, it stays provisioning.
   *
   * @returns whether it is available now
   * @throws ProviderUnavailable; ProviderRefused if the provider refuses the account
   */
  async setUp({ provider }: { readonly provider: NumberProvider }, number: E164, providerId: string): Promise<boolean> {
    try {
      const flow = await this.pointAtUs(provider, providerId, () =>
        advance(this.dataSource.manager, number, 'configured'),
      );
      if (flow === 'ours') {
        await advance(this.dataSource.manager, number, 'verified');
        await this.dataSource.transaction(async (tx) => {
          await this.numbers.makeAvailable(number, tx);
          await advance(tx, number, 'available');
        });
        return true;
      }
      this.logger.error({ virtualNumber: number, flow }, 'number does not keep our flow');
    } catch (err) {
      if (!(err instanceof ProviderRefused) || isOfAccount(err)) throw err;
      this.logger.error({ virtualNumber: number, err }, 'number could not be configured');
    }
    return false;
  }

  /** @returns where the number's calls go now, as read back */
  async pointAtUs(
    provider: NumberProvider,
    providerId: string,
    configured: () => Promise<void> = async () => undefined,
  ): Promise<NumberFlow> {
    const before = await provider.flowOf(providerId);
    if (before === 'ours') {
      await configured(); // the purchase itself has set it
      return before;
    }
    const answered = await provider.configure(providerId);
    await configured();
    const readBack = await provider.flowOf(providerId);
    return readBack === 'unknown' ? answered : readBack;
  }
}

/** Whether the provider refuses the account (no balance, a wrong key) rather than this request. */
export function isOfAccount({ status }: ProviderRefused): boolean {
  return status === 401 || status === 402 || status === 403 || status < 400;
}
