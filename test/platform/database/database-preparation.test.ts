import { DatabasePreparation } from '../../../src/platform/database/database-preparation.js';
import { eventually } from '../../support/eventually.js';

const DOWN = 'does not answer';
const UNPREPARED = 'not migrated yet';

/** The work of a preparation, which ends when the test says so. */
class Work {
  readonly begun: { done: () => void; fail: () => void }[] = [];
  readonly begin = async (): Promise<void> =>
    new Promise((resolve, reject) => {
      this.begun.push({ done: resolve, fail: () => reject(new Error('failed')) });
    });
}

function aPreparation(): { preparation: DatabasePreparation; work: Work } {
  const [preparation, work] = [new DatabasePreparation(), new Work()];
  preparation.prepareWith(work.begin);
  return { preparation, work };
}

it('a database is not used before it is prepared, and is prepared once', async () => {
  const { preparation, work } = aPreparation();
  expect(preparation.look(DOWN)).toBe(DOWN);
  expect([preparation.look(null), preparation.look(null)]).toEqual([UNPREPARED, UNPREPARED]);
  expect(work.begun).toHaveLength(1);
  work.begun[0]!.done();
  await preparation.done;
  expect([preparation.look(null), preparation.look(DOWN), preparation.look(null)]).toEqual([null, DOWN, null]);
  expect(work.begun).toHaveLength(1);
});

it('a preparation that failed begins again while the database answers', async () => {
  const { preparation, work } = aPreparation();
  preparation.look(null);
  work.begun[0]!.fail();
  await eventually(() => preparation.look(null) === UNPREPARED && work.begun.length === 2);
});

it('a preparation that hangs because the database fell silent again begins again, and either one counts', async () => {
  const { preparation, work } = aPreparation();
  preparation.look(null);
  preparation.look(DOWN);
  preparation.look(null);
  expect(work.begun).toHaveLength(2);
  work.begun[0]!.done();
  await preparation.done;
  expect(preparation.look(null)).toBeNull();
});
