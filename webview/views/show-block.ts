import type { BlockedFunction, BlockMoment } from '../../src/protocol/event-loop-blocks.ts';
import { allThreads } from '../../src/protocol/panel/stack-view.ts';
import { order, resetStackState, searchText, selectedFunction, selectedPath, thread } from '../stacks/stack-state.ts';
import { selectTab } from '../ui-state.ts';

/** Shows the stack that held the event loop in the flame graph. */
export function showBlock(block: BlockMoment | BlockedFunction): void {
  resetStackState();
  searchText.value = '';
  order.value = 'size';
  thread.value = 'thread' in block ? `${block.process}.${block.thread}` : allThreads;
  selectedFunction.value = 'thread' in block ? block.function : block.id;
  selectedPath.value = block.path.join('/');
  selectTab('flames');
}
