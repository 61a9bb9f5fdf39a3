import { strict as assert } from 'node:assert';
import { Recorder } from '../../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../../src/core/snapshot/health.ts';
import type { Batch, Hello } from '../../../../src/protocol/batch/batch.ts';
import type { Run, Snapshot } from '../../../../src/protocol/snapshot.ts';

const ms = 1e6;
const second = 1e9;

interface Process {
  readonly pid: number;
  readonly ppid: number;
  readonly launcher?: string;
  readonly file: string;
  readonly startMs?: number;
}

/** Returns a batch of a process in which one function has run for some time. */
function batchOf({ pid, ppid, launcher, file, startMs = 0 }: Process, sequence: number, cpuMs: number): Batch {
  const hello: Hello = {
    ...{ pid, ppid, threadId: 0, runtime: 'node v24', name: file, wallStartMs: startMs, recordNs: 1 },
    ...(launcher === undefined ? {} : { launcher }),
  };
  const component = launcher === undefined ? 'src' : `node_modules/${launcher}`;
  return {
    v: 1,
    source: `${pid}.0`,
    sequence,
    atNs: 0,
    ...(sequence === 0
      ? {
          hello,
          definitions: [{ id: 1, component, name: `main of ${file}`, kind: 'function', file, line: 1 }],
          stackNodes: [[1, 0, 1]],
        }
      : {}),
    stackSamples: [[1, cpuMs, cpuMs * ms]],
    counters: [{ component: 'http', name: 'requests', delta: 1 }],
    samplingNs: ms,
    loopDelayNs: cpuMs * ms,
    resources: {
      rssBytes: 1e6,
      heapBytes: 1e6,
      peakRssBytes: 1e6,
      cpuNs: (sequence + 1) * cpuMs * ms,
      eventLoopDelayP99Ns: 0,
    },
    cost: { events: 0, flushNs: 0 },
  };
}

const npm: Process = { pid: 10, ppid: 1, launcher: 'npm', file: '/lib/node_modules/npm/bin/npm-cli.js' };
const tsx: Process = { pid: 20, ppid: 10, launcher: 'tsx', file: '/w/node_modules/tsx/dist/cli.mjs', startMs: 5 };
const program: Process = { pid: 30, ppid: 20, file: 'src/server.js', startMs: 9 };

function newRecorder(): Recorder {
  return new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
}

function snapshotOf(recorder: Recorder, result: Run['result'] = 'running'): Snapshot {
  const run: Run = {
    id: 'r',
    pipeline: 'p',
    title: 'P',
    workspace: '/w',
    startedAt: '',
    durationNs: 3 * second,
    result,
  };
  recorder.series.advance(run.durationNs);
  return buildSnapshot(recorder, { run, thresholds: defaultThresholds, hostNs: 0, range: 'whole' });
}

function functionsOf({ operations }: Snapshot): readonly string[] {
  return operations.map(({ name, totalNs }) => `${name} ${totalNs / ms}`);
}

describe('launchers', () => {
  for (const [title, order] of [
    ['report before the program', [npm, tsx, program]],
    ['report after the program', [program, tsx, npm]],
  ] as const) {
    it(`are listed but not counted if they ${title}`, () => {
      const recorder = newRecorder();
      for (let sequence = 0; sequence < 2; sequence++)
        for (const process of order) recorder.ingest(batchOf(process, sequence, 100), (sequence + 0.5) * second);
      const snapshot = snapshotOf(recorder);
      assert.deepEqual(functionsOf(snapshot), ['main of src/server.js 200']);
      assert.deepEqual(
        snapshot.components.map(({ name }) => name),
        ['src', 'http'],
      );
      assert.deepEqual(
        snapshot.code?.groups.map(({ name, cpuNs }) => `${name} ${cpuNs / ms}`),
        ['src/server.js 200'],
      );
      assert.deepEqual(
        snapshot.stacks?.threads.map(({ process }) => process),
        [30],
      );
      assert.deepEqual(snapshot.components.find(({ name }) => name === 'http')?.counters, { requests: 2 });
      const rows = snapshot.processes.map(({ pid, launcher, sampledNs = 0 }) => [pid, launcher, sampledNs / ms]);
      assert.deepEqual(
        rows.sort((left, right) => Number(left[0]) - Number(right[0])),
        [
          [10, 'npm', 200],
          [20, 'tsx', 200],
          [30, undefined, 200],
        ],
      );
    });
  }

  it('are found behind a shell that reports nothing', () => {
    const recorder = newRecorder();
    recorder.ingest(batchOf(npm, 0, 100), second);
    recorder.ingest(batchOf({ ...program, ppid: 999 }, 0, 50), 2 * second);
    assert.deepEqual(functionsOf(snapshotOf(recorder)), ['main of src/server.js 50']);
  });

  it('are the program if they have started none, at their end', () => {
    const recorder = newRecorder();
    recorder.ingest(batchOf(npm, 0, 100), second);
    assert.deepEqual(functionsOf(snapshotOf(recorder)), []);
    recorder.ingest({ ...batchOf(npm, 1, 100), bye: { reason: 'end' } }, 2 * second);
    const snapshot = snapshotOf(recorder);
    assert.deepEqual(functionsOf(snapshot), [`main of ${npm.file} 200`]);
    assert.equal(snapshot.processes[0]?.launcher, undefined);
  });

  it('are the program if they have started none, at the end of the run', () => {
    const recorder = newRecorder();
    recorder.ingest(batchOf(npm, 0, 100), second);
    // An earlier process is not their child.
    recorder.ingest(batchOf({ ...program, pid: 5, ppid: 1, startMs: -1 }, 0, 10), second);
    recorder.endLaunchers(3 * second);
    assert.deepEqual(functionsOf(snapshotOf(recorder, 'success')), [
      `main of ${npm.file} 100`,
      'main of src/server.js 10',
    ]);
  });

  it('do not count in the CPU use and the event-loop delay of the program', () => {
    const tree = (recorder: Recorder, processes: readonly Process[]): Snapshot => {
      recorder.sampleTree({ rssBytes: 1, cpuNs: 0, processes: 2 }, 0.1 * second);
      for (let beat = 0; beat < 8; beat++) {
        const nowNs = (0.2 + beat / 4) * second;
        for (const process of processes)
          recorder.ingest(batchOf(process, beat, process.launcher === undefined ? 25 : 200), nowNs);
        recorder.sampleTree({ rssBytes: 1, cpuNs: (beat + 1) * 225 * ms, processes: 2 }, nowNs + ms);
      }
      return snapshotOf(recorder);
    };
    const { series } = tree(newRecorder(), [npm, { ...program, ppid: npm.pid }]);
    for (const value of series['process.cpu']?.values ?? []) assert.ok(value === null || value < 0.3, `${value}`);
    for (const value of series['process.eventLoopDelay']?.values ?? [])
      assert.ok(value === null || value <= 25 * ms, `${value}`);
    const counted = tree(newRecorder(), [
      { ...npm, launcher: undefined as never, ppid: 2 },
      { ...program, ppid: npm.pid },
    ]);
    assert.ok(counted.series['process.cpu']?.values.some((value) => value !== null && value > 0.8));
  });
});
