/** State of the views of call stacks. */
import { computed, effect, signal } from '@preact/signals';
import { allThreads, type StackSelection } from '../../src/protocol/panel/stack-view.ts';
import { post } from '../host.ts';
import type { TabName } from '../tab-names.ts';
import type { TimeWindow } from '../time-window.ts';
import { tab } from '../ui-state.ts';

/** Key of the selected thread. */
export const thread = signal(allThreads);
/** Part of the run that all charts show; undefined for the whole run. */
const shownRange = signal<NonNullable<StackSelection['range']> | undefined>(undefined);
/** ID of the selected function. */
export const selectedFunction = signal<number | undefined>(undefined);
/** Path of the selected frame. */
export const selectedPath = signal<string | undefined>(undefined);
/** Path of the frame that has the full width. */
export const zoomedPath = signal<string | undefined>(undefined);
export const searchText = signal('');
/** Paths of the rows of the call tree whose callees are shown. */
export const expandedPaths = signal<ReadonlySet<string>>(new Set());

const secondNs = 1e9;
const tabsWithStacks: readonly TabName[] = ['flames', 'calls'];

const selection = computed<StackSelection | undefined>(() =>
  tabsWithStacks.includes(tab.value)
    ? {
        thread: thread.value,
        ...(shownRange.value ? { range: shownRange.value } : {}),
        ...(selectedFunction.value === undefined ? {} : { function: selectedFunction.value }),
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

/** Forgets everything that belongs to the functions of one run. */
export function resetStackState(): void {
  selectedFunction.value = undefined;
  selectedPath.value = undefined;
  zoomedPath.value = undefined;
  expandedPaths.value = new Set();
}
