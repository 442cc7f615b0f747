/** Runs tasks in their order, `atOnce` at a time. Rejects with the first failure when no task is running any more. */
export async function inFlight(atOnce: number, tasks: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0;
  let failed = false;
  const work = async () => {
    while (next < tasks.length && !failed) {
      const task = tasks[next]!;
      next += 1;
      await task().catch((failure: unknown) => {
        failed = true;
        throw failure;
      });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, tasks.length) }, work));
  const failure = ended.find((one) => one.status === 'rejected');
  if (failure) throw failure.reason;
}
