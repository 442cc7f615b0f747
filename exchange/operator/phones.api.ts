import type { FastifyInstance } from 'fastify';

import { parseE164 } from '../../src/phone-number/e164.js';
import { OperatorInput, OperatorMistake } from '../network/operator-input.js';
import { queryText } from '../network/provider-door.js';
import type { ManualCall } from '../phones/manual-call.js';
import type { Phones, PhonesView } from '../phones/phones.js';

/** Below the time after which proxies and browsers give up. */
const LONGEST_WAIT_MS = 15_000;

type OfCall = { Params: { callSid: string } };

/** Operator endpoints for people who hold the simulated phones: what they show, answering, declining, keying, hanging up. */
export function servePhones(operator: FastifyInstance, phones: Phones): void {
  operator.get('/exchange/phones', async (request): Promise<PhonesView> => {
    return phones.show(versionIn(queryText(request, 'after')), LONGEST_WAIT_MS);
  });

  operator.put('/exchange/phones', async (request): Promise<PhonesView> => {
    const held = new OperatorInput(request.body, ['held']).texts('held', /^\+\d+$/, 'a list of phones in E.164');
    phones.hold(held.flatMap((phone) => parseE164(phone) ?? []));
    return phones.show(null, 0);
  });

  operator.delete('/exchange/phones', async (): Promise<PhonesView> => {
    phones.clear();
    return phones.show(null, 0);
  });

  operator.post<OfCall>('/exchange/calls/:callSid/answer', ({ params }) =>
    act(params.callSid, (call) => call.answer(), 'is not ringing, so it cannot be answered'),
  );
  operator.post<OfCall>('/exchange/calls/:callSid/decline', ({ params }) =>
    act(params.callSid, (call) => call.decline(), 'is not ringing, so it cannot be declined'),
  );
  operator.post<OfCall>('/exchange/calls/:callSid/hang-up', ({ params }) =>
    act(params.callSid, (call) => call.hangUp(), 'has ended already'),
  );
  operator.post<OfCall>('/exchange/calls/:callSid/keys', ({ params, body }) => {
    const keys = new OperatorInput(body, ['keys']).text('keys', /^[\d*#]{1,32}$/, '1 to 32 of 0-9, * and #');
    return act(params.callSid, (call) => call.key(keys), 'has ended already');
  });

  function act(callSid: string, what: (call: ManualCall) => boolean, otherwise: string) {
    const call = phones.find(callSid);
    if (!what(call)) throw new OperatorMistake(`The call ${otherwise}.`, 409);
    return call.view();
  }
}

function versionIn(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw new OperatorMistake('"after" must be the version of an earlier answer.');
  return Number(text);
}
