/** Turns of event loops that took too long: the functions that held them, and the longest and newest moments. */
import { duration, whole } from '../../../src/core/format.ts';
import type { BlockedFunction, BlockMoment, EventLoopBlocks } from '../../../src/protocol/event-loop-blocks.ts';
import { plural } from '../../../src/protocol/plural.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { post } from '../../host.ts';
import { showBlock } from '../show-block.ts';
import { DataTable, type TableColumn } from './data-table.tsx';
import { moveRowFocus } from './table-cells.tsx';

/** Number of moments that are listed, the newest first. */
const maxListed = 100;

export function BlocksTable({ snapshot }: { readonly snapshot: Snapshot }) {
  const blocks = snapshot.eventLoopBlocks;
  if (!blocks) return <p class="hint">No turn of an event loop took longer than the limit.</p>;
  return (
    <>
      <p class="hint">{describeBlocks(blocks)}</p>
      <div class="scroll pair">
        <DataTable
          class="grid"
          aria-label="Functions that blocked the event loop"
          columns={functionColumns}
          rows={blocks.functions}
          rowKey={({ id }) => id}
          onKeyDown={moveRowFocus}
        />
        <DataTable
          class="grid"
          aria-label="Longest and newest blocks"
          columns={momentColumns(blocks)}
          rows={blocks.moments.toReversed().slice(0, maxListed)}
          rowKey={({ atNs, process, thread }) => `${atNs} ${process} ${thread}`}
          onKeyDown={moveRowFocus}
        />
      </div>
    </>
  );
}

function describeBlocks({ count, longestNs, totalNs, omitted }: EventLoopBlocks): string {
  return [
    `Blocked ${plural(count, 'time')} for ~${duration(totalNs)}, at most ~${duration(longestNs)}`,
    'durations are right within one sampling interval',
    ...(omitted > 0 ? [`${plural(omitted, 'further block')} not listed`] : []),
  ].join(' · ');
}

const functionColumns: readonly TableColumn<BlockedFunction>[] = [
  {
    id: 'function',
    title: 'function',
    align: 'start',
    cell: ({ name, file, line = 1 }) =>
      file === undefined ? (
        name
      ) : (
        <button
          type="button"
          class="quiet"
          title={`${file}:${line}`}
          onClick={() => post({ type: 'reveal', file, line })}
        >
          {name}
        </button>
      ),
  },
  { id: 'component', title: 'component', align: 'start', cell: ({ component }) => component },
  { id: 'count', title: 'blocks', align: 'end', cell: ({ count }) => whole(count) },
  { id: 'longest', title: 'longest', align: 'end', cell: ({ longestNs }) => `~${duration(longestNs)}` },
  { id: 'total', title: 'total', align: 'end', cell: ({ totalNs }) => `~${duration(totalNs)}` },
  {
    id: 'stack',
    title: 'stack',
    align: 'end',
    cell: (blocked) => (
      <button
        type="button"
        class="quiet"
        aria-label={`Show the stack of ${blocked.name}`}
        onClick={() => showBlock(blocked)}
      >
        Show
      </button>
    ),
  },
];

function momentColumns({ functions }: EventLoopBlocks): readonly TableColumn<BlockMoment>[] {
  const names = new Map(functions.map(({ id, name }) => [id, name]));
  const nameOf = (moment: BlockMoment): string => names.get(moment.function) ?? '';
  return [
    { id: 'time', title: 'at', align: 'end', cell: ({ atNs }) => duration(atNs) },
    { id: 'duration', title: 'blocked for', align: 'end', cell: ({ durationNs }) => `~${duration(durationNs)}` },
    { id: 'function', title: 'function', align: 'start', cell: nameOf },
    {
      id: 'thread',
      title: 'thread',
      align: 'start',
      cell: ({ process, thread }) => `${process} ${thread === 0 ? 'main' : thread}`,
    },
    {
      id: 'stack',
      title: 'stack',
      align: 'end',
      cell: (moment) => (
        <button
          type="button"
          class="quiet"
          aria-label={`Show the stack of ${nameOf(moment)} at ${duration(moment.atNs)}`}
          onClick={() => showBlock(moment)}
        >
          Show
        </button>
      ),
    },
  ];
}
