/**
 * Whether a row of history had begun at an instant and had not left quarantine, in SQL, for one number. The same words as
 * in the index `assignment_history_by_instant`. It is about whole seconds and numbers of the same last nine digits, so
 * the statement must compare the number and the instants too.
 */
export function coversInstant(row: string, number: string, at: string): string {
  return `int8range(number_at(${row}.virtual_number, ${row}.assigned_at),
                    number_at(${row}.virtual_number, GREATEST(${row}.assigned_at, ${row}.quarantined_until)), '[]')
          @> number_at(${number}, ${at})`;
}
