import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { ProviderRefused, type NumberFlow, type NumberProvider } from '../../telephony/providers/number-provider.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { advance } from './purchases.queries.js';

/** Points numbers at us and reads back that it took: only then can they be dialled. */
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
   * Makes a provisioning number available, once the provider says that its calls reach us. What was done already is not
   * done again. A number that the provider will not point at us stays as it is.
   *
   * @returns whether it is available now
   * @throws ProviderUnavailable; ProviderRefused when it is our account that is refused
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

  /** @returns where its calls go now, by what was read back */
  async pointAtUs(
    provider: NumberProvider,
    providerId: string,
    configured: () => Promise<void> = async () => undefined,
  ): Promise<NumberFlow> {
    const before = await provider.flowOf(providerId);
    if (before === 'ours') {
      await configured(); // by the purchase itself
      return before;
    }
    const answered = await provider.configure(providerId);
    await configured();
    const readBack = await provider.flowOf(providerId);
    return readBack === 'unknown' ? answered : readBack;
  }
}

/** Refused for what we are, not for what we asked: no balance, a wrong key. */
export function isOfAccount({ status }: ProviderRefused): boolean {
  return status === 401 || status === 402 || status === 403 || status < 400;
}
