import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { OrderViewsService } from '../../orders/views/order-views.service.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { recordingOf } from '../../phone-number/sealed-place.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { sharedPool } from '../../platform/database/statement.js';
import type { Principal } from '../../platform/http/authentication/principal.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { callOfOrder } from '../decisions/calls-of-order.queries.js';
import { download, NoAudio, type Audio } from './download.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { CallNotFound, NoRecording, RecordingUnavailable } from './recordings.problems.js';

/**
 * Lets clients listen to recordings. The provider's link opens a recording without a password, so it is never returned.
 */
@Injectable()
export class RecordingsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly orders: OrderViewsService,
    private readonly providers: ProviderRegistry,
    private readonly vault: PhoneVault,
    private readonly audit: AuditService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(RecordingsService.name);
  }

  /**
   * Starts to download the recording of an order's call. An audit entry is written before the provider is asked.
   *
   * @throws OrderNotFound, CallNotFound, NoRecording, RecordingUnavailable
   */
  async open(by: Principal, reference: string, providerName: string, providerCallId: string): Promise<Audio> {
    const order = await this.orders.byReference(reference);
    const key = { provider: providerName as ProviderName, providerCallId };
    const call = await callOfOrder(sharedPool(this.dataSource), order, key);
    if (call === null) throw new CallNotFound(reference);
    if (!call.recording) throw new NoRecording(reference);
    const { provider } = call;
    await this.audit.record(by, { what: 'interactions.recording', about: `${provider} ${providerCallId}` });
    const source = this.providers.find(provider)?.recordings;
    if (!source) throw new RecordingUnavailable(provider, 'there is no longer an account with it');
    try {
      const audio = await download(source, this.vault.openText(call.recording, recordingOf(provider, providerCallId)));
      audio.stream.once('error', (err) =>
        this.logger.warn({ err, provider, callId: providerCallId }, 'recording broken off'),
      );
      return audio;
    } catch (err) {
      if (!(err instanceof NoAudio)) throw err;
      this.logger.warn({ err, provider, callId: providerCallId, orderId: order.id }, 'recording not had');
      throw new RecordingUnavailable(provider, err.message);
    }
  }
}
