/** What tables are made of: a name that leads to its place, a bar for a share, and steps between rows by arrow keys. */
import type { Signal } from '@preact/signals';
import type { TargetedKeyboardEvent } from 'preact';
import { whole } from '../../../src/core/format.ts';
import type { Color } from '../../colors.ts';
import { post } from '../../host.ts';

/** A name; where its place is known it is a button that fills its row and opens the place. */
export function Place({ file, line, text }: Target & { readonly text: string }) {
  if (file === undefined) return <span class="name">{text}</span>;
  const place = line === undefined ? file : `${file}:${line}`;
  return (
    <button type="button" class="name" title={place} onClick={() => post({ type: 'reveal', file, line: line ?? 1 })}>
      {text}
    </button>
  );
}

interface Target {
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** A share from 0 to 1 as a length; the number stands beside it. */
export function Bar({ ratio }: { readonly ratio: number }) {
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect width={(Math.min(1, Math.max(0, ratio)) * 100).toFixed(1)} height="8" />
    </svg>
  );
}

/** A colour's meaning in a legend. */
export function Block({ color }: { readonly color: Color }) {
  return (
    <svg class={`swatch block ${color}`} viewBox="0 0 8 8" aria-hidden="true">
      <rect width="8" height="8" />
    </svg>
  );
}

/** Rows drawn before the person asks for all: the rest costs time in each frame and is seldom read. */
export const firstRows = 50;

/** Offers the rows that are not drawn yet; `all` says that they were asked for. */
export function More({ hidden, all }: { readonly hidden: number; readonly all: Signal<boolean> }) {
  if (hidden <= 0) return null;
  const show = () => {
    all.value = true;
  };
  return (
    <p class="hint">
      <button type="button" class="quiet" onClick={show}>
        Show {whole(hidden)} more
      </button>
    </p>
  );
}

/** Up and down go from one row's button to the next. */
export function stepRows(event: TargetedKeyboardEvent<HTMLTableElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('tbody button')];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
