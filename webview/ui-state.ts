/** UI state of the page. Everything but the cursor is saved while the page is hidden or reloaded. */
import { effect, type Signal, signal } from '@preact/signals';
import type { BenchmarkState } from '../src/protocol/panel/benchmark-state.ts';
import { isRecord } from '../src/protocol/schema.ts';
import { loadUiState, saveUiState } from './host.ts';
import { tabNames } from './tab-names.ts';
import { type Range, ranges } from './time-window.ts';
import type { Sort } from './views/tables/operation-columns.ts';

const savedState = loadUiState();
const saved = isRecord(savedState) ? savedState : {};

export const tab = signal(oneOf(tabNames, saved['tab'], 'operations'));
export const range = signal<Range>(oneOf(ranges, saved['range'], 'auto'));
export const filter = signal(typeof saved['filter'] === 'string' ? saved['filter'] : '');
/** Order of the operations that the user has selected; without one, `defaultSortOf` decides. */
export const sort = signal(isSort(saved['sort']) ? saved['sort'] : undefined);
/** Turn of the last tab request that was followed, so that each request is followed only once. */
const lastFollowedTurn = signal(typeof saved['turn'] === 'string' ? saved['turn'] : '');
/** Ids of the charts that are shown as tables. */
export const idsShownAsTable: Signal<readonly string[]> = signal(
  Array.isArray(saved['asTable']) ? saved['asTable'].filter((id) => typeof id === 'string') : [],
);

/** Position of the cursor shared by all charts, in nanoseconds since the start of the run. */
export const cursor = signal<number | undefined>(undefined);

/** Saves the UI state whenever it changes. */
export function persistUiState(): void {
  effect(() => {
    saveUiState({
      tab: tab.value,
      range: range.value,
      filter: filter.value,
      sort: sort.value,
      asTable: idsShownAsTable.value,
      turn: lastFollowedTurn.value,
    });
  });
}

/** Selects the requested tab, once per request, so that the user can leave it again. Returns whether it was selected. */
export function followTabRequest(asked: BenchmarkState['asked']): boolean {
  if (!asked || asked.turn === lastFollowedTurn.value) return false;
  lastFollowedTurn.value = asked.turn;
  tab.value = asked.tab;
  return true;
}

function oneOf<T extends string>(allowed: readonly T[], value: unknown, fallback: T): T {
  return allowed.find((entry) => entry === value) ?? fallback;
}

function isSort(value: unknown): value is Sort {
  return isRecord(value) && typeof value['column'] === 'string' && typeof value['descending'] === 'boolean';
}
