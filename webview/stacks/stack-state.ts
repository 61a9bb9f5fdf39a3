/** State of the views of call stacks. */
import { computed, effect, signal } from '@preact/signals';
import { allThreads, type StackSelection } from '../../src/protocol/panel/stack-view.ts';
import { post } from '../host.ts';
import type { TabName } from '../tab-names.ts';
import { tab } from '../ui-state.ts';

/** Key of the selected thread. */
export const thread = signal(allThreads);
/** ID of the selected function. */
export const selectedFunction = signal<number | undefined>(undefined);
/** Path of the selected frame. */
export const selectedPath = signal<string | undefined>(undefined);
/** Path of the frame that has the full width. */
export const zoomedPath = signal<string | undefined>(undefined);
export const searchText = signal('');
/** Paths of the rows of the call tree whose callees are shown. */
export const expandedPaths = signal<ReadonlySet<string>>(new Set());

const tabsWithStacks: readonly TabName[] = ['flames', 'calls'];

const selection = computed<StackSelection | undefined>(() =>
  tabsWithStacks.includes(tab.value)
    ? {
        thread: thread.value,
        ...(selectedFunction.value === undefined ? {} : { function: selectedFunction.value }),
      }
    : undefined,
);

/** Tells the extension which stacks the page shows, now and whenever that changes. */
export function requestStacks(): void {
  effect(() => post({ type: 'stacks', ...(selection.value ? { selection: selection.value } : {}) }));
}

/** Forgets everything that belongs to the functions of one run. */
export function resetStackState(): void {
  selectedFunction.value = undefined;
  selectedPath.value = undefined;
  zoomedPath.value = undefined;
  expandedPaths.value = new Set();
}
