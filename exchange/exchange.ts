import { createHash } from 'node:crypto';

import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';

import { parseE164, type E164 } from '../src/phone-number/e164.js';
import { CallLog } from './network/call-log.js';
import { Callbacks } from './network/callbacks.js';
import { serveCalls } from './exotel/calls.api.js';
import { ClickToCall } from './exotel/click-to-call.js';
import { serveExoPhones } from './exotel/exophones.api.js';
import { Faults } from './network/faults.js';
import type { Flow } from './exotel/flow.js';
import { Flows } from './exotel/flows.js';
import { Inventory } from './network/inventory.js';
import { nationalForm } from './network/number-spelling.js';
import { serveOperator } from './operator/operator.api.js';
import { OperatorMistake } from './network/operator-input.js';
import { People } from './phones/people.js';
import { Phones } from './phones/phones.js';
import { servePhones } from './operator/phones.api.js';
import { servePlacedCalls } from './operator/place-call.api.js';
import { servePlacedTexts } from './operator/place-text.api.js';
import { recordingSidOf, serveRecordings, serveTwilioRecordings } from './exotel/recordings.api.js';
import { exotelError, openProviderDoor, type Account } from './network/provider-door.js';
import { RequestCounts } from './network/request-counts.js';
import { serveTwilioCalls } from './twilio/calls.api.js';
import { numberSidOf, serveTwilioNumbers } from './twilio/numbers.api.js';
import { twilioError } from './twilio/errors.js';
import { TextMessages } from './twilio/text-messages.js';
import { VoiceCalls } from './twilio/voice-calls.js';
import { TwilioWebhooks, type TwilioAccount } from './twilio/webhooks.js';
import { serveSms } from './exotel/sms.api.js';
import { SmsSending } from './exotel/sms-sending.js';
import { TextLog } from './network/text-log.js';

export interface ExchangeOptions {
  /** 0 = any free port. */
  port: number;
  /** Default: 127.0.0.1. */
  host?: string;
  /**
   * Stores the account's numbers, and in `<stateFile>.calls` the ends of calls; Twilio's account in
   * `<stateFile>.twilio` and so on. All of them are safe against a kill at any time. Without it the exchange forgets
   * everything when it closes.
   */
  stateFile?: string;
  account: Account;
  /** The Twilio account: it owns Twilio's numbers, and its token signs requests to the app. */
  twilio?: TwilioAccount;
  /** The flow that voice URLs name, and the base URL of the app's callbacks: `…/hooks/exotel/<secret>`. */
  flow: Flow;
  /** Numbers that the account owns at the start, in E.164, without a flow. */
  owned?: string[];
}

export interface RunningExchange {
  url: string;
  close(): Promise<void>;
}

/**
 * Starts an exchange: an HTTP server that behaves like Exotel and Twilio.
 *
 * @throws the server's own error if it cannot listen, with code EADDRINUSE if the port is taken
 */
