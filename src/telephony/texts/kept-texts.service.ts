import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import { forgetTexts } from './texts.queries.js';

const TEXTS_A_BATCH = 500;

/** The words of texts, sealed, for as long as a pool's policy keeps them. */
@Injectable()
export class KeptTextsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Forgets what was kept long enough, to the last. @returns of how many texts */
  async forgetWhatIsDue(): Promise<number> {
    const now = this.clock.now();
    let forgotten = 0;
    for (let batch = TEXTS_A_BATCH; batch === TEXTS_A_BATCH; forgotten += batch) {
      batch = await forgetTexts(sharedPool(this.dataSource), now, TEXTS_A_BATCH);
    }
    return forgotten;
  }
}
