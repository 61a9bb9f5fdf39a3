/** Screen-reader announcements of run state and component lights. */
import { signal } from '@preact/signals';
import { clock } from '../src/core/format.ts';
import type { PanelState } from '../src/protocol/panel/panel-message.ts';
import { verdictOf } from './validation-verdict.ts';

const minIntervalMs = 5_000;

const announcement = signal('');
let lastText = '';
let lastAnnouncedAtMs = Number.NEGATIVE_INFINITY;

/** Announces the run state and the lights if they changed, at most every five seconds. */
export function announce(state: PanelState, nowMs: number): void {
  const text = describeState(state);
  if (text === lastText || nowMs - lastAnnouncedAtMs < minIntervalMs) return;
  lastText = text;
  lastAnnouncedAtMs = nowMs;
  const { snapshot } = state;
  announcement.value = snapshot ? `${text}, at ${clock(snapshot.run.durationNs)}` : text;
}

export function Announcer() {
  return (
    <p class="visually-hidden" role="status">
      {announcement.value}
    </p>
  );
}

function describeState({ phase, paused, problem, snapshot }: PanelState): string {
  const verdict = snapshot && verdictOf(snapshot);
  const result = verdict && snapshot.run.result === 'success' ? verdict.label : snapshot?.run.result;
  const run = snapshot ? `${snapshot.run.title}: ${result}` : phase;
  const raised = snapshot?.components.filter(({ light }) => light === 'warning' || light === 'error') ?? [];
  const parts = [
    paused ? `${run}, view paused` : run,
    problem ?? '',
    snapshot?.health.level && !verdict ? `health ${snapshot.health.level}` : '',
    ...raised.map(({ name, light }) => `${name} ${light}`),
  ];
  return parts.filter((part) => part !== '').join(', ');
}
