/** What is said to those who listen rather than look: how the run and its lights change, seldom. */
import { signal } from '@preact/signals';
import { clock } from '../src/core/format.ts';
import type { PanelState } from '../src/protocol/panel-message.ts';
import { verdictOf } from './validation-verdict.ts';

/** Shortest time between two announcements. */
const calmMs = 5_000;

const news = signal('');
let said = '';
let saidAtMs = Number.NEGATIVE_INFINITY;

/** Announces the lights and the phase when they have changed, at most every five seconds. */
export function announce(state: PanelState, nowMs: number): void {
  const text = newsOf(state);
  if (text === said || nowMs - saidAtMs < calmMs) return;
  said = text;
  saidAtMs = nowMs;
  const { snapshot } = state;
  news.value = snapshot ? `${text}, at ${clock(snapshot.run.durationNs)}` : text;
}

export function Announcements() {
  return (
    <p class="unseen" role="status">
      {news.value}
    </p>
  );
}

function newsOf({ phase, paused, problem, snapshot }: PanelState): string {
  const verdict = snapshot && verdictOf(snapshot);
  const result = verdict && snapshot.run.result === 'success' ? verdict.word : snapshot?.run.result;
  const run = snapshot ? `${snapshot.run.title}: ${result}` : phase;
  const lights = snapshot?.components.filter(({ light }) => light === 'warning' || light === 'error') ?? [];
  const parts = [
    paused ? `${run}, view paused` : run,
    problem ?? '',
    snapshot?.health.level && !verdict ? `health ${snapshot.health.level}` : '',
    ...lights.map(({ name, light }) => `${name} ${light}`),
  ];
  return parts.filter((part) => part !== '').join(', ');
}
