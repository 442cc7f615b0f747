import type { DataSource } from 'typeorm';

/**
 * Checks an invariant that holds whenever no request is running: a number's count of links equals the links that it
 * serves unreleased, and never exceeds its capacity.
 */
export async function expectConservedNumbers(dataSource: DataSource): Promise<void> {
  const wrong = await dataSource.query(`
    SELECT number.number, number.orders_held, number.capacity, served.orders
    FROM virtual_numbers AS number
    CROSS JOIN LATERAL (SELECT count(DISTINCT (assignment.order_id, LEAST(assignment.dialler_role, assignment.callee_role),
                                               GREATEST(assignment.dialler_role, assignment.callee_role)))::integer AS orders
                        FROM assignments AS assignment
                        WHERE assignment.virtual_number = number.number AND assignment.released_at IS NULL) AS served
    WHERE number.orders_held <> served.orders OR number.orders_held > number.capacity`);
  expect(wrong).toEqual([]);
}
