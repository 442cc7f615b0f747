import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Expand: a function that reads the participants of an order. A statement that locks the order and calls it reads them
 * as they are once the order is locked: each statement of a volatile function sees what was committed by then. The
 * previous version ignores it.
 */
export class ParticipantsWithTheLock1795305600122 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION current_participants(of_order uuid)
      RETURNS TABLE ("participantId" uuid, role text, phone bytea, "phoneKey" bytea, "joinedAt" timestamptz,
                     "hasAlternates" boolean)
      LANGUAGE sql VOLATILE ROWS 2 AS $$
        SELECT participant.id, participant.role, participant.phone, participant.phone_key, participant.joined_at,
               EXISTS (SELECT FROM participant_phones AS other WHERE other.participant_id = participant.id)
        FROM participants AS participant
        WHERE participant.order_id = of_order AND participant.left_at IS NULL
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION current_participants');
  }
}
