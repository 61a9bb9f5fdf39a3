/** Shows the progress of a benchmark in a notification that can be cancelled. */
import { duration } from '../../core/format.ts';
import type { BenchOptions, BenchProgress } from '../../node/benchmark/run-benchmark.ts';
import { separator } from '../escape-label.ts';
import { showProgress } from '../show-message.ts';

export interface ProgressHooks extends Required<Pick<BenchOptions, 'signal' | 'onProgress'>> {
  readonly onNote: (line: string) => void;
}

/** Resolves with undefined if the user cancels or `abort` is aborted. */
export async function withProgress<T>(
  title: string,
  abort: AbortController,
  work: (hooks: ProgressHooks) => Promise<T>,
): Promise<T | undefined> {
  return showProgress(title, async (report, token) => {
    token.onCancellationRequested(() => abort.abort());
    let shownPercent = 0;
    const hooks: ProgressHooks = {
      signal: abort.signal,
      onNote: report,
      onProgress: (current) => {
        const percent = (100 * current.done) / current.total;
        report(progressText(current), Math.max(0, percent - shownPercent));
        shownPercent = Math.max(shownPercent, percent);
      },
    };
    try {
      return await work(hooks);
    } catch (error) {
      if (abort.signal.aborted) return undefined;
      throw error;
    }
  });
}

/** Formats progress as `run 4 of at most 30 · warm-up, cold · at most 1 m 12 s left`. */
function progressText({ done, total, what, remainingNs }: BenchProgress): string {
  const left = remainingNs === undefined ? [] : [`at most ${duration(remainingNs)} left`];
  return [`run ${Math.min(done + 1, total)} of at most ${total}`, what, ...left].join(separator);
}
