import { randomBytes, randomUUID } from 'node:crypto';

import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

import type { E164 } from '../../../src/phone-number/e164.js';
import { createDataSource } from '../../../src/platform/database/data-source.js';
import {
  AssignmentsService,
  type ParticipantToAssign,
} from '../../../src/virtual-numbers/assignments/assignments.service.js';
import { linkSides } from '../../../src/virtual-numbers/assignments/assignments.queries.js';
import { PoolIsDry } from '../../../src/virtual-numbers/pools/virtual-numbers.problems.js';
import { retryOnConflict } from '../../../src/virtual-numbers/pools/retry-on-conflict.js';
import { NumbersBusy } from '../../../src/virtual-numbers/pools/virtual-numbers.problems.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';
import { aNumberRow, anAssignmentRow, anOrderRow, aPoolRow, insert, type Row } from '../../support/rows.js';

let database: FreshDatabase;
let dataSource: DataSource;
let assignments: AssignmentsService;

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await createDataSource(database.url).initialize();
  assignments = new AssignmentsService();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const NOW = new Date('2026-11-22T06:00:00.000Z');
const SPAN = { assignedAt: NOW, connectsUntil: new Date('2026-11-23T06:30:00.000Z'), quarantineSeconds: 60 };

async function aPool(numbers: number, but: Row = {}): Promise<{ id: string; numbers: E164[] }> {
  const pool = await insert(dataSource, 'pools', aPoolRow());
  const rows = Array.from({ length: numbers }, () => aNumberRow(pool, but));
  for (const row of rows) await insert(dataSource, 'virtual_numbers', row);
  return { id: pool.id, numbers: rows.map(({ number }) => number) };
}

async function anOrder(pool: { id: string }): Promise<{ id: string; poolId: string }> {
  const { id } = await insert(dataSource, 'orders', anOrderRow(pool));
  return { id, poolId: pool.id };
}

const aPhoneKey = () => randomBytes(32);
function aSide(role: 'customer' | 'agent', phoneKey = aPhoneKey()): ParticipantToAssign {
  return { participantId: randomUUID(), role, phone: randomBytes(48), phoneKey };
}

/** Assigns as the services do: again, as long as a race is lost. */
function assign(order: { id: string; poolId: string }, customer = aSide('customer'), agent = aSide('agent')) {
  return retryOnConflict(dataSource, (tx) => open(tx, order, customer, agent));
}

async function open(
  tx: EntityManager,
  order: { id: string; poolId: string },
  customer: ParticipantToAssign,
  agent: ParticipantToAssign,
): Promise<{ customer: E164; agent: E164 }> {
  await assignments.open(tx, order, [{ one: customer, other: agent, onlyFrom: null }], SPAN);
  const sides = await linkSides(tx, [order.id]);
  const numberOf = ({ participantId }: ParticipantToAssign) =>
    sides.find(({ diallerId }) => diallerId === participantId)!.number;
  return { customer: numberOf(customer), agent: numberOf(agent) };
}

async function held(pool: { id: string }): Promise<number> {
  const [{ sum }] = await dataSource.query(
    'SELECT sum(orders_held)::integer AS sum FROM virtual_numbers WHERE pool_id = $1',
    [pool.id],
  );
  return sum;
}

async function pairs(order: { id: string }): Promise<Row[]> {
  return dataSource.query('SELECT * FROM assignments WHERE order_id = $1 ORDER BY dialler_role DESC', [order.id]);
}

/** Holds the order's transaction open until it is let go: with its numbers, or without. */
async function aSlowAssignment(order: { id: string; poolId: string }) {
  let end!: (how: 'commit' | 'roll back') => void;
  const ended = new Promise<'commit' | 'roll back'>((resolve) => (end = resolve));
  let begun!: () => void;
  const holds = new Promise<void>((resolve) => (begun = resolve));
  const done = dataSource
    .transaction(async (tx) => {
      await open(tx, order, aSide('customer'), aSide('agent'));
      begun();
      if ((await ended) === 'roll back') throw new Error('rolled back');
    })
    .catch((failure: Error) => {
      if (failure.message !== 'rolled back') throw failure;
    });
  await holds;
  return { end, done };
}

