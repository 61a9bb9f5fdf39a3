/** A run in a few words, for the status bar and the rows of the trees. */
import { duration, percent, rate, timing } from '../../core/format.ts';
import type { Phase } from '../../protocol/panel-message.ts';
import type { ComponentState, Light, RunResult, Snapshot } from '../../protocol/snapshot.ts';
import { plain } from '../lens/lens-text.ts';
import type { Icon } from './tree-row.ts';

export interface Known {
  readonly phase: Phase;
  readonly paused: boolean;
  readonly problem: string | undefined;
  readonly snapshot: Snapshot | undefined;
}

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** As a screen reader says it: without icons. */
  readonly label: string;
}

const separator = ' · ';

/** `$(pulse) 145 /s · p95 12.0 ms · 0.4 % overhead` while it runs, little else. */
export function statusOf({ phase, paused, problem, snapshot }: Known): StatusText {
  switch (phase) {
    case 'starting':
      return status('$(loading~spin)', 'Starting', 'A pipeline is starting. Click for the profiler panel.');
    case 'stopping':
      return status('$(loading~spin)', 'Stopping', 'The pipeline is being stopped.');
    case 'running': {
      const title = snapshot?.run.title ?? 'The pipeline';
      if (paused) return status('$(debug-pause)', 'Paused', `${title} runs on; what is shown stands still.`);
      return status('$(pulse)', numbers(snapshot), `${title} is running. Click for the profiler panel.`);
    }
    case 'failed':
      return status('$(warning)', 'Pipescope', problem ?? 'The last run failed. Click for the profiler panel.');
    case 'idle':
      return status('$(pulse)', 'Pipescope', snapshot ? resultOf(snapshot) : 'Open the profiler panel.');
  }
}

/** How a run ended: in its own sentence, where it has one. */
export function resultOf(snapshot: Snapshot): string {
  const { title, result, durationNs, message } = snapshot.run;
  return message ?? `${title}: ${resultWords[result]} after ${duration(durationNs)}.`;
}

export const resultWords: Readonly<Record<RunResult, string>> = {
  running: 'running',
  success: 'done',
  failure: 'failed',
  error: 'broken off',
  cancellation: 'stopped',
};

export const lightWords: Readonly<Record<Light, string>> = {
  ok: 'ok',
  warning: 'warning',
  error: 'error',
  off: 'no data',
};

export const lightIcons: Readonly<Record<Light, Icon>> = {
  ok: { name: 'pass-filled', color: 'testing.iconPassed' },
  warning: { name: 'warning', color: 'list.warningForeground' },
  error: { name: 'error', color: 'list.errorForeground' },
  off: { name: 'circle-outline', color: 'disabledForeground' },
};

/** `ok · 145 /s · p95 12.0 ms · 92 % cache`: the light in a word, then the numbers that there are; `sampledNs` of its own. */
export function componentText(component: ComponentState, sampledNs = 0): string {
  // No call of it was timed, so there is no light; but looks at the stack saw it.
  if (component.count === 0 && sampledNs > 0) return `sampled${separator}~${duration(sampledNs)} self`;
  const { light, ratePerSecond, p95Ns, cacheHits, cacheMisses } = component;
  const parts = [lightWords[light]];
  if (ratePerSecond > 0) parts.push(rate(ratePerSecond));
  if (p95Ns !== undefined) parts.push(`p95 ${timing(p95Ns)}`);
  if (cacheHits + cacheMisses > 0) parts.push(`${percent(cacheHits / (cacheHits + cacheMisses))} cache`);
  return parts.join(separator);
}

function numbers(snapshot: Snapshot | undefined): string {
  if (!snapshot) return 'Running';
  const { unit } = snapshot.run;
  const component = snapshot.components.find(({ name }) => name === unit?.component);
  const operation = snapshot.operations.find(
    ({ component: owner, name }) => owner === unit?.component && name === unit?.operation,
  );
  return [
    component && rate(component.ratePerSecond),
    operation && `p95 ${timing(operation.p95Ns)}`,
    `${percent(snapshot.overhead.percent / 100)} overhead`,
  ]
    .filter((part) => part !== undefined)
    .join(separator);
}

function status(icon: string, words: string, tooltip: string): StatusText {
  return { text: `${icon} ${plain(words)}`, tooltip, label: `Pipescope: ${words}. ${tooltip}` };
}
