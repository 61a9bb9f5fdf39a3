/** Gauges that several threads and processes report under one name, and the memory and delays of several processes. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import type { Batch, GaugeEvent, ResourceSample } from '../../../src/protocol/batch/batch.ts';
import type { GaugeState, Run, Snapshot } from '../../../src/protocol/snapshot.ts';

const run: Run = {
  id: 'r',
  pipeline: 'p',
  title: 'P',
  workspace: '/w',
  startedAt: '',
  durationNs: 1e9,
  result: 'running',
};

class Host {
  readonly #recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  readonly #next = new Map<string, number>();

  /** Records a batch of a thread, given as `pid.threadId`. */
  receive(source: string, changes: Partial<Batch>, nowNs = 0, isBacklog = false): void {
    const sequence = this.#next.get(source) ?? 0;
    this.#next.set(source, sequence + 1);
    const [pid = 0, threadId = 0] = source.split('.').map(Number);
    const hello = { pid, threadId, runtime: 'node 24', name: 'x', wallStartMs: 0, recordNs: 1 };
    this.#recorder.ingest(
      { v: 1, source, sequence, atNs: 0, hello, cost: { events: 0, flushNs: 0 }, ...changes },
      nowNs,
      isBacklog,
    );
  }

  end(source: string): void {
    this.receive(source, { bye: { reason: 'end' } });
  }

  snapshot(range: 'live' | 'whole' = 'live'): Snapshot {
    this.#recorder.series.advance(1e9);
    return buildSnapshot(this.#recorder, { run, thresholds: defaultThresholds, hostNs: 0, range });
  }

  get gauges(): Readonly<Record<string, GaugeState>> {
    return this.snapshot().components.find(({ name }) => name === 'c')?.gauges ?? {};
  }
}

function gauge(value: number, unit: string, rule?: GaugeEvent['rule']): Partial<Batch> {
  return { gauges: [{ component: 'c', name: 'g', value, unit, ...(rule ? { rule } : {}) }] };
}

function resources(changes: Partial<ResourceSample>): Partial<Batch> {
  return { resources: { rssBytes: 0, heapBytes: 0, peakRssBytes: 0, cpuNs: 0, eventLoopDelayP99Ns: 0, ...changes } };
}

/** Values of two processes and a worker thread, and the value of all together. */
const rules: readonly (readonly [unit: string, rule: GaugeEvent['rule'], combined: number])[] = [
  ['1', undefined, 17],
  ['bytes', undefined, 17],
  ['ratio', undefined, 10],
  ['ns', undefined, 10],
  ['°C', undefined, 10],
  ['1', 'max', 10],
  ['°C', 'sum', 17],
  ['bytes', 'total', 17],
];

describe('a gauge of several threads and processes', () => {
  for (const [unit, rule, combined] of rules) {
    it(`has one value for the unit ${unit}${rule ? ` and the rule ${rule}` : ''}`, () => {
      const host = new Host();
      host.receive('1.0', gauge(99, unit, rule));
      host.receive('1.0', gauge(10, unit, rule));
      host.receive('1.2', gauge(2, unit, rule));
      host.receive('2.0', gauge(5, unit, rule));
      assert.deepEqual(host.gauges['g'], { value: combined, unit, ...(combined < 99 ? { peak: 99 } : {}) });
    });
  }

  it('loses the values of threads that have ended, and keeps the last value of the last one', () => {
    const host = new Host();
    host.receive('1.0', gauge(3, '1'));
    host.receive('2.0', gauge(4, '1'));
    host.end('1.0');
    assert.deepEqual(host.gauges['g'], { value: 4, unit: '1', peak: 7 });
    host.end('2.0');
    assert.deepEqual(host.gauges['g'], { value: 4, unit: '1', peak: 7 });
    host.receive('3.0', gauge(1, '1'));
    assert.deepEqual(host.gauges['g'], { value: 1, unit: '1', peak: 7 });
  });

  it('keeps the values of threads that have ended under the rule total', () => {
    const host = new Host();
    for (const pid of [1, 2, 3]) {
      host.receive(`${pid}.0`, gauge(10, 'bytes', 'total'));
      host.end(`${pid}.0`);
    }
    assert.deepEqual(host.gauges['g'], { value: 30, unit: 'bytes' });
  });

  it('counts a value as dropped if there is no room for it', () => {
    const host = new Host();
    const names = Array.from({ length: 1000 }, (_, index) => `gauge ${index}`);
    for (let thread = 0; thread < 20; thread++)
      host.receive(`1.${thread}`, { gauges: names.map((name) => ({ component: 'c', name, value: 1, unit: '1' })) });
    const { dropped, components } = host.snapshot();
    const kept = Object.values(components.find(({ name }) => name === 'c')?.gauges ?? {});
    assert.equal(kept.reduce((sum, { value }) => sum + value, 0) + dropped.values, 20_000);
    assert.ok(dropped.values > 10_000);
  });
});

