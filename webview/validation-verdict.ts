/** What a run of the validation has come to: read from its counters, which are all that a snapshot knows of it. */
import type { Snapshot } from '../src/protocol/snapshot.ts';
import type { ReadyVerdict } from '../src/protocol/validation.ts';
import type { Sign } from './views/icon.tsx';

export interface Verdict {
  /** While it runs it has none. */
  readonly word: string;
  readonly sign: Sign;
  readonly score?: number;
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly skipped: number;
}

const words: Readonly<Record<ReadyVerdict, Pick<Verdict, 'word' | 'sign'>>> = {
  ready: { word: 'ready', sign: 'ok' },
  not_ready: { word: 'not ready', sign: 'error' },
  incomplete: { word: 'incomplete', sign: 'warning' },
};

const pipeline = 'validation';

/** Nothing where the run is of another pipeline. */
export function verdictOf({ run, components }: Snapshot): Verdict | undefined {
  if (run.pipeline !== pipeline) return undefined;
  const { counters = {}, gauges = {} } = components.find(({ name }) => name === pipeline) ?? {};
  const { passed = 0, failed = 0, warned = 0, skipped = 0 } = counters;
  const found = Object.entries(words).find(([id]) => (counters[id] ?? 0) > 0)?.[1];
  const open = { word: run.result === 'running' ? 'not yet' : 'none', sign: 'off' as const };
  const score = gauges['score']?.value;
  return { ...(found ?? open), passed, failed, warned, skipped, ...(found && score !== undefined ? { score } : {}) };
}