describe('assigning', () => {
  it('gives the two sides a number each, and each shows what the other dials', async () => {
    const pool = await aPool(2);
    const order = await anOrder(pool);
    const [customer, agent] = [aSide('customer'), aSide('agent')];
    const dials = await assign(order, customer, agent);

    expect([dials.customer, dials.agent].sort()).toEqual(pool.numbers);
    const span = { assigned_at: NOW, connects_until: SPAN.connectsUntil, released_at: null, quarantined_until: null };
    expect(await pairs(order)).toMatchObject([
      {
        ...span,
        order_id: order.id,
        virtual_number: dials.customer,
        shown_number: dials.agent,
        dialler_id: customer.participantId,
        dialler_key: customer.phoneKey,
        dialler_role: 'customer',
        callee_id: agent.participantId,
        callee_phone: agent.phone,
      },
      {
        ...span,
        order_id: order.id,
        virtual_number: dials.agent,
        shown_number: dials.customer,
        dialler_id: agent.participantId,
        dialler_key: agent.phoneKey,
        dialler_role: 'agent',
        callee_id: customer.participantId,
        callee_phone: customer.phone,
      },
    ]);
    await expectConservedNumbers(dataSource);
  });

  it('lets one number serve both sides when only one fits, counted once', async () => {
    const pool = await aPool(1);
    const order = await anOrder(pool);
    const dials = await assign(order);
    expect(dials).toEqual({ customer: pool.numbers[0], agent: pool.numbers[0] });
    expect(await held(pool)).toBe(1);
    await expectConservedNumbers(dataSource);
  });

  it.each(['customer', 'agent'] as const)('leaves the only number that fits the %s to them', async (constrained) => {
    const pool = await aPool(2, { capacity: 9 });
    const [used, left] = pool.numbers;
    const sides = { customer: aSide('customer'), agent: aSide('agent') };
    const { phoneKey } = sides[constrained];
    const earlier = await insert(dataSource, 'orders', anOrderRow(pool));
    await insert(dataSource, 'assignments', anAssignmentRow(earlier, { number: used! }, { dialler_key: phoneKey }));
    await dataSource.query('UPDATE virtual_numbers SET orders_held = 1, last_assigned_at = $2 WHERE number = $1', [
      used,
      NOW,
    ]);
    const dials = await assign(await anOrder(pool), sides.customer, sides.agent);
    expect(dials).toEqual(constrained === 'agent' ? { customer: used, agent: left } : { customer: left, agent: used });
    await expectConservedNumbers(dataSource);
  });

  it('says that the pool is dry when no number fits, and leaves nothing behind', async () => {
    const pool = await aPool(0);
    const order = await anOrder(pool);
    await expect(assign(order)).rejects.toThrow(PoolIsDry);
    expect(await pairs(order)).toEqual([]);
  });

  it('is both or none: a number taken for the customer goes back when there is none for the agent', async () => {
    const pool = await aPool(1);
    const agent = aSide('agent');
    const earlier = await anOrder(pool);
    await insert(
      dataSource,
      'assignments',
      anAssignmentRow(
        earlier,
        { number: pool.numbers[0]! },
        { dialler_key: agent.phoneKey, released_at: NOW, quarantined_until: SPAN.connectsUntil },
      ),
    );
    const order = await anOrder(pool);
    const before = await dataSource.query('SELECT * FROM virtual_numbers WHERE pool_id = $1', [pool.id]);
    await expect(assign(order, aSide('customer'), agent)).rejects.toThrow(PoolIsDry);
    expect(await dataSource.query('SELECT * FROM virtual_numbers WHERE pool_id = $1', [pool.id])).toEqual(before);
    expect(await pairs(order)).toEqual([]);
    await expectConservedNumbers(dataSource);
  });

  it('serves a person in as many orders as there are numbers, each by another', async () => {
    const pool = await aPool(4, { capacity: 4 });
    const agentsPhone = aPhoneKey();
    const dialled: E164[] = [];
    for (let order = 0; order < 4; order += 1) {
      dialled.push((await assign(await anOrder(pool), aSide('customer'), aSide('agent', agentsPhone))).agent);
    }
    expect(dialled.sort()).toEqual(pool.numbers);
    await expect(assign(await anOrder(pool), aSide('customer'), aSide('agent', agentsPhone))).rejects.toThrow(
      PoolIsDry,
    );
    await expectConservedNumbers(dataSource);
  });

  describe('of an order whose courier has two links', () => {
    const aPerson = (role: string): ParticipantToAssign => ({ ...aSide('agent'), role });
    async function assignTwoLinks(pool: { id: string }, courier = aPerson('courier')) {
      const [sender, recipient] = [aPerson('sender'), aPerson('recipient')];
      const order = await anOrder(pool);
      const links = [sender, recipient].map((one) => ({ one, other: courier, onlyFrom: null }));
      await retryOnConflict(dataSource, (tx) => assignments.open(tx, order, links, SPAN));
      const sides = await linkSides(dataSource.manager, [order.id]);
      const dials = (one: string, other: string) =>
        sides.find(({ diallerRole, calleeRole }) => diallerRole === one && calleeRole === other)!.number;
      return {
        order,
        sender: dials('sender', 'courier'),
        recipient: dials('recipient', 'courier'),
        courier: [dials('courier', 'sender'), dials('courier', 'recipient')] as const,
      };
    }

    it('gives each side of each link another number, and shows the one that leads back', async () => {
      const pool = await aPool(9);
      const { order, sender, recipient, courier } = await assignTwoLinks(pool);
      expect(new Set([sender, recipient, ...courier]).size).toBe(4);
      expect(await held(pool)).toBe(4);
      for (const { virtual_number: dialled, shown_number: shown, dialler_id: dialler } of await pairs(order)) {
        const back = { virtual_number: shown, shown_number: dialled, callee_id: dialler };
        expect(await pairs(order)).toContainEqual(expect.objectContaining(back));
      }
      await expectConservedNumbers(dataSource);
    });

    it('needs no more numbers than the courier has links', async () => {
      const pool = await aPool(2, { capacity: 4 });
      const { courier } = await assignTwoLinks(pool);
      expect([...courier].sort()).toEqual(pool.numbers);
      await expectConservedNumbers(dataSource);
    });

    it('finds numbers for each link when none fits everybody', async () => {
      const pool = await aPool(4, { capacity: 4 });
      const courier = aPerson('courier');
      for (const number of pool.numbers.slice(2)) {
        const rest = { dialler_key: courier.phoneKey, released_at: NOW, quarantined_until: SPAN.connectsUntil };
        await insert(dataSource, 'assignments', anAssignmentRow(await anOrder(pool), { number }, rest));
      }
      const dials = await assignTwoLinks(pool, courier);
      expect([...dials.courier].sort()).toEqual(pool.numbers.slice(0, 2));
      expect(dials.sender).not.toBe(dials.courier[0]);
      expect(dials.recipient).not.toBe(dials.courier[1]);
      await expectConservedNumbers(dataSource);
    });

    it('gives all links numbers or none', async () => {
      const pool = await aPool(1, { capacity: 9 });
      await expect(assignTwoLinks(pool)).rejects.toThrow(PoolIsDry);
      expect(await held(pool)).toBe(0);
    });
  });

  it('still finds the last free numbers of a large pool', async () => {
    const { id } = await aPool(0);
    await dataSource.query(
      `INSERT INTO virtual_numbers (number, pool_id, provider, status, capacity, orders_held, created_at)
       SELECT '+9180490' || lpad(one::text, 5, '0'), $1, 'exotel', 'available', 1, 0, $2 FROM generate_series(1, 2200) AS one`,
      [id, NOW],
    );
    await dataSource.query(
      `UPDATE virtual_numbers SET status = 'draining' WHERE pool_id = $1 AND number NOT IN ('+918049000007', '+918049002008')`,
      [id],
    );
    const dials = await assign(await anOrder({ id }));
    expect([dials.customer, dials.agent].sort()).toEqual(['+918049000007', '+918049002008']);
  });
});

