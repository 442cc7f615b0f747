import { endServersAtOnce } from '../platform/embedded/end-at-once.js';

/** An init system would kill the process after a longer time anyway. */
const STOPPED_WITHIN_MS = 25_000;

/**
 * At the first Ctrl-C or SIGTERM, stops the parts in order and ends the process. At a second one, ends it at once,
 * together with the embedded servers.
 */
export function stopOnSignal(stop: () => Promise<void>, exitCode = 0): void {
  let stopping = false;
  const onSignal = () => {
    if (stopping) {
      endServersAtOnce();
      exit(1);
    }
    stopping = true;
    setTimeout(() => giveUp(`It took longer than ${STOPPED_WITHIN_MS / 1000} s.`), STOPPED_WITHIN_MS).unref();
    void stop().then(
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
