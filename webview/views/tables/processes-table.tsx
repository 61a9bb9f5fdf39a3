/** Who sends events, what the process tree uses, and what the profiler itself costs. */
import { bytes, duration, percent, unknown, whole } from '../../../src/core/format.ts';
import type { ProcessState, Snapshot } from '../../../src/protocol/snapshot.ts';

export function Processes({ snapshot }: { readonly snapshot: Snapshot }) {
  return (
    <div class="scroll pair">
      <table class="grid" aria-label="Processes and threads">
        <thead>
          <tr>
            <th scope="col" class="start">
              name
            </th>
            <th scope="col" class="end">
              process
            </th>
            <th scope="col" class="end">
              thread
            </th>
            <th scope="col" class="start">
              runtime
            </th>
            {numbers.map(({ title }) => (
              <th scope="col" class="end" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {snapshot.processes.map((one) => (
            <tr key={one.source}>
              <th scope="row">{one.name}</th>
              <td class="end">{one.pid}</td>
              <td class="end">{one.threadId === 0 ? 'main' : one.threadId}</td>
              <td class="start">{one.ended ? `${one.runtime}, ended` : one.runtime}</td>
              {numbers.map(({ title, value, text }) => (
                <td class="end" key={title}>
                  {text(value(one))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={4}>
              all {whole(snapshot.processes.length)}
            </th>
            {numbers.map(({ title, value, text }) => (
              <td class="end" key={title}>
                {text(sum(snapshot.processes.map(value)))}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
      <dl>
        {factsOf(snapshot).map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Memory and processor time are of a whole process, so they stand in one row of it and their sum is true. */
const numbers: readonly {
  readonly title: string;
  readonly value: (one: ProcessState) => number | undefined;
  readonly text: (value: number | undefined) => string;
}[] = [
  { title: 'calls', value: ({ calls }) => calls, text: whole },
  { title: 'running', value: ({ sampledNs }) => sampledNs, text: duration },
  { title: 'processor', value: ({ cpuNs }) => cpuNs, text: duration },
  { title: 'memory', value: ({ rssBytes }) => rssBytes, text: bytes },
];

function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((total, value) => total + value, 0) : undefined;
}

function factsOf({ resources, overhead, dropped }: Snapshot): readonly (readonly [string, string])[] {
  const { scope, processes, threads, rssBytes, peakRssBytes, heapBytes, cpuNs, gcNs } = resources;
  const { readBytes, writtenBytes } = resources;
  return [
    ['Counted', scope === 'tree' ? `the whole tree, ${whole(processes)} now` : 'the process of the probe alone'],
    ['Threads', whole(threads)],
    [
      'Memory',
      `${rssBytes > 0 ? bytes(rssBytes) : unknown} now, ${peakRssBytes > 0 ? bytes(peakRssBytes) : unknown} peak`,
    ],
    ['Heap', bytes(heapBytes)],
    ['Processor time', duration(cpuNs)],
    ['Garbage collection', duration(gcNs)],
    ['Read · written', `${bytes(readBytes)} · ${bytes(writtenBytes)}, by system calls`],
    ['One recorded call', duration(overhead.recordNs)],
    ['Events recorded', whole(overhead.events)],
    ['Sending', duration(overhead.flushNs)],
    ['In the editor', duration(overhead.hostNs)],
    ['Overhead in all', `${percent(overhead.percent / 100)} of the run`],
    ['Left out', `${whole(dropped.spans)} spans, ${whole(dropped.items)} items, ${whole(dropped.batches)} batches`],
  ];
}
