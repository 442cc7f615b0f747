import type { Narrator } from './narrator.js';
import { DANA, LUIS, type ArrivedText, type Order, type Pool, type Town } from './town.js';

/** A Twilio pool, in a country where numbers receive texts; Indian ones do not. */
const POOL = 'demo-texts';

const KEPT_SECONDS = 3_600;

/** A text that contains a number arrives without it; then its answer, and what support can read. @throws Unexpected */
export async function theyTextEachOther(narrator: Narrator, town: Town): Promise<void> {
  narrator.happens('A pool of Twilio’s numbers, which take texts; Dana orders, and Luis is to deliver');
  await town.api<Pool>(201, 'POST', 'pools', {
    name: POOL,
    country: 'US',
    provider: 'twilio',
    texts: 'redacted',
    textsKeptSeconds: KEPT_SECONDS,
    lowWater: 2,
    target: 2,
    maxNumbers: 2,
  });
  await narrator.until('buying', 60, async () => {
    const { level } = await town.api<Pool>(200, 'GET', `pools/${POOL}`);
    return level.assignable === 2 ? level : null;
  });
  await town.api<Order>(201, 'POST', 'orders', { reference: 'order-4', pool: POOL, customer: { phone: DANA } });
  const order = await town.api<Order>(200, 'PUT', 'orders/order-4/agent', { phone: LUIS });
  const [danaWritesTo, luisWritesTo] = [order.customer.dials ?? '', order.agent?.dials ?? ''];
  narrator.tells('Dana is to write to', danaWritesTo);
  narrator.tells('Luis is to write to', luisWritesTo);

  narrator.happens('Dana texts Luis, and writes her own number into it');
  const words = `The gate code is 4411. If it fails, call ${DANA.replace('+1', '+1 ')}!`;
  const redacted = 'The gate code is 4411. If it fails, call [number removed]!';
  narrator.tells('Dana writes', `“${words}”`);
  await town.write(DANA, danaWritesTo, words);
  await arrives(narrator, town, 'Luis', LUIS, { from: luisWritesTo, body: redacted });

  narrator.happens('Luis answers to the number that his phone shows');
  await town.write(LUIS, luisWritesTo, 'Two minutes.');
  await arrives(narrator, town, 'Dana', DANA, { from: danaWritesTo, body: 'Two minutes.' });

  narrator.happens('What support may read, while the pool keeps it');
  const { texts } = await town.api<{ texts: KeptText[] }>(200, 'GET', 'orders/order-4/texts');
  const read = texts.map(({ from, words }) => [from.role, words]).toReversed();
  narrator.expect('the texts of order-4', read, [
    ['customer', redacted],
    ['agent', 'Two minutes.'],
  ]);
  narrator.table(
    ['from', 'phone', 'words'],
    texts.toReversed().map(({ from, words }) => [from.role, from.phone ?? '', words]),
  );
}

interface KeptText {
  readonly from: { readonly role: string; readonly phone: string | null };
  readonly words: string;
}

async function arrives(narrator: Narrator, town: Town, who: string, phone: string, text: ArrivedText): Promise<void> {
  const last = (await town.textsOn(phone)).at(-1);
  narrator.expect(`the last text on ${who}’s phone`, last && { from: last.from, body: last.body }, text);
  narrator.tells(`${who}’s phone shows`, `“${text.body}”, from ${text.from}`);
}
