import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { OrderViewsService } from '../../orders/views/order-views.service.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { recordingOf } from '../../phone-number/sealed-place.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import type { Principal } from '../../platform/http/authentication/principal.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { Interaction, KnownInteraction } from '../decisions/interaction.entity.js';
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
    const { id: orderId, status } = await this.orders.byReference(reference);
    const call = await this.dataSource.manager.findOneBy<Interaction>(
      status === 'ended' ? KnownInteraction : Interaction,
      {
        orderId,
        provider: providerName as ProviderName,
        providerCallId,
      },
    );
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
      this.logger.warn({ err, provider, callId: providerCallId, orderId }, 'recording not had');
      throw new RecordingUnavailable(provider, err.message);
    }
  }
}