describe('memory that probes report', () => {
  it('adds processes that run at the same time, and only those', () => {
    const host = new Host();
    for (const pid of [1, 2, 3]) {
      host.receive(`${pid}.0`, resources({ rssBytes: 50, peakRssBytes: 60, heapBytes: 20, cpuNs: 5 }));
      host.end(`${pid}.0`);
    }
    assert.deepEqual([host.snapshot().resources.peakRssBytes, host.snapshot().resources.cpuNs], [60, 15]);
    host.receive('4.0', resources({ rssBytes: 70, peakRssBytes: 70, heapBytes: 30, cpuNs: 5 }));
    host.receive('5.0', resources({ rssBytes: 40, peakRssBytes: 45, heapBytes: 10, cpuNs: 5 }));
    const { peakRssBytes, rssBytes, heapBytes } = host.snapshot().resources;
    assert.deepEqual([peakRssBytes, rssBytes, heapBytes], [110, 110, 40]);
  });

  it('uses the newest report of a process, whichever of its threads has sent it', () => {
    const host = new Host();
    host.receive('1.0', resources({ rssBytes: 10, peakRssBytes: 10, cpuNs: 1 }), 1);
    host.receive('1.2', resources({ rssBytes: 20, peakRssBytes: 20, cpuNs: 2 }), 2);
    host.receive('1.0', resources({ rssBytes: 500, peakRssBytes: 500, cpuNs: 9 }), 3);
    const { resources: used, processes } = host.snapshot();
    assert.deepEqual([used.peakRssBytes, used.rssBytes, used.cpuNs], [500, 500, 9]);
    assert.deepEqual(
      processes.map(({ rssBytes, cpuNs }) => [rssBytes, cpuNs]),
      [
        [500, 9],
        [undefined, undefined],
      ],
    );
  });

  it('keeps the last values of the last process, also when a process ends that has reported none', () => {
    const host = new Host();
    host.receive('1.0', resources({ rssBytes: 50, peakRssBytes: 60, heapBytes: 20 }));
    host.receive('2.0', resources({ rssBytes: 30, peakRssBytes: 30, heapBytes: 10 }));
    host.receive('3.0', {});
    const memory = (): readonly unknown[] => {
      const { rssBytes, heapBytes, peakRssBytes } = host.snapshot().resources;
      return [rssBytes, heapBytes, peakRssBytes];
    };
    host.end('3.0');
    assert.deepEqual(memory(), [80, 30, 80]);
    host.end('1.0');
    assert.deepEqual(memory(), [30, 10, 80]);
    host.end('2.0');
    assert.deepEqual(memory(), [30, 10, 80]);
  });

  it('is absent rather than zero if nobody reports it', () => {
    const host = new Host();
    host.receive('1.0', {});
    const { peakRssBytes, rssBytes, cpuNs } = host.snapshot().resources;
    assert.deepEqual([peakRssBytes, rssBytes, cpuNs], [undefined, undefined, undefined]);
  });
});

describe('time in garbage collectors', () => {
  it('is the sum of the shares of the processes that run', () => {
    const host = new Host();
    const gc = (gcNs: number): Partial<Batch> => resources({ rssBytes: 1, gcNs });
    host.receive('1.0', gc(0), 0);
    host.receive('2.0', gc(0), 0);
    host.receive('1.0', gc(40e6), 100e6);
    host.receive('2.0', gc(10e6), 100e6);
    host.end('1.0');
    host.receive('2.0', gc(40e6), 400e6);
    const values = host.snapshot().series['process.gc']?.values ?? [];
    // In the first slot the second process had not reported its share at first.
    assert.deepEqual(
      values.map((value) => value && Math.round(value * 1000)),
      [450, 100, null, null],
    );
  });
});

describe('delays of event loops', () => {
  it('show the slowest thread in the series, and the longest delay of each thread', () => {
    const host = new Host();
    host.receive('1.0', { loopDelayNs: 2e6 }, 10e6);
    host.receive('1.2', { loopDelayNs: 90e6 }, 20e6);
    host.receive('1.2', { loopDelayNs: 3e6 }, 300e6);
    host.receive('2.0', resources({ eventLoopDelayP99Ns: 40e6 }), 600e6);
    const { series, processes } = host.snapshot();
    assert.deepEqual(series['process.eventLoopDelay']?.values, [90e6, 3e6, 40e6, null]);
    assert.deepEqual(
      processes.map(({ source, loopDelayNs }) => [source, loopDelayNs]),
      [
        ['1.0', 2e6],
        ['1.2', 90e6],
        ['2.0', 40e6],
      ],
    );
  });

  it('of the time before the host connected are in no slot of the series', () => {
    const host = new Host();
    host.receive('1.0', { loopDelayNs: 700e6 }, 10e6, true);
    const { series, processes } = host.snapshot();
    assert.equal(series['process.eventLoopDelay'], undefined);
    assert.equal(processes[0]?.loopDelayNs, 700e6);
  });
});
