import { PinoLogger } from 'nestjs-pino';

type LogTo = (line: string) => void;

let logTo: LogTo | null = null;

/** Where every application of this process logs to. */
export const logOfTests = { write: (line: string): void => logTo?.(line) };

/** Sends log lines of every level to a test, from now on; null = nowhere. */
export function sendLogTo(test: LogTo | null): void {
  logTo = test;
  if (PinoLogger.root !== undefined) PinoLogger.root.level = test === null ? 'silent' : 'trace';
}