describe('a pool with numbers of two providers', () => {
  async function aMixedPool(counts: { exotel: number; twilio: number }, but: Row = {}) {
    const pool = await insert(dataSource, 'pools', aPoolRow({ alternative_provider: 'twilio' }));
    const add = async (provider: 'exotel' | 'twilio') => {
      const rows = Array.from({ length: counts[provider] }, () => aNumberRow(pool, { ...but, provider }));
      for (const row of rows) await insert(dataSource, 'virtual_numbers', row);
      return rows.map(({ number }) => number);
    };
    return { id: pool.id, exotel: await add('exotel'), twilio: await add('twilio') };
  }
  /** A dialler's pair with a number rests. */
  async function rests(pool: { id: string }, number: E164, { phoneKey }: ParticipantToAssign): Promise<void> {
    const rest = { dialler_key: phoneKey, released_at: NOW, quarantined_until: SPAN.connectsUntil };
    await insert(dataSource, 'assignments', anAssignmentRow(await anOrder(pool), { number }, rest));
  }
  const others = (side: ParticipantToAssign): ParticipantToAssign => ({
    ...side,
    alternates: [{ phoneKey: aPhoneKey(), howKnown: 'declared' }],
  });
  const KINDS: [string, (side: ParticipantToAssign) => ParticipantToAssign][] = [
    ['with one phone', (side) => side],
    ['with several phones', others],
  ];

  it.each(KINDS)('gives an order both its numbers from the same, to people %s', async (_, person) => {
    const pool = await aMixedPool({ exotel: 12, twilio: 12 });
    for (let order = 0; order < 12; order += 1) {
      const dials = await assign(await anOrder(pool), person(aSide('customer')), aSide('agent'));
      expect(dials.customer).not.toBe(dials.agent);
      expect(pool.exotel.includes(dials.customer)).toBe(pool.exotel.includes(dials.agent));
    }
    expect(await held(pool)).toBe(24);
    await expectConservedNumbers(dataSource);
  });

  it.each(KINDS)('gives both of the one that has two, wherever it begins to look, to people %s', async (_, person) => {
    for (let tries = 0; tries < 8; tries += 1) {
      const pool = await aMixedPool({ exotel: 1, twilio: 2 });
      const dials = await assign(await anOrder(pool), person(aSide('customer')), aSide('agent'));
      expect([dials.customer, dials.agent].sort()).toEqual(pool.twilio);
      expect(await held(pool)).toBe(2);
    }
    await expectConservedNumbers(dataSource);
  });

  it('gives each link of an order two numbers of one provider', async () => {
    for (let tries = 0; tries < 8; tries += 1) {
      const pool = await aMixedPool({ exotel: 3, twilio: 3 });
      const order = await anOrder(pool);
      const courier = aSide('agent');
      const links = ['sender', 'recipient'].map((role) => ({
        one: { ...aSide('customer'), role },
        other: courier,
        onlyFrom: null,
      }));
      await retryOnConflict(dataSource, (tx) => assignments.open(tx, order, links, SPAN));
      for (const { virtual_number: dialled, shown_number: shown } of await pairs(order)) {
        expect(pool.exotel.includes(dialled as E164)).toBe(pool.exotel.includes(shown as E164));
      }
    }
    await expectConservedNumbers(dataSource);
  });

  it('lets one number serve both sides where each has one, and holds no other', async () => {
    const pool = await aMixedPool({ exotel: 1, twilio: 1 });
    const dials = await assign(await anOrder(pool));
    expect(dials.customer).toBe(dials.agent);
    expect(await held(pool)).toBe(1);
    await assign(await anOrder(pool));
    await expect(assign(await anOrder(pool))).rejects.toThrow(PoolIsDry);
    await expectConservedNumbers(dataSource);
  });

  it('is dry where one has a number for the one side only, and the other for the other', async () => {
    for (let tries = 0; tries < 4; tries += 1) {
      const pool = await aMixedPool({ exotel: 1, twilio: 1 });
      const [customer, agent] = [aSide('customer'), aSide('agent')];
      await rests(pool, pool.exotel[0]!, agent);
      await rests(pool, pool.twilio[0]!, customer);
      const order = await anOrder(pool);
      await expect(assign(order, customer, agent)).rejects.toThrow(PoolIsDry);
      expect(await pairs(order)).toEqual([]);
      expect(await held(pool)).toBe(0);
    }
  });

  it('gives a joining participant a number of the provider whose number stays, or none', async () => {
    const pool = await aMixedPool({ exotel: 2, twilio: 6 });
    const order = await anOrder(pool);
    const [customer, agent] = [aSide('customer'), aSide('agent')];
    for (const number of pool.twilio) await rests(pool, number, customer); // so that it begins with the other
    const dials = await assign(order, customer, agent);
    expect([dials.customer, dials.agent].sort()).toEqual(pool.exotel);
    const replace = async (joining: ParticipantToAssign) => {
      await retryOnConflict(dataSource, (tx) =>
        assignments.replace(tx, order, {
          leaving: agent,
          joining,
          staying: [customer],
          onlyFrom: () => null,
          samePerson: false,
          span: SPAN,
          quarantinedUntil: SPAN.connectsUntil,
        }),
      );
      const sides = await linkSides(dataSource.manager, [order.id]);
      return sides.find(({ diallerId }) => diallerId === joining.participantId)!.number;
    };
    const busy = aSide('agent');
    for (const number of pool.exotel) await rests(pool, number, busy);
    await expect(replace(busy)).rejects.toThrow(PoolIsDry);
    expect(pool.exotel).toContain(await replace(aSide('agent')));
    await expectConservedNumbers(dataSource);
  });
});

