import type { Narrator } from './narrator.js';
import { ASHA, KIRAN, MEERA, type Order, type ParcelParticipant, type Pool, type Town } from './town.js';

const POOL = 'demo-parcel';
/** Another region than the other pools', so that no two pools want the same number. */
const REGION = 'MH';
const PEOPLE = { sender: ASHA, recipient: MEERA, courier: KIRAN } as const;
type Role = keyof typeof PEOPLE;

/** A parcel with a sender, a recipient and a courier, who has a number for each of the others. @throws Unexpected */
export async function aParcelOfThree(narrator: Narrator, town: Town): Promise<void> {
  narrator.happens('A parcel: Asha sends it, Kiran carries it, Meera receives it');
  await town.api<Pool>(201, 'POST', 'pools', {
    name: POOL,
    country: 'IN',
    region: REGION,
    ...{ lowWater: 4, target: 4, maxNumbers: 4 },
  });
  await narrator.until('buying', 60, async () => {
    const { level } = await town.api<Pool>(200, 'GET', `pools/${POOL}`);
    return level.assignable === 4 ? level : null;
  });
  const participants = Object.entries(PEOPLE).map(([role, phone]) => ({ role, phone }));
  const { status, participants: people } = await town.api<Order>(201, 'POST', 'orders', {
    reference: 'parcel-1',
    pool: POOL,
    participants,
  });
  narrator.expect('the parcel', status, 'active');
  for (const { role, dials } of people) {
    const numbers = dials.map(({ to, number }) => `${number} for the ${to}`);
    narrator.tells(`the ${role}’s app`, numbers.join(', '));
  }

  narrator.happens('Kiran calls both; each sees a number that calls him back');
  for (const to of ['sender', 'recipient'] as const) {
    await calls(narrator, town, people, 'courier', to);
    await calls(narrator, town, people, to, 'courier');
  }
}

async function calls(
  narrator: Narrator,
  town: Town,
  people: readonly ParcelParticipant[],
  from: Role,
  to: Role,
): Promise<void> {
  const dials = numberOf(people, from, to);
  const { connected, rang, showed } = await town.call(PEOPLE[from], dials);
  const expected = { connected: true, rang: PEOPLE[to], showed: numberOf(people, to, from) };
  narrator.expect(`the ${from}’s call`, { connected, rang, showed }, expected);
  narrator.tells(`the ${from} dials`, `${dials}; the ${to}’s phone rings, showing ${showed}`);
}

function numberOf(people: readonly ParcelParticipant[], role: Role, to: Role): string {
  const participant = people.find((one) => one.role === role);
  return participant?.dials.find((one) => one.to === to)?.number ?? '';
}
