/**
 * What the service would be without one of the things it rests on. `from` stands exactly once in `file`; a mutant of
 * several edits names several.
 *
 * @typedef {{ file: string, from: string, to: string }} Edit
 * @type {readonly { name: string, edits: readonly Edit[] }[]}
 */
export const MUTANTS = [
  {
    name: 'takers wait for each other: no SKIP LOCKED',
    edits: [
      {
        file: 'src/virtual-numbers/assignments/take-number.queries.ts',
        from: '    FOR NO KEY UPDATE OF number SKIP LOCKED\n',
        to: '    FOR NO KEY UPDATE OF number\n',
      },
    ],
  },
  {
    name: 'takers share a row: no row lock at all',
    edits: [
      {
        file: 'src/virtual-numbers/assignments/take-number.queries.ts',
        from: '    FOR NO KEY UPDATE OF number SKIP LOCKED\n',
        to: '',
      },
    ],
  },
  {
    name: 'no primary key one_order_per_number_and_dialler',
    edits: [
      {
        file: 'migrations/1795305600003-assignments.ts',
        from: '        CONSTRAINT one_order_per_number_and_dialler PRIMARY KEY (virtual_number, dialler_key),\n',
        to: '',
      },
      {
        file: 'migrations/1795305600003-assignments.ts',
        from: '    await runner.query(`CREATE INDEX assignments_by_dialler ON assignments (dialler_key)`);\n',
        to:
          '    await runner.query(`CREATE INDEX assignments_by_dialler ON assignments (dialler_key)`);\n' +
          '    await runner.query(`CREATE INDEX not_unique ON assignments (virtual_number, dialler_key)`);\n',
      },
    ],
  },
  {
    name: 'pairs that are taken are picked: nothing asks for them',
    edits: [
      {
        file: 'src/virtual-numbers/assignments/take-number.queries.ts',
        from: 'WHERE held.dialler_key ${dialler})',
        to: 'WHERE held.dialler_key ${dialler} AND false)',
      },
    ],
  },
  {
    name: 'no quarantine: pairs rest until they connect no more',
    edits: [
      {
        file: 'src/virtual-numbers/assignments/assignment-end.queries.ts',
        from: 'SET connects_until = $2, quarantined_until = $3',
        to: 'SET connects_until = $2, quarantined_until = $2',
      },
    ],
  },
  {
    name: 'calls connect without end: connects_until unread',
    edits: [
      {
        file: 'src/telephony/calls/call-decision.ts',
        from: 'if (now >= row.connectsUntil) return',
        to: 'if (now >= row.connectsUntil && !row) return',
      },
    ],
  },
  {
    name: 'a restored database is believed: unconfirmed unread',
    edits: [
      {
        file: 'src/telephony/calls/call-decision.ts',
        from: 'if (row.unconfirmed) return',
        to: 'if (row.unconfirmed && !row) return',
      },
    ],
  },
  {
    name: 'numbers of the gap are assigned: withheld_until unread',
    edits: [
      {
        file: 'src/virtual-numbers/assignments/take-number.queries.ts',
        from: 'number.pool_id = ${pool} AND number.assignable AND number.withheld_until IS NULL',
        to: 'number.pool_id = ${pool} AND number.assignable',
      },
      {
        file: 'src/virtual-numbers/assignments/take-number.queries.ts',
        from: 'ON number.number = near.number AND number.assignable AND number.withheld_until IS NULL',
        to: 'ON number.number = near.number AND number.assignable',
      },
    ],
  },
  {
    name: 'wrong caller ID: the dialled number is shown',
    edits: [
      {
        file: 'src/virtual-numbers/assignments/call-lookups.ts',
        from: 'assignment.shown_number AS "shownNumber"',
        to: 'assignment.virtual_number AS "shownNumber"',
      },
    ],
  },
];
