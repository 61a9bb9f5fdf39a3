/** What the person chose on this page, kept while it is hidden; and where they point at this moment, which is not. */
import { effect, type Signal, signal } from '@preact/signals';
import type { BenchmarkState } from '../src/protocol/benchmark-state.ts';
import { isRecord } from '../src/protocol/guard.ts';
import { remember, remembered } from './host.ts';
import { tabs } from './tab-names.ts';
import { type Range, ranges } from './time-window.ts';

export interface Sort {
  /** Id of a column; what is not known to a table leaves it in its own order. */
  readonly column: string;
  readonly descending: boolean;
}

const before = remembered();
const kept = isRecord(before) ? before : {};

export const tab = signal(oneOf(tabs, kept['tab'], 'operations'));
export const range = signal<Range>(oneOf(ranges, kept['range'], 'auto'));
export const filter = signal(typeof kept['filter'] === 'string' ? kept['filter'] : '');
export const sort = signal(isSort(kept['sort']) ? kept['sort'] : { column: 'total', descending: true });
/** The newest wish of the extension for a tab that was followed. */
const turn = signal(typeof kept['turn'] === 'string' ? kept['turn'] : '');
/** Ids of the charts that are shown as tables. */
export const asTable: Signal<readonly string[]> = signal(
  Array.isArray(kept['asTable']) ? kept['asTable'].filter((id) => typeof id === 'string') : [],
);

/** The moment that is pointed at in any chart, in nanoseconds since the start of the run. */
export const cursor = signal<number | undefined>(undefined);

export function keepChoices(): void {
  effect(() => {
    remember({
      tab: tab.value,
      range: range.value,
      filter: filter.value,
      sort: sort.value,
      asTable: asTable.value,
      turn: turn.value,
    });
  });
}

/** Brings the tab to the front that was asked for, once: later the person chooses. Says whether it did. */
export function follow(asked: BenchmarkState['asked']): boolean {
  if (!asked || asked.turn === turn.value) return false;
  turn.value = asked.turn;
  tab.value = asked.tab;
  return true;
}

function oneOf<T extends string>(known: readonly T[], value: unknown, otherwise: T): T {
  return known.find((entry) => entry === value) ?? otherwise;
}

function isSort(value: unknown): value is Sort {
  return isRecord(value) && typeof value['column'] === 'string' && typeof value['descending'] === 'boolean';
}
