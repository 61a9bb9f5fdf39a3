import { subtreeTotals } from '../../core/stacks/function-times.ts';
import { addableThreads } from '../../core/stacks/thread-kinds.ts';
import type { StackFunction } from '../../protocol/stacks.ts';
import { type CallProfile, threadTitle } from './call-profile.ts';

/**
 * Writes trace events for Perfetto and chrome://tracing: one complete event for each call path, callees inside of their
 * caller, as in a flame graph. Distances are CPU time, not the time at which anything ran. See "Trace Event Format",
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
 */
export function writeChromeTrace({ stacks, title }: CallProfile): string {
  const traceEvents = addableThreads(stacks.threads).flatMap((thread) => {
    const { process: pid, thread: tid, nodes } = thread;
    const { cpuNs: totals } = subtreeTotals(nodes);
    const starts: number[] = [];
    /** End of the last child of each node. */
    const edges: number[] = [];
    let rootEdge = 0;
    const events = nodes.map(([parent, index], node) => {
      const totalNs = totals[node] as number;
      const start = parent < 0 ? rootEdge : (edges[parent] as number);
      starts.push(start);
      edges.push(start);
      if (parent < 0) rootEdge += totalNs;
      else edges[parent] = start + totalNs;
      const called: StackFunction = stacks.functions[index] ?? { name: '?', component: '' };
      const { name, component, file, line } = called;
      return { ph: 'X', cat: component, name, pid, tid, ts: start / 1000, dur: totalNs / 1000, args: { file, line } };
    });
    const name = { ph: 'M', name: 'thread_name', pid, tid, args: { name: threadTitle(thread) } };
    return [name, ...events.filter(({ dur }) => dur > 0)];
  });
  return JSON.stringify({ traceEvents, displayTimeUnit: 'ms', otherData: { title } });
}
