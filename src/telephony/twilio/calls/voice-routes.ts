import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { countryOf } from '../../../phone-number/e164.js';
import { DatabaseOutages } from '../../../platform/database/database-outages.js';
import { PoolsService } from '../../../virtual-numbers/pools/pools.service.js';
import type { InboundCall } from '../../calls/call-decision.js';
import { Greetings } from '../../greetings/greetings.js';
import { CallRoutingService } from '../../calls/call-routing.service.js';
import { InteractionsService, type CallingParticipant } from '../../interactions/interactions.service.js';
import { TRIES_A_CALL } from '../../calls/pin-guesses.service.js';
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

/** The decision may have taken three seconds of the 4.5 that Twilio waits for. */
const WORDS_WITHIN_MS = 1_000;

/**
 * What Twilio asks and tells within a call. A number's fallback URL is its voice URL: whoever asks again, whatever became
 * of the first answer, is told the same, because a call is decided once.
 */
@Injectable()
export class TwilioVoiceRoutes implements OnModuleInit {
  constructor(
    private readonly hooks: TwilioCallbackAccess,
    private readonly config: TwilioConfig,
    private readonly greetings: Greetings,
    private readonly routing: CallRoutingService,
    private readonly interactions: InteractionsService,
    private readonly pools: PoolsService,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(TwilioVoiceRoutes.name);
  }

  onModuleInit(): void {
    this.hooks.serve('voice', (form) => this.answer(form, 0));
    for (let attempt = 1; attempt <= TRIES_A_CALL; attempt += 1) {
      this.hooks.serve(`voice/pin/${attempt}`, (form) => this.answer(form, attempt));
    }
    this.hooks.serve('voice/whisper', async (form) => whisper(this.config.whisper, await this.callerOf(form)));
    this.hooks.serve('voice/dial-result', async (form) => {
      await this.note(parseDialResult(form));
      return hangup();
    });
    this.hooks.serve('voice/recording', async (form) => {
      await this.note(parseRecording(form));
      return null;
    });
    this.hooks.serve('voice/status', async (form) => {
      const ended = endedCallIn(form);
      const news = ended === null ? parseLegEvent(form) : (parseUntaken(form) ?? (await this.endOfRefused(ended)));
      await this.note(news);
      return null;
    });
  }

  /** @param attempt which try at a PIN this is; 0 = nothing was asked yet */
  private async answer(form: TwilioForm, attempt: number): Promise<string> {
    const call = parseVoice(form, attempt === 0 ? 'voice' : `pin ${attempt}`, attempt > 0);
    if (call === null) {
      this.hooks.refuse('voice', 'call-id');
      return refusal('STALE_STATE', this.greetings, ANYBODY);
    }
    const routed = await this.routing.route(call);
    const listener = isSpoken(routed) ? await this.listenerOf(call) : ANYBODY;
    return voiceReply(routed, { config: this.config, greetings: this.greetings }, attempt + 1, listener);
  }

  /** In doubt, the words are English. */
  private async listenerOf(call: InboundCall): Promise<Listener> {
    const country = call.dialled[0] && countryOf(call.dialled[0]);
    const language = await this.inNoTime(call.providerCallId, this.languageOf(call));
    return { language: language ?? ANYBODY.language, country };
  }

  /** From which side of which order the callee is called, whose leg's parent is our call; looked up where it is to be said. */
  private async callerOf(form: TwilioForm): Promise<CallingParticipant | null> {
    const callId = sidIn(form, 'ParentCallSid');
    if (callId === null || !namesOrder(this.config.whisper ?? '')) return null;
    return this.inNoTime(callId, this.interactions.callerOf('twilio', callId));
  }

  /** What only makes an answer better: where it fails or takes its time, null. Never rejects. */
  private async inNoTime<Found>(callId: string, looking: Promise<Found>): Promise<Found | null> {
    const found = looking.catch((err: unknown) => {
      this.outages.failed(this.logger, { err, callId }, 'words of a call not looked up');
      return null;
    });
    return Promise.race([found, sleep(WORDS_WITHIN_MS, null, { ref: false })]);
  }

  private async languageOf({ dialled }: InboundCall): Promise<string | null> {
    for (const number of dialled) {
      const language = await this.pools.languageOf(number);
      if (language !== null) return language;
    }
    return null;
  }

  /** A refused call has no `<Dial>`, so only the end of the caller's leg tells that it is over. */
  private async endOfRefused(providerCallId: string): Promise<CallNews | null> {
    const last = await this.routing.lastDecision('twilio', providerCallId);
    if (last === null || last.decision === 'connect') return null;
    return { providerCallId, report: { state: 'ended', outcome: 'not-dialled', talkSeconds: 0 } };
  }

  /** A call's end is told twice, by the end of its `<Dial>` and by its leg, so one that cannot be stored is not lost yet. */
  private async note(news: CallNews | null): Promise<void> {
    if (news === null) return;
    const { providerCallId, report } = news;
    await this.interactions.report('twilio', providerCallId, report).catch((err: unknown) => {
      this.outages.failed(this.logger, { err, callId: providerCallId }, 'news of a call not recorded');
    });
  }
}
