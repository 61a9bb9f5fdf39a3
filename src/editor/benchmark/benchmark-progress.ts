/** Shows how far a measurement is, with an end at any time. */
import * as vscode from 'vscode';
import { duration } from '../../core/format.ts';
import type { BenchOptions, BenchProgress } from '../../node/benchmark/run-benchmark.ts';

export interface Measuring extends Required<Pick<BenchOptions, 'signal' | 'onProgress'>> {
  readonly onNote: (line: string) => void;
}

/** Resolves with `undefined` when it was cancelled, by the person or by `end`. */
export async function withProgress<T>(
  title: string,
  end: AbortController,
  work: (measuring: Measuring) => Promise<T>,
): Promise<T | undefined> {
  const where = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(where, async (progress, token) => {
    token.onCancellationRequested(() => end.abort());
    let shown = 0;
    const measuring: Measuring = {
      signal: end.signal,
      onNote: (message) => progress.report({ message }),
      onProgress: (one) => {
        const percent = (100 * one.done) / one.total;
        progress.report({ message: progressText(one), increment: Math.max(0, percent - shown) });
        shown = Math.max(shown, percent);
      },
    };
    try {
      return await work(measuring);
    } catch (error) {
      if (end.signal.aborted) return undefined;
      throw error;
    }
  });
}

/** `run 4 of at most 30 · warm-up, cold · 1 m 12 s left`. */
function progressText({ done, total, what, remainingNs }: BenchProgress): string {
  const left = remainingNs === undefined ? [] : [`at most ${duration(remainingNs)} left`];
  return [`run ${Math.min(done + 1, total)} of at most ${total}`, what, ...left].join(' · ');
}
