import type { FastifyInstance } from 'fastify';

import { parseE164 } from '../../src/phone-number/e164.js';
import type { CallLog } from '../network/call-log.js';
import { pathWithoutSecret } from '../network/callbacks.js';
import type { Fault, Faults } from '../network/faults.js';
import type { Flow } from '../exotel/flow.js';
import type { Flows } from '../exotel/flows.js';
import type { Inventory } from '../network/inventory.js';
import { OperatorInput, OperatorMistake } from '../network/operator-input.js';
import { ANSWERING_HABITS, TEXTING_HABITS, type People } from '../phones/people.js';
import { readFaults } from './read-faults.js';
import type { RequestCounts } from '../network/request-counts.js';

interface Exchange {
  inventory: Inventory;
  twilioInventory: Inventory;
  flows: Flows;
  faults: Faults;
  requests: RequestCounts;
  people: People;
  calls: CallLog;
  accountSid: string;
}

/** Operator endpoints of the exchange: its numbers, the flow's URLs, people's habits, and faults. */
export function serveOperator(operator: FastifyInstance, exchange: Exchange): void {
  const { inventory, twilioInventory, flows, faults, requests, people, calls, accountSid } = exchange;

  operator.get('/exchange', () => ({
    name: 'exchange',
    provider: 'exotel',
    account: accountSid,
    numbersOwned: inventory.all().length + twilioInventory.all().length,
    callsPlaced: calls.placed,
  }));

  operator.get('/exchange/numbers', () => ({
    numbers: [...inventory.all(), ...twilioInventory.all()].map((number) => ({
      sid: number.sid,
      phone_number: number.number,
      friendly_name: number.friendlyName,
      voice_url: number.voiceUrl,
      sms_url: number.smsUrl,
      country: number.country,
      region: number.region,
      rental_price: number.rentalPrice,
      currency: number.currency,
    })),
    spent: sum(inventory.spending(), twilioInventory.spending()),
  }));

  operator.put<{ Params: { id: string } }>('/exchange/flows/:id', (request) => {
    const input = new OperatorInput(request.body, ['hooks', 'fallbackHooks']);
    const flow: Flow = { id: request.params.id, hooks: input.httpUrl('hooks') };
    if (input.has('fallbackHooks')) flow.fallbackHooks = input.httpUrl('fallbackHooks');
    flows.put(flow);
    return {
      id: flow.id,
      hooks: shown(flow.hooks),
      fallbackHooks: flow.fallbackHooks ? shown(flow.fallbackHooks) : null,
    };
  });

  operator.put<{ Params: { number: string } }>('/exchange/people/:number', (request) => {
    const number = parseE164(request.params.number);
    if (!number) throw new OperatorMistake('The number in the path must be in E.164, as in +919000000001.');
    const input = new OperatorInput(request.body, ['whenRung', 'whenTexted']);
    if (input.has('whenTexted')) people.tellTexting(number, input.oneOf('whenTexted', TEXTING_HABITS));
    if (input.has('whenRung') || !input.has('whenTexted')) {
      people.tell(number, input.oneOf('whenRung', ANSWERING_HABITS));
    }
    return { number, whenRung: people.whenRung(number), whenTexted: people.whenTexted(number) };
  });

  operator.get('/exchange/requests', () => requests.all());

  operator.get('/exchange/faults', () => shownFaults(faults));
  operator.put('/exchange/faults', (request) => {
    faults.set(readFaults(request.body));
    return shownFaults(faults);
  });
  operator.delete('/exchange/faults', () => {
    faults.set([]);
    return shownFaults(faults);
  });
}

function sum(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const currencies = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(currencies.map((currency) => [currency, (one[currency] ?? 0) + (other[currency] ?? 0)]));
}

function shown(hooks: string): string {
  const url = new URL(hooks);
  return url.origin + pathWithoutSecret(url, [hooks]);
}

/** The faults as they were set, with the remaining number of times. */
function shownFaults(faults: Faults) {
  return faults.all().map((fault: Fault) => {
    if (fault.kind !== 'status') return fault;
    const { retryAfterSeconds, ...rest } = fault;
    return { ...rest, retryAfter: retryAfterSeconds };
  });
}
