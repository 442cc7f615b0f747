import { randomBytes } from 'node:crypto';

import fc from 'fast-check';

import { OUTCOMES, type CallReport } from '../../../src/telephony/providers/call-report.js';
import { InteractionsService } from '../../../src/telephony/interactions/interactions.service.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';

let maskline: TestApp;
let interactions: InteractionsService;
beforeAll(async () => {
  maskline = await TestApp.start();
  interactions = maskline.get(InteractionsService);
});
afterAll(() => maskline.stop());

async function anOrder() {
  const pool = await maskline.pool({}, numbers(2));
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `order-${randomBytes(4).toString('hex')}`;
  const order = await maskline.order(reference, customer, agent, { pool });
  return { reference, customer, agent, customerDials: order.customer.dials as string, agentDials: order.agent.dials };
}

const ofOrder = async (reference: string, query = '') =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions${query}`)).body;

describe('what a provider reports of a call', () => {
  const aReport: fc.Arbitrary<CallReport> = fc.oneof(
    fc.record({ state: fc.constantFrom('ringing' as const, 'answered' as const) }),
    fc.record({
      state: fc.constant('ended' as const),
      outcome: fc.constantFrom(...OUTCOMES),
      sequence: fc.option(fc.nat(4)),
      talkSeconds: fc.option(fc.nat(3)),
      ringSeconds: fc.option(fc.nat(3)),
      hungUpBy: fc.constantFrom('caller' as const, 'callee' as const, null),
    }),
  );

  const rowAfter = async (reports: readonly { report: CallReport; minute: number }[]) => {
    const id = randomBytes(16).toString('hex');
    const began = maskline.clock.now();
    for (const { report, minute } of reports) {
      maskline.clock.push({ seconds: (began.getTime() - maskline.clock.now().getTime()) / 1000, minutes: minute });
      await interactions.report('exotel', id, report);
    }
    maskline.clock.push({ seconds: (began.getTime() - maskline.clock.now().getTime()) / 1000 });
    const [row] = await maskline.dataSource.query('SELECT * FROM interactions WHERE provider_call_id = $1', [id]);
    const told: Record<string, unknown> = { ...row };
    delete told['provider_call_id'];
    delete told['ordinal'];
    return told;
  };

  it('comes to the same row in whichever order and however often it is told', async () => {
    const told = fc.array(fc.record({ report: aReport, minute: fc.nat(3) }), { minLength: 1, maxLength: 6 });
    const toldOtherwise = told.chain((reports) =>
      fc.tuple(
        fc.constant(reports),
        fc
          .array(fc.nat(reports.length - 1), { maxLength: 4 })
          .chain((again) =>
            fc.shuffledSubarray(
              [...reports, ...again.map((index) => reports[index]!)],
              shuffled(reports.length + again.length),
            ),
          ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(toldOtherwise, async ([reports, otherwise]) => {
        expect(await rowAfter(otherwise)).toEqual(await rowAfter(reports));
      }),
      { numRuns: 150 },
    );
  });
  const shuffled = (length: number) => ({ minLength: length, maxLength: length });

  it('never goes back: not from an end to ringing, nor from talk to no answer', async () => {
    const end: CallReport = { state: 'ended', outcome: 'completed', talkSeconds: 61, hungUpBy: 'callee', sequence: 3 };
    const row = await rowAfter([
      { report: { state: 'answered' }, minute: 1 },
      { report: end, minute: 2 },
      { report: { state: 'ringing' }, minute: 3 },
      { report: { state: 'ended', outcome: 'no-answer', talkSeconds: 0, sequence: 9 }, minute: 4 },
    ]);
    expect(row).toMatchObject({ progress: 'answered', outcome: 'completed', talk_seconds: 61, hung_up_by: 'callee' });
  });

  it('of two alike the later by the provider’s own count stands, whichever comes first', async () => {
    const [older, newer] = [1, 2].map((sequence): { report: CallReport; minute: number } => ({
      minute: 1,
      report: { state: 'ended', outcome: 'completed', talkSeconds: 10 - sequence, sequence },
    })) as [{ report: CallReport; minute: number }, { report: CallReport; minute: number }];
    for (const order of [
      [older, newer],
      [newer, older],
    ])
      expect(await rowAfter(order)).toMatchObject({ talk_seconds: 8 });
  });

  it('is joined with the decision that comes after it', async () => {
    const { reference, customer, agent, customerDials } = await anOrder();
    const callSid = randomBytes(16).toString('hex');
    await interactions.report('exotel', callSid, { state: 'ended', outcome: 'busy', talkSeconds: 0, ringSeconds: 4 });
    expect((await maskline.call(customer, customerDials, callSid)).rings).toEqual([agent]);
    const { interactions: calls } = await ofOrder(reference);
    expect(calls).toMatchObject([{ providerCallId: callSid, outcome: 'busy', ringSeconds: 4, state: 'ended' }]);
  });
});

describe('a call as the API shows it', () => {
  it('has no outcome by our decision alone, be it to connect or to refuse', async () => {
    const { reference, customer, customerDials } = await anOrder();
    await maskline.call(customer, customerDials);
    await maskline.call(aPhone(), customerDials);
    const { interactions: calls } = await ofOrder(reference);
    expect(calls).toHaveLength(2);
    for (const call of calls) expect(call).toMatchObject({ state: 'decided', outcome: null, endedAt: null });
  });

  it('tells how far it got until it ends, and then how it ended', async () => {
    const { reference, customer, customerDials } = await anOrder();
    const { callSid } = await maskline.call(customer, customerDials);
    const seen = async () => (await ofOrder(reference)).interactions[0];
    await interactions.report('exotel', callSid, { state: 'ringing' });
    expect(await seen()).toMatchObject({ state: 'ringing', outcome: null });
    await interactions.report('exotel', callSid, { state: 'answered' });
    expect(await seen()).toMatchObject({ state: 'answered', outcome: null });
    await maskline.exotel('GET', 'passthru/answered', {
      CallSid: callSid,
      DialCallStatus: 'completed',
      DialCallDuration: '74',
      'Legs[0][OnCallDuration]': '61',
      'Legs[0][Insights][RingingDuration]': '4.58',
      'Legs[0][DisconnectedBy]': 'Callee',
    });
    expect(await seen()).toMatchObject({
      state: 'ended',
      outcome: 'completed',
      talkSeconds: 61,
      ringSeconds: 5,
      hungUpBy: 'callee',
      endedAt: maskline.clock.now().toISOString(),
      genuine: null,
    });
  });

  it('shows every step that was decided, oldest first', async () => {
    const { reference, customerDials } = await anOrder();
    const { callSid } = await maskline.call(aPhone(), customerDials);
    const { interactions: calls } = await ofOrder(reference);
    expect(calls).toMatchObject([
      { providerCallId: callSid, steps: [{ step: 'connect', decision: 'refuse', reason: 'UNKNOWN_CALLER' }] },
    ]);
    expect(JSON.stringify(calls)).not.toContain('proof');
  });

  it('comes page by page, each call once', async () => {
    const { reference, customer, customerDials } = await anOrder();
    const made: string[] = [];
    for (let call = 0; call < 5; call += 1) {
      made.push((await maskline.call(customer, customerDials)).callSid);
      if (call % 2 === 0) maskline.clock.push({ seconds: 1 });
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages += 1) {
      expect(pages).toBeLessThan(4);
      const page: { interactions: { providerCallId: string }[]; nextCursor: string | null } = await ofOrder(
        ...([reference, `?limit=2${cursor && `&cursor=${cursor}`}`] as const),
      );
      seen.push(...page.interactions.map(({ providerCallId }) => providerCallId));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(made);
    const { status } = await maskline.api('GET', `/v1/orders/${reference}/interactions?cursor=anything`);
    expect(status).toBe(400);
  });
});
