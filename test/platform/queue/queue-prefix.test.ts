import { queuePrefix } from '../../../src/platform/queue/queue.module.js';

const KEY = Buffer.alloc(32, 1);

it('keeps the jobs of two installations apart that share a Redis and the name of their databases', () => {
  const staging = queuePrefix('postgres://maskline@staging-db/maskline', Buffer.alloc(32, 2));
  expect(queuePrefix('postgres://maskline@db/maskline', KEY)).not.toBe(staging);
});

it('is the same for every process of an installation, by whatever name it reaches its database', () => {
  expect(queuePrefix('postgres://worker:secret@10.0.0.7:6432/maskline', KEY)).toBe(
    queuePrefix('postgres://api:secret@db.internal/maskline', KEY),
  );
});
