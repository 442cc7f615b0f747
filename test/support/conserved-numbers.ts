import type { DataSource } from 'typeorm';

/**
 * What must hold whenever nobody is at work: a number holds the orders that have an unreleased pair on it, no more and
 * no fewer, and never more than its capacity.
 */
export async function expectConservedNumbers(dataSource: DataSource): Promise<void> {
  const wrong = await dataSource.query(`
    SELECT number.number, number.orders_held, number.capacity, served.orders
    FROM virtual_numbers AS number
    CROSS JOIN LATERAL (SELECT count(DISTINCT assignment.order_id)::integer AS orders FROM assignments AS assignment
                        WHERE assignment.virtual_number = number.number AND assignment.released_at IS NULL) AS served
    WHERE number.orders_held <> served.orders OR number.orders_held > number.capacity`);
  expect(wrong).toEqual([]);
}
