import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Readiness } from '../observability/readiness.js';

const CAN_WRITE = `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS "isReadOnly"`;

/** Readiness check `database`: it answers, and can be written to. A standby and a read-only primary cannot serve calls. */
@Injectable()
export class DatabaseCheck implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.add('database', () => this.look());
  }

  private async look(): Promise<string | null> {
    try {
      const [row] = (await this.dataSource.query(CAN_WRITE)) as { isReadOnly: boolean }[];
      return row!.isReadOnly ? 'read-only' : null;
    } catch {
      return 'does not answer';
    }
  }
}
