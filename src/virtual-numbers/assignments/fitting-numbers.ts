import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { FittingNumbersAreLocked } from '../pools/retry-on-conflict.js';
import { PoolIsDry } from '../pools/virtual-numbers.problems.js';
import type { ProviderName } from '../provider-name.js';
import {
  fittingNumberExists,
  mayAlsoDial,
  putBack,
  standing,
  takeNumber,
  type Taken,
  type Taking,
} from './take-number.queries.js';

/** Keyed lookups of the phones of the two participants of a link. */
interface KeysOfLink {
  readonly one: readonly Buffer[];
  readonly other: readonly Buffer[];
}

/** What the two participants of a link dial. */
interface NumbersOfLink {
  readonly one: E164;
  readonly other: E164;
}

/**
 * Takes a number that somebody may dial from each of their phones.
 *
 * @throws PoolIsDry if there is none, FittingNumbersAreLocked if others are taking the last ones
 */
export async function numberFor(
  tx: EntityManager,
  poolId: string,
  diallerKeys: readonly Buffer[],
  now: Date,
): Promise<E164> {
  const taken = await takeUnlocked(tx, { poolId, diallerKeys, now });
  if (!taken) throw new PoolIsDry();
  return taken.number;
}

/**
 * Takes a number for somebody who is linked to a participant who keeps theirs: another one of the same provider, or that
 * number itself.
 *
 * @throws as `numberFor` does
 */
export async function numberBeside(
  tx: EntityManager,
  poolId: string,
  besides: E164,
  diallerKeys: readonly Buffer[],
  now: Date,
): Promise<E164> {
  const { provider, inReach } = await standing(tx, besides);
  const taken = await takeUnlocked(tx, { poolId, diallerKeys, besides, provider, now });
  if (taken) return taken.number;
  if (inReach && (await mayAlsoDial(tx, besides, diallerKeys))) return besides;
  throw new PoolIsDry();
}

/**
 * Takes two numbers of one provider for a link, also if one of the participants may dial only one; otherwise one number
 * that serves both.
 *
 * @throws as `numberFor` does
 */
export async function numbersForBoth(
  tx: EntityManager,
  poolId: string,
  keys: KeysOfLink,
  now: Date,
): Promise<NumbersOfLink> {
  const forOne = { poolId, diallerKeys: keys.one, now };
  const first = await takeUnlocked(tx, forOne);
  if (!first) throw new PoolIsDry();
  let forBoth: E164 | null = null;
  for await (const provider of providersFrom(tx, poolId, first.provider)) {
    const taken = provider === first.provider ? first : await takeUnlocked(tx, { ...forOne, provider });
    if (!taken) continue;
    const beside = { poolId, diallerKeys: keys.other, besides: taken.number, provider, now };
    const second = await takeUnlocked(tx, beside);
    const fitsBoth = !second && (await mayAlsoDial(tx, taken.number, keys.other));
    // It is the only one that the other participant may dial; the first one may have more.
    const instead = fitsBoth ? await takeUnlocked(tx, { ...forOne, besides: taken.number, provider }) : null;
    const pair = second ? ([taken, second] as const) : instead && ([instead, taken] as const);
    if (pair) {
      if (forBoth !== null) await putBack(tx, forBoth);
      return { one: pair[0].number, other: pair[1].number };
    }
    if (fitsBoth && forBoth === null) forBoth = taken.number;
    else await putBack(tx, taken.number);
  }
  if (forBoth === null) throw new PoolIsDry();
  return { one: forBoth, other: forBoth };
}

/** The providers of a pool's numbers, `first` first. The others are looked up only if that one has no fitting numbers. */
async function* providersFrom(tx: EntityManager, poolId: string, first: ProviderName): AsyncGenerator<ProviderName> {
  yield first;
  const others = await tx.sql<{ provider: ProviderName }[]>`
    SELECT DISTINCT number.provider FROM virtual_numbers AS number
    WHERE number.pool_id = ${poolId} AND number.assignable AND number.withheld_until IS NULL
      AND number.provider <> ${first}
    ORDER BY number.provider`;
  for (const { provider } of others) yield provider;
}

/** @returns null if there is none. @throws FittingNumbersAreLocked if others are taking those there are */
async function takeUnlocked(tx: EntityManager, taking: Taking): Promise<Taken | null> {
  const taken = await takeNumber(tx, taking);
  if (!taken && (await fittingNumberExists(tx, taking))) throw new FittingNumbersAreLocked();
  return taken;
}
