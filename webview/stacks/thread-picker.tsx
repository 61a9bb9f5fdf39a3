/** Selects the process or thread whose stacks are shown. */
import { duration } from '../../src/core/format.ts';
import { allThreads, type SelectableThread, type StackView } from '../../src/protocol/panel/stack-view.ts';
import { plural } from '../../src/protocol/plural.ts';
import { resetStackState, thread } from './stack-state.ts';

export function ThreadPicker({ view: { threads, selection } }: { readonly view: StackView }) {
  const processes = [...Map.groupBy(threads, ({ process }) => process)];
  const addable = addableOf(threads);
  return (
    <label>
      Thread{' '}
      <select
        value={selection.thread}
        onChange={(event) => {
          resetStackState();
          thread.value = event.currentTarget.value;
        }}
      >
        <option value={allThreads}>
          All · {plural(processes.length, 'process', 'processes')}, {plural(addable.length, 'thread')}
        </option>
        {processes.map(([process, members]) =>
          members.length === 1 ? (
            members.map((member) => <ThreadOption key={member.key} member={member} />)
          ) : (
            <optgroup key={process} label={titleOf(process, members)}>
              <option value={`process:${process}`}>
                All {plural(addableOf(members).length, 'thread')} ·{' '}
                {duration(addableOf(members).reduce((sum, { totalNs }) => sum + totalNs, 0))}
              </option>
              {members.map((member) => (
                <ThreadOption key={member.key} member={member} />
              ))}
            </optgroup>
          ),
        )}
      </select>
    </label>
  );
}

function ThreadOption({ member: { key, name, totalNs } }: { readonly member: SelectableThread }) {
  return (
    <option value={key}>
      {name} · {duration(totalNs)}
    </option>
  );
}

/** Returns the threads whose times may be added up: wall time of spans is not added to CPU time. */
function addableOf(threads: readonly SelectableThread[]): readonly SelectableThread[] {
  const sampled = threads.filter(({ kind }) => kind === undefined);
  return sampled.length > 0 ? sampled : threads;
}

/** Returns the name of a process: that of its main thread, which has the shortest name, and its ID. */
function titleOf(process: number, members: readonly SelectableThread[]): string {
  const [first] = members.toSorted((left, right) => left.name.length - right.name.length);
  return process === 0 ? 'Earlier threads' : `${first?.name ?? 'Process'} (process ${process})`;
}
