import { endServersAtOnce } from '../platform/embedded/end-at-once.js';

/** An init system would kill the process after a longer time anyway. */
const STOPPED_WITHIN_MS = 25_000;

/**
 * At the first Ctrl-C or SIGTERM, stops the parts in order and ends the process. At a second one, ends it at once,
 * together with the embedded servers.
 *
 * @param stop gets the time in which requests that still arrive are answered: 0 after Ctrl-C
 * @param drainMs that time after SIGTERM
 */
export function stopOnSignal(stop: (drainMs: number) => Promise<void>, exitCode = 0, drainMs = 0): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) {
      endServersAtOnce();
      exit(1);
    }
    stopping = true;
    const drainsMs = signal === 'SIGTERM' ? drainMs : 0;
    const withinMs = drainsMs + STOPPED_WITHIN_MS;
    setTimeout(() => giveUp(`It took longer than ${withinMs / 1000} s.`), withinMs).unref();
    void stop(drainsMs).then(
      () => exit(exitCode),
      (failure: unknown) => giveUp(failure instanceof Error ? failure.message : String(failure)),
    );
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
}

function giveUp(why: string): never {
  endServersAtOnce();
  process.stderr.write(`Maskline did not stop in order. ${why}\n`);
  exit(1);
}

/** Without the exit handlers of libraries: lmdb's waits for a write under way, which may wait for this thread. */
function exit(code: number): never {
  process.removeAllListeners('exit');
  process.exit(code);
}
