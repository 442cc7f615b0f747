import { randomBytes, randomInt } from 'node:crypto';

import type { E164 } from '../../src/phone-number/e164.js';
import type { InboundCall } from '../../src/telephony/calls/inbound-call.js';
import { CallRoutingService, type RoutedCall } from '../../src/telephony/calls/call-routing.service.js';
import type { NewPool } from '../../src/virtual-numbers/pools/pools.service.js';
import { aPhone, numbers, type Answer, type TestApp } from '../support/app.js';

export interface OrderOfTwo {
  readonly pool: string;
  readonly reference: string;
  readonly customer: string;
  readonly agent: string;
  /** The number the customer dials, and the agent sees when the customer… is rung; and the other way round. */
  readonly customerDials: string;
  readonly agentDials: string;
}

/** An active order between two people, in a pool of its own or in the one named. */
export async function anOrder(
  maskline: TestApp,
  { pool, owned = numbers(4), ...policy }: Partial<NewPool> & { pool?: string; owned?: string[] } = {},
): Promise<OrderOfTwo> {
  const name = pool ?? (await maskline.pool(policy, owned));
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `order-${randomBytes(4).toString('hex')}`;
  const order = await maskline.order(reference, customer, agent, { pool: name });
  return { pool: name, reference, customer, agent, customerDials: order.customer.dials, agentDials: order.agent.dials };
}

export const aCallId = (): string => randomBytes(16).toString('hex');

/** Calls as any provider would bring them. */
export function caller(maskline: TestApp) {
  return async (
    from: string | null,
    to: string,
    more: Partial<Pick<InboundCall, 'providerCallId' | 'step' | 'digits'>> = {},
  ): Promise<RoutedCall> =>
    maskline.get(CallRoutingService).route({
      provider: 'exotel',
      providerCallId: aCallId(),
      step: 'connect',
      digits: null,
      ...more,
      dialled: [to as E164],
      caller: from as E164 | null,
    });
}

/** The requests about a participant of an order. @param to names one of their links */
export function participant(maskline: TestApp, reference: string, role: string, to?: string) {
  const path = `/v1/orders/${reference}/participants/${role}`;
  const link = to === undefined ? '' : `?to=${to}`;
  return {
    phones: () => maskline.api('GET', `${path}/phones`),
    declare: (phone: string) => maskline.api('POST', `${path}/phones`, { phone }),
    withdraw: (id: string) => maskline.api('DELETE', `${path}/phones/${id}`),
    correct: (phone: string) => maskline.api('PATCH', path, { phone }),
    askPin: () => maskline.api('GET', `${path}/pin${link}`),
    pin: async (): Promise<string> => (await maskline.api('GET', `${path}/pin${link}`)).body.pin,
    block: () => maskline.api('POST', `${path}/block${link}`),
    unblock: () => maskline.api('DELETE', `${path}/block${link}`),
  };
}

/** A PIN that is none of these. */
export function wrongPin(...pins: readonly string[]): string {
  for (;;) {
    const pin = String(randomInt(10 ** 10)).padStart(10, '0');
    if (!pins.includes(pin)) return pin;
  }
}

export const problem = (answer: Answer): string => `${answer.status} ${answer.body.type}`;

/** Exotel's Connect with a caller in any spelling. @returns whom it rings, and the reason that is recorded */
export async function connect(
  maskline: TestApp,
  from: string,
  to: string,
  callSid = aCallId(),
): Promise<{ rings: string[]; reason: string }> {
  const query = { CallSid: callSid, CallFrom: from, From: from, CallTo: to, To: to, Direction: 'incoming' };
  const { status, body } = await maskline.exotel('GET', 'connect', query);
  expect(status).toBe(200);
  const [row] = await maskline.dataSource.query('SELECT reason FROM interactions WHERE provider_call_id = $1', [
    callSid,
  ]);
  return { rings: body.destination.numbers, reason: row?.reason };
}