export async function startExchange(options: ExchangeOptions): Promise<RunningExchange> {
  const { account, host = '127.0.0.1' } = options;
  const twilioAccount = options.twilio ?? { sid: `AC${'0'.repeat(32)}`, authToken: account.apiToken };
  const twilioState = options.stateFile === undefined ? undefined : `${options.stateFile}.twilio`;
  const inventory: Inventory = new Inventory(options.stateFile, exoPhoneSid, (number) =>
    twilioInventory.wasHere(number),
  );
  const twilioInventory = new Inventory(twilioState, numberSidOf, (number) => inventory.wasHere(number));
  const calls = new CallLog(options.stateFile);
  const twilioCalls = new CallLog(twilioState);
  const [flows, faults, requests] = [new Flows(), new Faults(), new RequestCounts()];
  const [people, callbacks] = [new People(), new Callbacks()];
  let url = ''; // until the server listens, and a call can be recorded
  const recordingUrl = (callSid: string) => `${url}/recordings/${account.sid}/${callSid}.mp3`;
  const phones = new Phones();
  const clickToCall = new ClickToCall(inventory, people, calls, callbacks, () => flows.hooks(), recordingUrl, phones);
  const webhooks = new TwilioWebhooks(callbacks, twilioAccount);
  const twilioRecordingUrl = (callSid: string) =>
    `${url}/2010-04-01/Accounts/${twilioAccount.sid}/Recordings/${recordingSidOf(callSid)}`;
  const voiceCalls = new VoiceCalls(twilioInventory, people, twilioCalls, calls, webhooks, twilioRecordingUrl, phones);
  const texts = new TextLog((text) => phones.receive(text));
  const textMessages = new TextMessages(twilioInventory, people, texts, webhooks);
  const smsSending = new SmsSending(inventory, people, texts, callbacks);
  flows.put(options.flow);
  await inventory.load((options.owned ?? []).map(ownedNumber));
  await twilioInventory.load([]);
  await calls.load();
  await twilioCalls.load();

  const server = Fastify({ forceCloseConnections: true, logger: false, routerOptions: { maxParamLength: 200 } });
  await server.register(async (provider) => {
    openProviderDoor(provider, 'exotel', account, { faults, requests }, exotelError);
    serveExoPhones(provider, inventory);
    serveCalls(provider, account.sid, calls, clickToCall);
    serveRecordings(provider, calls);
    serveSms(provider, account.sid, smsSending);
  });
  await server.register(async (provider) => {
    const { sid, authToken } = twilioAccount;
    const twilio = { sid, apiKey: sid, apiToken: authToken };
    openProviderDoor(provider, 'twilio', twilio, { faults, requests }, twilioError);
    serveTwilioNumbers(provider, sid, twilioInventory);
    serveTwilioCalls(provider, sid, twilioCalls, voiceCalls);
    serveTwilioRecordings(provider, sid, twilioCalls);
  });
  await server.register(async (operator) => {
    openOperatorDoor(operator);
    const inventories = { inventory, twilioInventory };
    serveOperator(operator, { ...inventories, flows, faults, requests, people, calls, accountSid: account.sid });
    const exchange = { inventory, flows, people, calls, callbacks, accountSid: account.sid };
    servePlacedCalls(operator, { ...exchange, recordingUrl, voiceCalls, phones });
    servePlacedTexts(operator, { inventory, flows, texts, callbacks, textMessages, phones });
    servePhones(operator, phones);
  });
  server.setNotFoundHandler(async (_request, reply) => {
    await reply.status(404).send({ RestException: { Status: 404, Message: 'No such resource' } });
  });

  try {
    url = await server.listen({ port: options.port, host });
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }

  async function close(): Promise<void> {
    callbacks.close();
    await phones.close();
    await server.close();
    await Promise.all([clickToCall.settled(), voiceCalls.settled(), smsSending.settled()]);
  }
}

/** The operator needs no password, so requests must come from the same machine. */
function openOperatorDoor(operator: FastifyInstance): void {
  operator.addHook('onRequest', async (request, reply) => {
    if (isLoopback(request.raw.socket.remoteAddress ?? '')) return;
    await reply.status(403).send({ error: 'The operator of the exchange must be on its own machine.' });
  });
  operator.setErrorHandler(async (error: FastifyError | OperatorMistake, _request, reply) => {
    const mistake = error instanceof OperatorMistake ? error.status : (error.statusCode ?? 500);
    const status = mistake >= 500 || error instanceof OperatorMistake ? mistake : 400;
    await reply.status(status).send({ error: error.message });
  });
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function exoPhoneSid(number: E164, country: string): string {
  return country === 'IN' ? nationalForm(number) : createHash('md5').update(number).digest('hex');
}

function ownedNumber(text: string) {
  const number = parseE164(text);
  if (!number) throw new Error(`The exchange cannot own ${text}: it is not E.164.`);
  return number;
}
