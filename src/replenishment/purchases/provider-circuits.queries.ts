import type { EntityManager } from 'typeorm';

import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/** What a provider is used for: `inventory` reads and changes owned numbers, `purchase` buys. Either can fail alone. */
export type ProviderUse = 'inventory' | 'purchase';

export interface Circuit {
  readonly provider: ProviderName;
  readonly use: ProviderUse;
  readonly failures: number;
  readonly reason: string;
  /** Null = closed. */
  readonly openUntil: Date | null;
}

/** Every use of a provider whose last attempt failed. */
export async function circuits(tx: EntityManager): Promise<Circuit[]> {
  return tx.sql<Circuit[]>`
    SELECT circuit.provider, circuit.use, circuit.failures, circuit.reason, circuit.open_until AS "openUntil"
    FROM provider_circuits AS circuit`;
}

/** Null = the last attempt succeeded. */
export async function circuitOf(tx: EntityManager, provider: ProviderName, use: ProviderUse): Promise<Circuit | null> {
  const [circuit] = await tx.sql<Circuit[]>`
    SELECT circuit.provider, circuit.use, circuit.failures, circuit.reason, circuit.open_until AS "openUntil"
    FROM provider_circuits AS circuit
    WHERE circuit.provider = ${provider} AND circuit.use = ${use}`;
  return circuit ?? null;
}

/** After an open circuit's time, lets one process try; the others wait for its result. @returns whether this one may */
export async function mayTry(
  tx: EntityManager,
  provider: ProviderName,
  use: ProviderUse,
  now: Date,
  triesUntil: Date,
): Promise<boolean> {
  const [, count] = await tx.sql<[unknown, number]>`
    UPDATE provider_circuits AS circuit SET open_until = ${triesUntil}
    WHERE circuit.provider = ${provider} AND circuit.use = ${use} AND circuit.open_until <= ${now}`;
  return count === 1;
}

/** Counts a failure. @returns the number of failures in a row */
export async function countFailure(
  tx: EntityManager,
  provider: ProviderName,
  use: ProviderUse,
  reason: string,
): Promise<number> {
  const [row] = await tx.sql<[{ failures: number }]>`
    INSERT INTO provider_circuits AS circuit (provider, use, failures, reason) VALUES (${provider}, ${use}, 1, ${reason})
    ON CONFLICT (provider, use) DO UPDATE SET failures = circuit.failures + 1, reason = EXCLUDED.reason
    RETURNING circuit.failures`;
  return row.failures;
}

/** Restarts the failure count at one, because the provider answered, even if only that it was busy. */
export async function startCounting(
  tx: EntityManager,
  provider: ProviderName,
  use: ProviderUse,
  reason: string,
): Promise<void> {
  await tx.sql`
    INSERT INTO provider_circuits (provider, use, failures, reason) VALUES (${provider}, ${use}, 1, ${reason})
    ON CONFLICT (provider, use) DO UPDATE SET failures = 1, reason = EXCLUDED.reason`;
}

/** Opens a circuit until `until`, or extends it. @returns whether it was closed before */
export async function openCircuit(
  tx: EntityManager,
  provider: ProviderName,
  use: ProviderUse,
  until: Date,
): Promise<boolean> {
  const [rows] = await tx.sql<[{ was: Date | null }[], number]>`
    UPDATE provider_circuits AS circuit SET open_until = ${until}
    FROM (SELECT known.open_until FROM provider_circuits AS known
          WHERE known.provider = ${provider} AND known.use = ${use} FOR UPDATE) AS before
    WHERE circuit.provider = ${provider} AND circuit.use = ${use}
    RETURNING before.open_until AS was`;
  return rows[0]?.was === null;
}

/** Closes a circuit after a success. @returns whether it was open */
export async function closeCircuit(tx: EntityManager, provider: ProviderName, use: ProviderUse): Promise<boolean> {
  const [rows] = await tx.sql<[{ was: Date | null }[], number]>`
    DELETE FROM provider_circuits AS circuit
    WHERE circuit.provider = ${provider} AND circuit.use = ${use}
    RETURNING circuit.open_until AS was`;
  return rows.some(({ was }) => was !== null);
}
