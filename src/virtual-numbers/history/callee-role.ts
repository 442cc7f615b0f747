/** The callee's role in a row of assignments or of history, in SQL. Earlier versions joined a customer and an agent. */
export function calleeRoleOf(row: string): string {
  return `COALESCE(${row}.callee_role, CASE ${row}.dialler_role WHEN 'customer' THEN 'agent' ELSE 'customer' END)`;
}
