import { OrdersService } from '../../src/orders/lifecycle/orders.service.js';
import { LinkChangesService } from '../../src/orders/links/link-changes.service.js';
import { ParticipantChangesService } from '../../src/orders/participants/participant-changes.service.js';
import type { E164 } from '../../src/phone-number/e164.js';
import type { TestApp } from '../support/app.js';

export const HOT_COURIER = '+919000077777' as E164;

/** What the parent tells its processes when it has seen that. */
export const COURIER_IS_ON_ALL = 'The courier is on all parcels.';

/** What a writer needs of its process. */
export interface Race {
  readonly app: TestApp;
  readonly pool: string;
  /** Resolves when the courier was seen on two links for each parcel writer of all processes. */
  readonly courierOnAll: Promise<void>;
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>;
  /** Resolves when the order's released assignments are archived. */
  readonly rested: (reference: string) => Promise<void>;
  /** Notes a refusal unless the order has so many links, with both their numbers. */
  readonly mustHaveLinks: (reference: string, links: number) => Promise<void>;
}

/**
 * Writes orders of a sender, a recipient and the courier whom all parcels share. While an order is open its participants
 * join, leave and are replaced, and links are opened and closed. After each change that takes the courier's numbers
 * away, it waits until they are archived: so the courier never needs more than two numbers for an order.
 *
 * @returns what writes one order. The first ones stay unchanged until the courier is on all of them
 */
export function parcels({ app, pool, courierOnAll, patiently, rested, mustHaveLinks }: Race) {
  const [orders, participants, links] = [
    app.get(OrdersService),
    app.get(ParticipantChangesService),
    app.get(LinkChangesService),
  ];

  return async (reference: string, one: number): Promise<void> => {
    let drawn = 0;
    const aPhone = () => `+919${(drawn += 1)}${String(one % 100_000_000).padStart(8, '0')}`;
    const put = (role: string, phone: string) => patiently(() => participants.put(reference, role, phone));
    const open = (from: string, to: string) =>
      patiently(() => links.open(reference, { roles: [from, to], onlyFrom: null }));
    const close = (from: string, to: string) => patiently(() => links.close(reference, [from, to]));

    const changes = [
      async () => {
        await put('sender', aPhone());
        await mustHaveLinks(reference, 2);
      },
      async () => {
        await Promise.all([put('sender', aPhone()), put('recipient', aPhone())]);
        await mustHaveLinks(reference, 2);
      },
      async () => {
        await put('courier', aPhone());
        await mustHaveLinks(reference, 2);
        await rested(reference);
        await put('courier', HOT_COURIER);
        await mustHaveLinks(reference, 2);
      },
      async () => {
        await patiently(() => participants.remove(reference, 'recipient'));
        await mustHaveLinks(reference, 1);
        await rested(reference);
        await put('recipient', aPhone());
        await mustHaveLinks(reference, 2);
      },
      async () => {
        await close('courier', 'sender');
        await mustHaveLinks(reference, 1);
        await rested(reference);
        await open('sender', 'courier');
        await mustHaveLinks(reference, 2);
      },
      async () => {
        await open('sender', 'recipient');
        await mustHaveLinks(reference, 3);
        await close('recipient', 'sender');
        await mustHaveLinks(reference, 2);
      },
    ];

    await patiently(() =>
      orders.place({
        reference,
        participants: [
          { role: 'sender', phone: aPhone(), field: 'participants.0.phone' },
          { role: 'recipient', phone: aPhone(), field: 'participants.1.phone' },
          { role: 'courier', phone: HOT_COURIER, field: 'participants.2.phone' },
        ],
        pool,
      }),
    );
    await mustHaveLinks(reference, 2);
    await courierOnAll;
    for (const step of [one, one + 1 + (one % 4)]) {
      await changes[step % changes.length]!();
      await rested(reference);
    }
    await patiently(() => orders.close(reference, 'completed'));
    await rested(reference);
  };
}

/** On how many links the courier is now. */
export async function linksOfCourier({ dataSource, vault }: TestApp): Promise<number> {
  const [row] = await dataSource.query(
    'SELECT count(*)::integer AS links FROM assignments WHERE dialler_key = $1 AND released_at IS NULL',
    [vault.keyOf(HOT_COURIER)],
  );
  return row.links;
}
