/** Icons shown next to text, drawn as SVG so that they look the same on every machine and in every theme. */
import type { Level, Light, RunResult } from '../../src/protocol/snapshot.ts';

/** SVG paths in a 16 × 16 view box. */
const outlines = {
  ok: 'M6.4 12.6 2.3 8.5l1.3-1.3 2.8 2.8 6-6 1.3 1.3z',
  warning: 'M8 1.6 15.4 14.4H.6zM7.2 6v4.3h1.6V6zm0 5.4V13h1.6v-1.6z',
  error: 'M4.2 2.9 8 6.7l3.8-3.8 1.3 1.3L9.3 8l3.8 3.8-1.3 1.3L8 9.3l-3.8 3.8-1.3-1.3L6.7 8 2.9 4.2z',
  off: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3zm0 1.4a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2z',
  live: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.3a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 8 2.8zM8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 3h2.8v10H4zm5.2 0H12v10H9.2z',
  stop: 'M3.5 3.5h9v9h-9z',
  search: 'M7 2a5 5 0 1 0 3 9l3.5 3.5 1-1L11 10a5 5 0 0 0-4-8zm0 1.4a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2z',
} as const;

export type IconName = keyof typeof outlines;

/** An icon, hidden from screen readers because text next to it has the same meaning. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 16 16" aria-hidden="true">
      <path fill-rule="evenodd" d={outlines[name]} />
    </svg>
  );
}

export const levelIcons: Readonly<Record<Level, Light>> = {
  excellent: 'ok',
  good: 'ok',
  warning: 'warning',
  critical: 'error',
};

export const resultIcons: Readonly<Record<RunResult, IconName>> = {
  running: 'live',
  success: 'ok',
  failure: 'error',
  error: 'error',
  cancellation: 'off',
};
