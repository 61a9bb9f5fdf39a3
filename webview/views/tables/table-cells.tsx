/** Parts of table cells: source links, share bars, color swatches, "Show more", and arrow-key navigation. */
import type { Signal } from '@preact/signals';
import type { TargetedKeyboardEvent } from 'preact';
import { whole } from '../../../src/core/format.ts';
import type { Color } from '../../colors.ts';
import { post } from '../../host.ts';

interface SourceLinkProps {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly text: string;
}

/** A name that opens its source location, if known. The button covers the whole row. */
export function SourceLink({ file, line, text }: SourceLinkProps) {
  if (file === undefined) return <span class="name">{text}</span>;
  const location = line === undefined ? file : `${file}:${line}`;
  return (
    <button type="button" class="name" title={location} onClick={() => post({ type: 'reveal', file, line: line ?? 1 })}>
      {text}
    </button>
  );
}

/** A bar for a share from 0 to 1. Hidden from screen readers because the cell also shows the number. */
export function ShareBar({ ratio }: { readonly ratio: number }) {
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect width={(Math.min(1, Math.max(0, ratio)) * 100).toFixed(1)} height="8" />
    </svg>
  );
}

/** A color sample in a legend. */
export function ColorSwatch({ color }: { readonly color: Color }) {
  return (
    <svg class={`swatch block ${color}`} viewBox="0 0 8 8" aria-hidden="true">
      <rect width="8" height="8" />
    </svg>
  );
}

/** Number of rows drawn at first. More rows would cost time in every frame and are rarely read. */
export const initialRowCount = 50;

/** A button that shows the hidden rows by setting `showsAll`. */
export function ShowMore({ hidden, showsAll }: { readonly hidden: number; readonly showsAll: Signal<boolean> }) {
  if (hidden <= 0) return null;
  const show = () => {
    showsAll.value = true;
  };
  return (
    <p class="hint">
      <button type="button" class="quiet" onClick={show}>
        Show {whole(hidden)} more
      </button>
    </p>
  );
}

/** Moves the focus to the button in the previous or next row on arrow up or down. */
export function moveRowFocus(event: TargetedKeyboardEvent<HTMLTableElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('tbody button')];
  const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[index + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