describe('assigning while another transaction holds the last numbers', () => {
  it('waits, and gets them when the other rolls back', async () => {
    const pool = await aPool(2);
    const slow = await aSlowAssignment(await anOrder(pool));
    const order = await anOrder(pool);
    const waiting = settled(assign(order));
    expect(await waiting.within(150)).toBe('still waits');
    slow.end('roll back');
    await slow.done;
    const dials = await waiting.result;
    expect([dials.customer, dials.agent].sort()).toEqual(pool.numbers);
    await expectConservedNumbers(dataSource);
  });

  it('waits, and is told that the pool is dry when the other commits', async () => {
    const pool = await aPool(2);
    const slow = await aSlowAssignment(await anOrder(pool));
    const order = await anOrder(pool);
    const waiting = settled(assign(order));
    expect(await waiting.within(150)).toBe('still waits');
    slow.end('commit');
    await slow.done;
    await expect(waiting.result).rejects.toThrow(PoolIsDry);
    expect(await held(pool)).toBe(2);
    expect(await pairs(order)).toEqual([]);
    await expectConservedNumbers(dataSource);
  });

  it('gives up when its patience ends, and says that they are busy rather than gone', async () => {
    const pool = await aPool(2);
    const slow = await aSlowAssignment(await anOrder(pool));
    const order = await anOrder(pool);
    const assigning = retryOnConflict(dataSource, (tx) => open(tx, order, aSide('customer'), aSide('agent')), 200);
    await expect(assigning).rejects.toThrow(NumbersBusy);
    slow.end('roll back');
    await slow.done;
  });
});

