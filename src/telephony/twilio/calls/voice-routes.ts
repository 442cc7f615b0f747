import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { withDeadline } from '../../../platform/clock/deadline.js';
import { countryOf } from '../../../phone-number/e164.js';
import { DatabaseOutages } from '../../../platform/database/database-outages.js';
import { PoolsService } from '../../../virtual-numbers/pools/pools.service.js';
import type { InboundCall } from '../../calls/inbound-call.js';
import { Greetings } from '../../greetings/greetings.js';
import { PromptDatabase } from '../../decisions/prompt-database.js';
import { CallRoutingService } from '../../calls/call-routing.service.js';
import { InteractionsService, type CallingParticipant } from '../../interactions/interactions.service.js';
import { TRIES_A_CALL } from '../../calls/pin-check.service.js';
import { TwilioConfig } from '../twilio-config.js';
import { sidIn, type TwilioForm } from '../twilio-form.js';
import { TwilioCallbackAccess } from '../twilio-callback-access.js';
import { ANYBODY, hangup, isSpoken, namesOrder, refusal, voiceReply, whisper, type Listener } from './voice-reply.js';
import {
  endedCallIn,
  parseDialResult,
  parseLegEvent,
  parseRecording,
  parseUntaken,
  parseVoice,
  type CallNews,
} from './voice-requests.js';

/** The decision may already have taken three of the 4.5 seconds that Twilio waits. */
const WORDS_WITHIN_MS = 1_000;

/**
 * Twilio's callbacks during a call. A number's fallback URL is its voice URL: a repeated request gets the same answer,
 * because a call is decided once.
 */
@Injectable()
export class TwilioVoiceRoutes implements OnModuleInit {
  constructor(
    private readonly access: TwilioCallbackAccess,
    private readonly config: TwilioConfig,
    private readonly greetings: Greetings,
    private readonly routing: CallRoutingService,
    private readonly interactions: InteractionsService,
    private readonly pools: PoolsService,
    private readonly database: PromptDatabase,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(TwilioVoiceRoutes.name);
  }

  onModuleInit(): void {
    this.access.serve('voice', (form) => this.answer(form, 0));
    for (let attempt = 1; attempt <= TRIES_A_CALL; attempt += 1) {
      this.access.serve(`voice/pin/${attempt}`, (form) => this.answer(form, attempt));
    }
    this.access.serve('voice/whisper', async (form) => whisper(this.config.whisper, await this.callerOf(form)));
    this.access.serve('voice/dial-result', async (form) => {
      await this.note(parseDialResult(form));
      return hangup();
    });
    this.access.serve('voice/recording', async (form) => {
      await this.note(parseRecording(form));
      return null;
    });
    this.access.serve('voice/status', async (form) => {
      const ended = endedCallIn(form);
      const news = ended === null ? parseLegEvent(form) : (parseUntaken(form) ?? (await this.endOfRefused(ended)));
      await this.note(news);
      return null;
    });
  }

  /** @param attempt number of the try at a PIN; 0 = not asked yet */
  private async answer(form: TwilioForm, attempt: number): Promise<string> {
    const call = parseVoice(form, attempt === 0 ? 'voice' : `pin ${attempt}`, attempt > 0);
    if (call === null) {
      this.access.refuse('voice', 'call-id');
      return refusal('STALE_STATE', this.greetings, ANYBODY);
    }
    const routed = await this.routing.route(call);
    const listener = isSpoken(routed) ? await this.listenerOf(call) : ANYBODY;
    return voiceReply(routed, { config: this.config, greetings: this.greetings }, attempt + 1, listener);
  }

  /** If it is unknown, the words are English. */
  private async listenerOf(call: InboundCall): Promise<Listener> {
    const country = call.dialled[0] && countryOf(call.dialled[0]);
    const asking = this.database.ask(async () => ({ language: await this.languageOf(call) }));
    const found = await this.inNoTime(call.providerCallId, asking);
    return { language: found?.language ?? ANYBODY.language, country };
  }

  /**
   * The caller's order and role, for the callee's leg, whose parent is our call; looked up only if the whisper needs
   * it.
   */
  private async callerOf(form: TwilioForm): Promise<CallingParticipant | null> {
    const callId = sidIn(form, 'ParentCallSid');
    if (callId === null || !namesOrder(this.config.whisper ?? '')) return null;
    return this.inNoTime(callId, this.interactions.callerOf('twilio', callId));
  }

  /** Looks up something that only improves an answer; null after a failure or a delay. Never rejects. */
  private async inNoTime<Found>(callId: string, looking: Promise<Found>): Promise<Found | null> {
    const found = looking.catch((err: unknown) => {
      this.outages.failed(this.logger, { err, callId }, 'words of a call not looked up');
      return null;
    });
    return withDeadline(WORDS_WITHIN_MS, found, () => null);
  }

  private async languageOf({ dialled }: InboundCall): Promise<string | null> {
    for (const number of dialled) {
      const language = await this.pools.languageOf(number);
      if (language !== null) return language;
    }
    return null;
  }

  /** A refused call has no `<Dial>`, so only the end of the caller's leg shows that it is over. */
  private async endOfRefused(providerCallId: string): Promise<CallNews | null> {
    const last = await this.routing.lastDecision('twilio', providerCallId);
    if (last === null || last.decision === 'connect') return null;
    return { providerCallId, report: { state: 'ended', outcome: 'not-dialled', talkSeconds: 0 } };
  }

  /** A call's end is reported twice, by its `<Dial>` and by its leg, so one report may be lost. */
  private async note(news: CallNews | null): Promise<void> {
    if (news === null) return;
    const { providerCallId, report } = news;
    await this.interactions.report('twilio', providerCallId, report).catch((err: unknown) => {
      this.outages.failed(this.logger, { err, callId: providerCallId }, 'news of a call not recorded');
    });
  }
}
