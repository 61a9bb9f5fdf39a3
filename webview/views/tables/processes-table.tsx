/** Processes and threads of the run, their resource usage, and the overhead of the profiler. */
import { bytes, duration, missing, percent, whole } from '../../../src/core/format.ts';
import { plural } from '../../../src/protocol/plural.ts';
import type { ProcessState, Snapshot } from '../../../src/protocol/snapshot.ts';
import { type Fact, FactList } from '../fact-list.tsx';
import { DataTable, type TableColumn } from './data-table.tsx';

export function ProcessesTable({ snapshot }: { readonly snapshot: Snapshot }) {
  return (
    <div class="scroll pair">
      <DataTable
        class="grid"
        aria-label="Processes and threads"
        columns={columns}
        rows={snapshot.processes}
        rowKey={({ source }) => source}
        footer={<Totals processes={snapshot.processes} />}
      />
      <FactList facts={factsOf(snapshot)} />
    </div>
  );
}

type CombineValues = (values: readonly number[]) => number;

const sumOf: CombineValues = (values) => values.reduce((total, value) => total + value, 0);
const highestOf: CombineValues = (values) => Math.max(...values);

/** Memory and CPU time belong to a whole process and stand only in its first row, so that their sums are correct. */
const numbers: readonly {
  readonly title: string;
  readonly value: (process: ProcessState) => number | undefined;
  readonly format: (value: number | undefined) => string;
  /** Makes one value of those of all rows. */
  readonly combine: CombineValues;
}[] = [
  { title: 'calls', value: ({ calls }) => calls, format: whole, combine: sumOf },
  { title: 'running', value: ({ sampledNs }) => sampledNs, format: duration, combine: sumOf },
  { title: 'longest loop delay', value: ({ loopDelayNs }) => loopDelayNs, format: duration, combine: highestOf },
  { title: 'CPU time', value: ({ cpuNs }) => cpuNs, format: duration, combine: sumOf },
  { title: 'memory', value: ({ rssBytes }) => rssBytes, format: bytes, combine: sumOf },
];

const columns: readonly TableColumn<ProcessState>[] = [
  { id: 'name', title: 'name', align: 'start', cell: ({ name }) => name },
  { id: 'process', title: 'process', align: 'end', cell: ({ pid }) => pid },
  { id: 'thread', title: 'thread', align: 'end', cell: ({ threadId }) => (threadId === 0 ? 'main' : threadId) },
  {
    id: 'runtime',
    title: 'runtime',
    align: 'start',
    cell: ({ ended, runtime, launcher }) => {
      // It only starts the program, so its time is in no other table.
      const parts = [
        ...(launcher === undefined ? [] : [`launcher (${launcher})`]),
        runtime,
        ...(ended ? ['ended'] : []),
      ];
      return parts.join(', ');
    },
  },
  ...numbers.map(({ title, value, format }): TableColumn<ProcessState> => {
    return { id: title, title, align: 'end', cell: (process) => format(value(process)) };
  }),
];

function Totals({ processes }: { readonly processes: readonly ProcessState[] }) {
  return (
    <tr>
      <th scope="row" colSpan={columns.length - numbers.length}>
        all {whole(processes.length)}
      </th>
      {numbers.map(({ title, value, format, combine }) => {
        const values = processes.map(value).filter((number) => number !== undefined);
        return (
          <td class="end" key={title}>
            {format(values.length > 0 ? combine(values) : undefined)}
          </td>
        );
      })}
    </tr>
  );
}

function factsOf({ resources, overhead, dropped }: Snapshot): readonly Fact[] {
  const { scope, processes, threads, rssBytes, peakRssBytes, heapBytes, cpuNs, gcNs } = resources;
  const { readBytes, writtenBytes } = resources;
  return [
    ['Scope', scope === 'tree' ? `process tree, ${whole(processes)} running` : 'profiled process only'],
    ['Threads', whole(threads)],
    ['Memory', `${rssBytes ? bytes(rssBytes) : missing} now, ${peakRssBytes ? bytes(peakRssBytes) : missing} peak`],
    ['Heap', bytes(heapBytes)],
    ['CPU time', duration(cpuNs)],
    ['Garbage collection', duration(gcNs)],
    ['Read · written', `${bytes(readBytes)} · ${bytes(writtenBytes)} by system calls`],
    ['Cost per recorded call', duration(overhead.recordNs)],
    ['Calls timed', whole(overhead.events)],
    ['Calls only counted', whole(overhead.counted)],
    ['Recording calls', duration(overhead.callsNs)],
    ['Sending', duration(overhead.flushNs)],
    ['Processing in the editor', duration(overhead.hostNs)],
    ['Total overhead', `${percent(overhead.percent / 100)} of the run`],
    ['Dropped', formatCounts(dropped)],
  ];
}

function formatCounts({ calls, batches, spans, items, values }: Snapshot['dropped']): string {
  return [
    plural(calls, 'call'),
    plural(batches, 'batch', 'batches'),
    plural(spans, 'span'),
    plural(items, 'item'),
    plural(values, 'other value'),
  ].join(', ');
}
