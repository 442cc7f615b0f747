import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

/**
 * Expand: API keys that are in doubt since a restore, and webhook endpoints that are disabled by one. The previous version
 * ignores the doubt about keys.
 */
export class UnconfirmedKeys1795305600114 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['api_keys', 'webhook_endpoints'], async () => {
      // whether it may have been revoked or rotated since the backup
      await runner.query('ALTER TABLE api_keys ADD COLUMN unconfirmed boolean NOT NULL DEFAULT false');
      await runner.query(`
        ALTER TABLE webhook_endpoints DROP CONSTRAINT an_endpoint_is_disabled_for_a_reason,
          ADD CONSTRAINT an_endpoint_is_disabled_for_a_reason
            CHECK (disabled_because IN ('requested', 'gone', 'failing', 'restored'))`);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_keys DROP COLUMN unconfirmed');
    await runner.query(
      `UPDATE webhook_endpoints SET disabled_because = 'requested' WHERE disabled_because = 'restored'`,
    );
    await runner.query(`
      ALTER TABLE webhook_endpoints DROP CONSTRAINT an_endpoint_is_disabled_for_a_reason,
        ADD CONSTRAINT an_endpoint_is_disabled_for_a_reason CHECK (disabled_because IN ('requested', 'gone', 'failing'))`);
  }
}
