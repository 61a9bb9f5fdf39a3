/** Short texts about a run, for the status bar and the tree views. */
import { duration, percent, rate, timing } from '../../core/format.ts';
import type { Phase } from '../../protocol/panel/panel-message.ts';
import type { ComponentState, Light, RunResult, Snapshot } from '../../protocol/snapshot.ts';
import { escapeLabel, separator } from '../escape-label.ts';
import type { TreeIcon } from './tree-row.ts';

interface RunStatus {
  readonly phase: Phase;
  readonly paused: boolean;
  readonly problem: string | undefined;
  readonly snapshot: Snapshot | undefined;
}

interface StatusBarText {
  readonly text: string;
  readonly tooltip: string;
  /** For screen readers: without icons. */
  readonly label: string;
}

/** Returns the key figures while a pipeline runs, such as `$(pulse) 145 /s · p95 12.0 ms · 0.4 % overhead`. */
export function statusBarText({ phase, paused, problem, snapshot }: RunStatus): StatusBarText {
  switch (phase) {
    case 'starting':
      return status('$(loading~spin)', 'Starting', 'A pipeline is starting. Click to open the profiler panel.');
    case 'stopping':
      return status('$(loading~spin)', 'Stopping', 'The pipeline is stopping.');
    case 'running': {
      const title = snapshot?.run.title ?? 'The pipeline';
      if (paused) return status('$(debug-pause)', 'Paused', `${title} is still running; the live view is paused.`);
      return status('$(pulse)', keyFigures(snapshot), `${title} is running. Click to open the profiler panel.`);
    }
    case 'failed':
      return status('$(warning)', 'Pipescope', problem ?? 'The last run failed. Click to open the profiler panel.');
    case 'idle':
      return status('$(pulse)', 'Pipescope', snapshot ? resultText(snapshot) : 'Open the profiler panel.');
  }
}

/** Returns how a run ended: its message, or else its result and duration. */
export function resultText(snapshot: Snapshot): string {
  const { title, result, durationNs, message } = snapshot.run;
  return message ?? `${title}: ${resultLabels[result]} after ${duration(durationNs)}.`;
}

export const resultLabels: Readonly<Record<RunResult, string>> = {
  running: 'running',
  success: 'succeeded',
  failure: 'failed',
  error: 'ended with an error',
  cancellation: 'stopped',
};

export const lightLabels: Readonly<Record<Light, string>> = {
  ok: 'ok',
  warning: 'warning',
  error: 'error',
  off: 'no data',
};

export const lightIcons: Readonly<Record<Light, TreeIcon>> = {
  ok: { name: 'pass-filled', color: 'testing.iconPassed' },
  warning: { name: 'warning', color: 'list.warningForeground' },
  error: { name: 'error', color: 'list.errorForeground' },
  off: { name: 'circle-outline', color: 'disabledForeground' },
};

/**
 * Returns the light's label, then the key figures: `ok · 145 /s · p95 12.0 ms · 92 % cache`.
 * @param sampledNs self time of the component in stack samples; shown if no call was counted
 */
export function componentText(component: ComponentState, sampledNs = 0): string {
  if (component.count === 0 && sampledNs > 0) return `sampled${separator}~${duration(sampledNs)} self`;
  const { light, ratePerSecond, p95Ns, cacheHits, cacheMisses } = component;
  const parts = [lightLabels[light]];
  if (ratePerSecond > 0) parts.push(rate(ratePerSecond));
  if (p95Ns !== undefined) parts.push(`p95 ${timing(p95Ns)}`);
  if (cacheHits + cacheMisses > 0) parts.push(`${percent(cacheHits / (cacheHits + cacheMisses))} cache`);
  return parts.join(separator);
}

function keyFigures(snapshot: Snapshot | undefined): string {
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

function status(icon: string, summary: string, tooltip: string): StatusBarText {
  return { text: `${icon} ${escapeLabel(summary)}`, tooltip, label: `Pipescope: ${summary}. ${tooltip}` };
}
