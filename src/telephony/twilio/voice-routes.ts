import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { REFUSE_REASONS } from '../call-decision.js';
import { CallRoutingService } from '../call-routing.service.js';
import { InteractionsService } from '../interactions.service.js';
import { TwilioConfig } from './twilio-config.js';
import type { TwilioForm } from './twilio-form.js';
import { TwilioHooks } from './twilio-hooks.js';
import { hangup, refusal, voiceReply, whisper } from './voice-reply.js';
import { endedCallIn, parseDialResult, parseLegEvent, parseVoice, type CallNews } from './voice-requests.js';

/**
 * What Twilio asks and tells within a call. A number's fallback URL is its voice URL: whoever asks again, whatever became
 * of the first answer, is told the same, because a call is decided once.
 */
@Injectable()
export class TwilioVoiceRoutes implements OnModuleInit {
  constructor(
    private readonly hooks: TwilioHooks,
    private readonly config: TwilioConfig,
    private readonly routing: CallRoutingService,
    private readonly interactions: InteractionsService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(TwilioVoiceRoutes.name);
  }

  onModuleInit(): void {
    this.hooks.serve('voice', (form) => this.connect(form));
    this.hooks.serve('voice/whisper', async () => whisper(this.config.whisper));
    this.hooks.serve('voice/dial-result', async (form) => {
      await this.note(parseDialResult(form));
      return hangup();
    });
    this.hooks.serve('voice/status', async (form) => {
      const ended = endedCallIn(form);
      await this.note(ended === null ? parseLegEvent(form) : await this.endOfRefused(ended));
      return null;
    });
  }

  private async connect(form: TwilioForm): Promise<string> {
    const call = parseVoice(form, 'voice');
    return call === null
      ? refusal('STALE_STATE', this.config)
      : voiceReply(await this.routing.route(call), this.config);
  }

  /** A refused call has no `<Dial>`, so only the end of the caller's leg tells that it is over. */
  private async endOfRefused(providerCallId: string): Promise<CallNews | null> {
    const reason = await this.routing.reasonOf('twilio', providerCallId);
    if (!REFUSE_REASONS.some((refused) => refused === reason)) return null;
    return { providerCallId, report: { state: 'ended', outcome: 'not-dialled', talkSeconds: 0 } };
  }

  /** A call's end is told twice, by the end of its `<Dial>` and by its leg, so one that cannot be stored is not lost yet. */
  private async note(news: CallNews | null): Promise<void> {
    if (news === null) return;
    const { providerCallId, report } = news;
    await this.interactions.report('twilio', providerCallId, report).catch((err: unknown) => {
      this.logger.error({ err, callId: providerCallId }, 'end of a call not recorded');
    });
  }
}
