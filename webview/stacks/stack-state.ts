/** State of the views of call stacks. */
import { computed, effect, signal } from '@preact/signals';
import type { ShownFunction } from '../../src/protocol/panel/panel-message.ts';
import { allThreads, type StackOrder, type StackSelection } from '../../src/protocol/panel/stack-view.ts';
import { post } from '../host.ts';
import type { TabName } from '../tab-names.ts';
import type { TimeWindow } from '../time-window.ts';
import { lastShownFunction, selectTab, tab } from '../ui-state.ts';
import { zoomedPath, zoomedShares } from './flame-zoom.ts';

/** Key of the selected thread. */
export const thread = signal(allThreads);
/** Order of frames beside each other in the flame graph. */
export const order = signal<StackOrder>('size');
/** Part of the run that all charts show; undefined for the whole run. */
const shownRange = signal<NonNullable<StackSelection['range']> | undefined>(undefined);
/** ID of the selected function. */
export const selectedFunction = signal<number | undefined>(undefined);
/** Path of the selected frame. */
export const selectedPath = signal<string | undefined>(undefined);
export const searchText = signal('');
/** Paths of the rows of the call tree whose callees are shown. */
export const expandedPaths = signal<ReadonlySet<string>>(new Set());
/** Name of the function that the editor has asked for, if it was not sampled. */
export const missingFunction = signal<string | undefined>(undefined);
/** Unit of changes between two runs. */
export const changeUnit = signal<'share' | 'time'>('share');

const secondNs = 1e9;
const tabsWithStacks: readonly TabName[] = ['flames', 'calls'];

const selection = computed<StackSelection | undefined>(() =>
  tabsWithStacks.includes(tab.value)
    ? {
        thread: thread.value,
        ...(shownRange.value ? { range: shownRange.value } : {}),
        ...(selectedFunction.value === undefined ? {} : { function: selectedFunction.value }),
        // The table lists each call path once.
        ...(order.value === 'time' && tab.value === 'flames' ? { order: order.value } : {}),
      }
    : undefined,
);

/** Tells the extension which stacks the page shows, now and whenever that changes. */
export function requestStacks(): void {
  effect(() => post({ type: 'stacks', ...(selection.value ? { selection: selection.value } : {}) }));
}

/** Follows the time window of the charts, in whole seconds, so that a live run changes it once a second. */
export function followWindow({ startNs, endNs }: TimeWindow, isWhole: boolean): void {
  const next =
    isWhole || startNs < secondNs
      ? undefined
      : { startNs: Math.floor(startNs / secondNs) * secondNs, endNs: Math.ceil(endNs / secondNs) * secondNs };
  const previous = shownRange.value;
  if (previous?.startNs !== next?.startNs || previous?.endNs !== next?.endNs) shownRange.value = next;
}

/** Selects the function that the editor has asked for, once per request. Returns true if it was selected. */
export function followShownFunction(shown: ShownFunction | undefined): boolean {
  if (!shown || shown.turn === lastShownFunction.value) return false;
  lastShownFunction.value = shown.turn;
  resetStackState();
  // The function may be in another thread than the selected one.
  thread.value = allThreads;
  searchText.value = '';
  selectedFunction.value = shown.id;
  missingFunction.value = shown.id === undefined ? shown.name : undefined;
  selectTab('flames');
  return true;
}

/** Forgets everything that belongs to the functions of one run. */
export function resetStackState(): void {
  selectedFunction.value = undefined;
  selectedPath.value = undefined;
  zoomedPath.value = undefined;
  zoomedShares.value = undefined;
  expandedPaths.value = new Set();
  missingFunction.value = undefined;
}
