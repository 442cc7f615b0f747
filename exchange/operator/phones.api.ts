import type { FastifyInstance } from 'fastify';

import type { ManualCall } from '../network/manual-call.js';
import { OperatorMistake } from '../network/operator-input.js';
import { queryText } from '../network/provider-door.js';
import type { Phones, PhonesView } from './phones.js';

/** Below the time after which proxies and browsers give up. */
const LONGEST_WAIT_MS = 15_000;

type OfCall = { Params: { callSid: string } };

/** Operator endpoints for people who hold the simulated phones: what they show, answering, declining, hanging up. */
export function servePhones(operator: FastifyInstance, phones: Phones): void {
  operator.get('/exchange/phones', async (request): Promise<PhonesView> => {
    return phones.show(versionIn(queryText(request, 'after')), LONGEST_WAIT_MS);
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
