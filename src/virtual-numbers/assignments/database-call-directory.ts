import { Injectable } from '@nestjs/common';

import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { BatchedStatement } from '../../platform/database/batched-statement.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import type { Statement } from '../../platform/database/statement.js';
import { CallDirectory, type CallAssignment, type Unjoined } from './call-directory.js';
import { ASSIGNMENT_AND_POLICY, ASSIGNMENT_OF_CALLER, NUMBER_AND_MIRROR, UNJOINED } from './call-lookups.js';

/** A number and a phone that somebody asks about, by their keys; null = withheld. */
interface Asked<Caller extends Buffer | null> {
  readonly numberKey: Buffer;
  readonly callerKey: Caller;
}

/** The position of a row's request in its batch, counted from one. */
interface Positioned {
  readonly position: number;
}

/**
 * Reads the database with index lookups only, on the connections reserved for calls. Lookups that are in flight at the
 * same time share a statement.
 */
@Injectable()
export class DatabaseCallDirectory extends CallDirectory {
  private readonly assignments = new BatchedStatement((asked: readonly Asked<Buffer>[]) => this.findEach(asked));
  private readonly unjoined = new BatchedStatement((asked: readonly Asked<Buffer | null>[]) =>
    this.describeEach(asked),
  );

  constructor(
    private readonly connections: CallConnections,
    private readonly vault: PhoneVault,
  ) {
    super();
  }

  async findAssignment(number: E164, diallerKey: Buffer): Promise<CallAssignment | null> {
    return this.assignments.ask({ numberKey: this.vault.keyOfDialled(number), callerKey: diallerKey });
  }

  async describeUnjoined(number: E164, callerKey: Buffer | null): Promise<Unjoined> {
    return this.unjoined.ask({ numberKey: this.vault.keyOfDialled(number), callerKey });
  }

  private async findEach(asked: readonly Asked<Buffer>[]): Promise<readonly (CallAssignment | null)[]> {
    const [first, ...others] = asked;
    if (first && others.length === 0) return [await this.findOne(first)];
    const { rows } = await this.connections.query<CallAssignment & Positioned>({
      ...findAssignments,
      values: keysOf(asked),
    });
    const found: (CallAssignment | null)[] = asked.map(() => null);
    for (const { position, ...assignment } of rows) found[position - 1] = assignment;
    return found;
  }

  private async findOne({ numberKey, callerKey }: Asked<Buffer>): Promise<CallAssignment | null> {
    const values = [numberKey, callerKey];
    const { rows } = await this.connections.query<CallAssignment>({ ...findAssignment, values });
    return rows[0] ?? null;
  }

  private async describeEach(asked: readonly Asked<Buffer | null>[]): Promise<readonly Unjoined[]> {
    const { rows } = await this.connections.query<Unjoined & Positioned>({
      ...describeUnjoined,
      values: keysOf(asked),
    });
    const facts: Unjoined[] = [];
    for (const { position, ...unjoined } of rows) facts[position - 1] = unjoined;
    return facts;
  }
}

function keysOf(asked: readonly Asked<Buffer | null>[]): (Buffer | null)[][] {
  return [asked.map(({ numberKey }) => numberKey), asked.map(({ callerKey }) => callerKey)];
}

/** For a call that arrives alone: PostgreSQL needs a third less time than with arrays. */
const findAssignment: Statement = {
  name: 'find-assignment',
  text: `
    SELECT ${ASSIGNMENT_AND_POLICY}
    FROM (VALUES ($1::bytea, $2::bytea)) AS asked (number_key, caller_key)
    ${ASSIGNMENT_OF_CALLER}`,
};

const findAssignments: Statement = {
  name: 'find-assignments',
  text: `
    SELECT asked.position::integer, ${ASSIGNMENT_AND_POLICY}
    FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS asked (number_key, caller_key, position)
    ${ASSIGNMENT_OF_CALLER}`,
};

const describeUnjoined: Statement = {
  name: 'describe-unjoined',
  text: `
    SELECT asked.position::integer, ${UNJOINED}
    FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS asked (number_key, caller_key, position)
    ${NUMBER_AND_MIRROR}`,
};