describe('a lost race for a pair', () => {
  /** The rival's pair is not committed yet, so both see the number fit the dialler; the primary key judges. */
  async function whileARivalLends(pool: { id: string; numbers: E164[] }, how: 'commit' | 'roll back') {
    const [fitting, ...others] = pool.numbers;
    await dataSource.query('UPDATE virtual_numbers SET last_assigned_at = $2 WHERE number = ANY($1)', [others, NOW]);
    const busy = aSide('customer');
    const rival = await anOrder(pool);
    const order = await anOrder(pool);
    const rivals = dataSource.createQueryRunner();
    await rivals.startTransaction();
    const pair = anAssignmentRow(rival, { number: fitting! }, { dialler_key: busy.phoneKey });
    await insert(rivals.manager, 'assignments', pair);
    let attempts = 0;
    const waiting = settled(
      retryOnConflict(dataSource, (tx) => {
        attempts += 1;
        return open(tx, order, busy, aSide('agent'));
      }),
    );
    expect(await waiting.within(100)).toBe('still waits');
    await (how === 'commit' ? rivals.commitTransaction() : rivals.rollbackTransaction());
    await rivals.release();
    const dials = await waiting.result;
    return { dials, attempts, fitting };
  }

  it('is run again and won with another number', async () => {
    const { dials, attempts, fitting } = await whileARivalLends(await aPool(3, { capacity: 2 }), 'commit');
    expect(attempts).toBe(2);
    expect(dials.customer).not.toBe(fitting);
  });

  it('is no race when the rival rolls back', async () => {
    const { dials, attempts, fitting } = await whileARivalLends(await aPool(3, { capacity: 2 }), 'roll back');
    expect(attempts).toBe(1);
    expect(dials.customer).toBe(fitting);
  });

  it('is told apart from every other failure, which is not run again', async () => {
    let attempts = 0;
    const work = retryOnConflict(dataSource, async (tx) => {
      attempts += 1;
      await insert(tx, 'pools', aPoolRow({ capacity: 0 }));
    });
    await expect(work).rejects.toThrow(QueryFailedError);
    expect(attempts).toBe(1);
  });

  it('may also be a deadlock, of which the victim begins again', async () => {
    const pool = await aPool(2);
    const [one, two] = pool.numbers as [E164, E164];
    await dataSource.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET deadlock_timeout = 20`);
    const impatient = await createDataSource(database.url).initialize();
    let attempts = 0;
    const lock = (tx: EntityManager, number: E164) =>
      tx.query('SELECT FROM virtual_numbers WHERE number = $1 FOR UPDATE', [number]);
    const bothHoldOne = barrier(2);
    const crossing = (first: E164, second: E164) =>
      retryOnConflict(impatient, async (tx) => {
        attempts += 1;
        await lock(tx, first);
        await bothHoldOne();
        await lock(tx, second);
      });
    await Promise.all([crossing(one, two), crossing(two, one)]);
    expect(attempts).toBe(3);
    await impatient.destroy();
  });
});

function settled<T>(work: Promise<T>) {
  work.catch(() => undefined);
  const within = (ms: number) =>
    Promise.race([
      work.then(
        () => 'done',
        () => 'failed',
      ),
      new Promise((resolve) => setTimeout(resolve, ms, 'still waits')),
    ]);
  return { result: work, within };
}

/** Lets the first `parties` through together, and every later one at once. */
function barrier(parties: number): () => Promise<void> {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === parties) open();
    return opened;
  };
}

describe('in a pool that is small beside another one', () => {
  const EACH = ['assign-2-sides', 'take-number', 'take-number-of-provider'];

  it('PostgreSQL plans the statements a few times only', async () => {
    const [large, small] = [await aPool(1), await aPool(90)];
    await dataSource.query(
      `INSERT INTO virtual_numbers (number, pool_id, provider, provider_id, status, capacity, created_at)
       SELECT '+9177' || n, $1, 'exotel', '+9177' || n, 'available', 1, $2 FROM generate_series(10000000, 10019999) AS n`,
      [large.id, NOW],
    );
    await dataSource.query('ANALYZE virtual_numbers');
    for (const pool of [small, large]) {
      const unused = await createDataSource(database.url).initialize(); // its connections have no plans yet
      await unused.transaction(async (tx) => {
        for (let order = 0; order < 15; order += 1) {
          await open(tx, await anOrder(pool), aSide('customer'), aSide('agent'));
          const [halfOpen, one, onlyFrom] = [await anOrder(pool), aSide('customer'), null];
          const dials = await assignments.openHalf(tx, halfOpen, { one, other: { role: 'agent' }, onlyFrom }, SPAN);
          const completed = { waiting: { ...one, dials }, joining: aSide('agent'), onlyFrom };
          await assignments.complete(tx, halfOpen, completed, SPAN);
        }
        const plans = await tx.query<{ name: string; custom_plans: string; generic_plans: string }[]>(
          `SELECT name, custom_plans, generic_plans FROM pg_prepared_statements WHERE custom_plans + generic_plans > 10`,
        );
        expect(plans.map(({ name }) => name)).toEqual(expect.arrayContaining(EACH));
        expect(plans.filter((plan) => Number(plan.custom_plans) > Number(plan.generic_plans))).toEqual([]);
      });
      await unused.destroy();
    }
  });
});
