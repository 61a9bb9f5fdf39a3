/** Who sends events, what the process tree uses, and what the profiler itself costs. */
import { bytes, duration, percent, unknown, whole } from '../../src/core/format.ts';
import type { Snapshot } from '../../src/protocol/snapshot.ts';

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
            <th scope="col" class="end">
              events
            </th>
          </tr>
        </thead>
        <tbody>
          {snapshot.processes.map(({ source, name, pid, threadId, runtime, events }) => (
            <tr key={source}>
              <th scope="row">{name}</th>
              <td class="end">{pid}</td>
              <td class="end">{threadId === 0 ? 'main' : threadId}</td>
              <td class="start">{runtime}</td>
              <td class="end">{whole(events)}</td>
            </tr>
          ))}
        </tbody>
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
