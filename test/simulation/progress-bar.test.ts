import { ProgressBar } from '../../simulation/progress-bar.js';

describe('the progress of a run', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  function writtenBy(isTTY: boolean): { bar: ProgressBar; written: string[] } {
    const written: string[] = [];
    const write = (text: string) => written.push(text) > 0;
    return { bar: new ProgressBar({ isTTY, write } as unknown as NodeJS.WriteStream), written };
  }

  it('is a line every ten seconds where there is no terminal, with rates of those seconds, also while a step hangs', () => {
    const { bar, written } = writtenBy(false);
    bar.begin();
    for (let second = 1; second <= 20; second += 1) {
      bar.show(second / 100, `day 1, 00:${second}`, { orders: second * (second > 10 ? 7 : 1) });
      vi.advanceTimersByTime(1_000);
    }
    vi.advanceTimersByTime(10_000);
    bar.clear();
    vi.advanceTimersByTime(60_000);

    expect(written).toEqual([
      '[##......................] 10 %  day 1, 00:10, 10 orders (1 a second), 1 min 30 s left\n',
      `[#####...................] 20 %  day 1, 00:20, 140 orders (13 a second), 1 min 20 s left\n`,
      `[#####...................] 20 %  day 1, 00:20, 140 orders (0 a second), 2 min 00 s left\n`,
    ]);
  });

  it('is one line of a terminal, rewritten', () => {
    const { bar, written } = writtenBy(true);
    bar.begin();
    vi.advanceTimersByTime(1_000);
    bar.show(0.5, 'day 1, 12:00');
    vi.advanceTimersByTime(100);
    bar.show(0.51, 'day 1, 12:01');
    vi.advanceTimersByTime(60_000);
    bar.clear();

    expect(written).toEqual(['\r\x1b[K[############............] 50 %  day 1, 12:00, 1 s left', '\r\x1b[K']);
  });
});
