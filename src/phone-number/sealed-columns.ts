import { alternatePhone, dataOf, phoneOf, pinOf, recordingOf, wordsOf, type SealedPlace } from './sealed-place.js';

/** A column with sealed values. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The columns of the primary key, with their types. */
  readonly key: Readonly<Record<string, string>>;
  /** Other columns of the row that its place is made of. */
  readonly also?: readonly string[];
  readonly place: (row: Readonly<Record<string, string>>) => SealedPlace;
}

/** All columns with sealed values that earlier versions may have sealed without their place. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'participants', column: 'phone', key: { id: 'uuid' }, place: (row) => phoneOf(row['id']!) },
  { table: 'participant_phones', column: 'phone', key: { id: 'uuid' }, place: (row) => alternatePhone(row['id']!) },
  {
    table: 'assignments',
    column: 'callee_phone',
    key: { virtual_number: 'text', dialler_key: 'bytea' },
    also: ['callee_id'],
    place: (row) => phoneOf(row['callee_id']!),
  },
  {
    table: 'assignments',
    column: 'pin',
    key: { virtual_number: 'text', dialler_key: 'bytea' },
    also: ['order_id', 'dialler_role'],
    place: (row) => pinOf(row['order_id']!, row['dialler_role']!, row['virtual_number']!),
  },
  {
    table: 'interactions',
    column: 'recording',
    key: { provider: 'text', provider_call_id: 'text' },
    place: (row) => recordingOf(row['provider']!, row['provider_call_id']!),
  },
  {
    table: 'ended_interactions',
    column: 'recording',
    key: { provider: 'text', provider_call_id: 'text' },
    place: (row) => recordingOf(row['provider']!, row['provider_call_id']!),
  },
  {
    table: 'kept_texts',
    column: 'words',
    key: { provider: 'text', provider_message_id: 'text' },
    place: (row) => wordsOf(row['provider']!, row['provider_message_id']!),
  },
  {
    table: 'incoming_events',
    column: 'data',
    key: { id: 'bigint' },
    also: ['source', 'event_id'],
    place: (row) => dataOf(row['source']!, row['event_id']!),
  },
];
