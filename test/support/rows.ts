import { randomBytes, randomUUID } from 'node:crypto';

import type { DataSource, EntityManager } from 'typeorm';

import type { E164 } from '../../src/phone-number/e164.js';

/** Columns by their names in the database. */
export type Row = Record<string, unknown>;

const AT = new Date('2026-11-22T06:00:00.000Z');

/** Stores a row directly, without a service, so that only the database's rules apply. */
export async function insert<T extends Row>(database: DataSource | EntityManager, table: string, row: T): Promise<T> {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  await database.query(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`,
    columns.map((column) => row[column]),
  );
  return row;
}

export function aPoolRow(but: Row = {}) {
  return {
    id: randomUUID() as string,
    name: `pool-${randomBytes(6).toString('hex')}`,
    country: 'IN',
    provider: 'exotel',
    capacity: 1,
    grace_seconds: 0,
    cancel_grace_seconds: 0,
    quarantine_seconds: 0,
    lifetime_seconds: 60,
    low_water: 0,
    target: 0,
    max_numbers: 0,
    created_at: AT,
    ...but,
  };
}

let drawn = 0;

export function aNumberRow(pool: { id: string }, but: Row = {}) {
  return {
    number: `+9180471${String((drawn += 1)).padStart(5, '0')}` as E164,
    pool_id: pool.id,
    provider: 'exotel',
    status: 'available',
    capacity: 1,
    created_at: AT,
    ...but,
  };
}

export function anOrderRow(pool: { id: string }, but: Row = {}) {
  return {
    id: randomUUID() as string,
    reference: `order-${randomBytes(6).toString('hex')}`,
    pool_id: pool.id,
    status: 'placed',
    lifetime_seconds: 60,
    grace_seconds: 0,
    cancel_grace_seconds: 0,
    quarantine_seconds: 0,
    placed_at: AT,
    due_at: AT,
    ...but,
  };
}

export function aParticipantRow(order: { id: string }, but: Row = {}) {
  return {
    id: randomUUID() as string,
    order_id: order.id,
    role: 'customer',
    phone: randomBytes(48),
    phone_key: randomBytes(32),
    joined_at: AT,
    ...but,
  };
}

export function anAssignmentRow(order: { id: string }, number: { number: string }, but: Row = {}) {
  return {
    virtual_number: number.number,
    dialler_key: randomBytes(32),
    order_id: order.id,
    dialler_id: randomUUID() as string,
    dialler_role: 'customer',
    callee_id: randomUUID() as string,
    callee_phone: randomBytes(48),
    shown_number: number.number,
    assigned_at: AT,
    connects_until: AT,
    ...but,
  };
}
