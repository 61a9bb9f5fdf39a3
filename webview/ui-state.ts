/** UI state of the page. Everything but the cursor is saved while the page is hidden or reloaded. */
import { computed, effect, type Signal, signal } from '@preact/signals';
import type { BenchmarkState } from '../src/protocol/panel/benchmark-state.ts';
import { isRecord } from '../src/protocol/schema.ts';
import { loadUiState, saveUiState } from './host.ts';
import { type TabName, tabNames } from './tab-names.ts';
import { type Range, ranges } from './time-window.ts';
import type { Sort } from './views/tables/operation-columns.ts';

const savedState = loadUiState();
const saved = isRecord(savedState) ? savedState : {};

/** Tab that the user has selected. */
const selectedTab = signal(tabNames.find((name) => name === saved['tab']));
/** Tab that shows most about the run. */
const leadingTab = signal<TabName>('operations');
export const tab = computed(() => selectedTab.value ?? leadingTab.value);
export const range = signal<Range>(oneOf(ranges, saved['range'], 'auto'));
export const filter = signal(typeof saved['filter'] === 'string' ? saved['filter'] : '');
/** Order of the operations that the user has selected; without one, `defaultSortOf` decides. */
export const sort = signal(isSort(saved['sort']) ? saved['sort'] : undefined);
/** Turn of the last tab request that was followed, so that each request is followed only once. */
const lastFollowedTurn = signal(typeof saved['turn'] === 'string' ? saved['turn'] : '');
/** Turn of the last request for a function that was followed. */
export const lastShownFunction = signal(typeof saved['shownFunction'] === 'string' ? saved['shownFunction'] : '');
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
      tab: selectedTab.value,
      range: range.value,
      filter: filter.value,
      sort: sort.value,
      asTable: idsShownAsTable.value,
      turn: lastFollowedTurn.value,
      shownFunction: lastShownFunction.value,
    });
  });
}

export function selectTab(name: TabName): void {
  selectedTab.value = name;
}

/** Shows this tab until the user selects one. */
export function leadWithTab(name: TabName): void {
  leadingTab.value = name;
}

/** Selects the requested tab, once per request, so that the user can leave it again. Returns whether it was selected. */
export function followTabRequest(asked: BenchmarkState['asked']): boolean {
  if (!asked || asked.turn === lastFollowedTurn.value) return false;
  lastFollowedTurn.value = asked.turn;
  selectTab(asked.tab);
  return true;
}

function oneOf<T extends string>(allowed: readonly T[], value: unknown, fallback: T): T {
  return allowed.find((entry) => entry === value) ?? fallback;
}

function isSort(value: unknown): value is Sort {
  return isRecord(value) && typeof value['column'] === 'string' && typeof value['descending'] === 'boolean';
}
