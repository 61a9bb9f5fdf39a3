/** Shows the state of a validation run: the label and sign of its verdict, with its score and counts. */
import type { Snapshot } from '../src/protocol/snapshot.ts';
import type { ReadyVerdict } from '../src/protocol/validation/validation.ts';
import type { IconName } from './views/icon.tsx';

export interface Verdict {
  /** `not yet` while the validation runs, `none` if it ended without a verdict. */
  readonly label: string;
  readonly sign: IconName;
  readonly score?: number;
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly skipped: number;
}

const labels: Readonly<Record<ReadyVerdict, Pick<Verdict, 'label' | 'sign'>>> = {
  ready: { label: 'ready', sign: 'ok' },
  not_ready: { label: 'not ready', sign: 'error' },
  incomplete: { label: 'incomplete', sign: 'warning' },
};

/** Returns undefined if the run is not a validation. */
export function verdictOf({ run, validation }: Snapshot): Verdict | undefined {
  if (run.pipeline !== 'validation') return undefined;
  const { passed = 0, failed = 0, warned = 0, skipped = 0, outcome } = validation ?? {};
  const counts = { passed, failed, warned, skipped };
  if (outcome) return { ...labels[outcome.verdict], ...counts, score: outcome.score };
  return { label: run.result === 'running' ? 'not yet' : 'none', sign: 'off', ...counts };
}
