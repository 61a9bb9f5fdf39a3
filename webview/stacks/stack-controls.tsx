/** Controls that all views of call stacks share: search and thread. */
import { duration } from '../../src/core/format.ts';
import { allThreads, type StackView } from '../../src/protocol/panel/stack-view.ts';
import { plural } from '../../src/protocol/plural.ts';
import { Icon } from '../views/icon.tsx';
import { resetStackState, searchText, thread } from './stack-state.ts';

export function StackControls({ view }: { readonly view: StackView }) {
  const { threads, totalNs, totalSamples, omitted } = view;
  return (
    <div class="controls">
      <label class="filter">
        <Icon name="search" />
        <input
          type="search"
          placeholder="Find"
          aria-label="Find functions"
          value={searchText.value}
          onInput={(event) => {
            searchText.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        Thread{' '}
        <select
          value={view.selection.thread}
          onChange={(event) => {
            resetStackState();
            thread.value = event.currentTarget.value;
          }}
        >
          <option value={allThreads}>All ({threads.length})</option>
          {threads.map(({ key, name, totalNs: threadNs }) => (
            <option key={key} value={key}>
              {name} · {duration(threadNs)}
            </option>
          ))}
        </select>
      </label>
      <span class="dim">
        ~{duration(totalNs)} CPU time{view.selection.range ? ' in the time that the charts show' : ''} ·{' '}
        {plural(totalSamples, 'sample')}
        {omitted > 0 && ` · ${plural(omitted, 'smaller call path')} not shown`}
      </span>
    </div>
  );
}
