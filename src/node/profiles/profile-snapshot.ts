import { Recorder } from '../../core/record/recorder.ts';
import { buildSnapshot } from '../../core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../core/snapshot/health.ts';
import { protocolVersion } from '../../protocol/batch/limits.ts';
import { defined } from '../../protocol/defined.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { Stacks } from '../../protocol/stacks.ts';

const notice =
  'This is a profile of another tool: it has the time of functions and their callers, but no counts, durations or resources.';

/**
 * Returns a snapshot with the stacks of a profile, recorded as if a program had sent them, so that all views show the same
 * numbers for it as for a run. Its duration is the sum of all times.
 */
export function snapshotOfProfile(stacks: Stacks, title: string): Snapshot {
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  const definitions = stacks.functions.map((called, id) => ({ ...called, id, kind: 'function' as const }));
  let totalNs = 0;
  for (const [index, { process, thread, name, nodes, omitted, lines: stackLines }] of stacks.threads.entries()) {
    totalNs += nodes.reduce((sum, [, , , cpuNs]) => sum + cpuNs, 0);
    recorder.ingest(
      {
        v: protocolVersion,
        source: `${process}.${thread}.${index}`,
        sequence: 0,
        atNs: 0,
        hello: { pid: process, threadId: thread, runtime: '', name, wallStartMs: 0, recordNs: 0 },
        definitions,
        stackNodes: nodes.map(([parent, id], node) => [node + 1, parent + 1, id] as const),
        stackSamples: nodes.flatMap(([, , samples, cpuNs], node) =>
          samples > 0 || cpuNs > 0 ? [[node + 1, samples, cpuNs] as const] : [],
        ),
        stackSamplesOmitted: omitted,
        ...(stackLines ? defined({ stackLines, stackLineSource: stacks.lineSource }) : {}),
        cost: { events: 0, flushNs: 0 },
        bye: { reason: 'end' },
      },
      0,
      true,
    );
  }
  recorder.notices.add([notice]);
  const run = {
    id: 'profile',
    pipeline: 'profile',
    title,
    workspace: '',
    startedAt: new Date(0).toISOString(),
    durationNs: totalNs,
    result: 'success' as const,
    kind: 'profile' as const,
  };
  return buildSnapshot(recorder, { run, thresholds: defaultThresholds, hostNs: 0, range: 'whole' });
}
