import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { showSourcePositions } from '../src/platform/start/source-positions.js';

/** As in `npm start`. */
const LIKE_START = ['--max-semi-space-size=16'];

/** A child process that answers one message at a time. */
export class Child<Question, Answer> {
  private constructor(
    private readonly name: string,
    private readonly process: ChildProcess,
  ) {}

  /** Starts a compiled file of this folder, and waits until it is ready. @returns the process, and its first message */
  static async start<Ready, Question, Answer>(
    file: string,
    environment: object,
  ): Promise<[Child<Question, Answer>, Ready]> {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const process = fork(path, [JSON.stringify(environment)], {
      execArgv: LIKE_START,
      serialization: 'advanced',
    });
    const child = new Child<Question, Answer>(file, process);
    return [child, (await child.message()) as Ready];
  }

  async ask(question: Question): Promise<Answer> {
    const answer = this.message();
    this.process.send(question as object);
    return (await answer) as Answer;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, 'exit');
    if (this.process.connected) this.process.disconnect();
    await gone;
  }

  private async message(): Promise<unknown> {
    const gone = new AbortController();
    const died = once(this.process, 'exit', { signal: gone.signal }).then(([code]) => {
      throw new Error(`${this.name} ended with ${String(code)}.`);
    });
    try {
      const [message] = (await Promise.race([once(this.process, 'message', { signal: gone.signal }), died])) as [
        object,
      ];
      if ('failure' in message) throw new Error(`${this.name}: ${String(message.failure)}`);
      return message;
    } finally {
      died.catch(() => undefined);
      gone.abort();
    }
  }
}

/** The child's side: reports that it is ready, answers until the parent ends, then closes. */
export async function serveParent<Environment, Question>(
  begin: (environment: Environment) => Promise<{
    ready: object;
    answer: (question: Question) => Promise<object>;
    close: () => Promise<void>;
  }>,
): Promise<void> {
  showSourcePositions();
  const say = (message: object) => process.connected && process.send!(message);
  try {
    const { ready, answer, close } = await begin(JSON.parse(process.argv[2]!) as Environment);
    process.on('message', (question) => {
      answer(question as Question).then(say, (failure: unknown) => say({ failure: wordsOf(failure) }));
    });
    process.once('disconnect', () => void close().finally(() => process.exit()));
    say(ready);
  } catch (failure) {
    say({ failure: wordsOf(failure) });
    process.exitCode = 1;
    process.disconnect?.();
  }
}

function wordsOf(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}
