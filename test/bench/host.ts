/** Measures the cost of a busy pipeline for the host: a child process records a million calls a second for ten seconds. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createPipeline, createSession, createTemporaryFolder } from '../fixtures/pipeline.ts';
import { type Figure, goal } from './figure.ts';

export async function host(): Promise<Figure[]> {
  const temporary = createTemporaryFolder();
  const { session } = createSession(temporary.path);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  try {
    const before = process.cpuUsage();
    const startMs = performance.now();
    delay.enable();
    const snapshot = await session.run(createPipeline('flood'), temporary.path);
    delay.disable();
    const seconds = (performance.now() - startMs) / 1000;
    const used = process.cpuUsage(before);
    const calls = snapshot.operations.reduce((sum, operation) => sum + operation.count, 0);
    const cpuPercent = ((used.user + used.system) / 1e6 / seconds) * 100;
    const delayMs = delay.percentile(99) / 1e6;
    const how = `${(calls / seconds / 1e6).toFixed(2)} million calls a second for ${seconds.toFixed(1)} s, ${snapshot.dropped.batches} batches lost`;
    return [
      {
        name: 'host CPU time at 1 M calls/s',
        value: cpuPercent,
        unit: '% of a core',
        ...goal('≤', 10, cpuPercent),
        how,
      },
      { name: 'host event-loop delay p99 at 1 M calls/s', value: delayMs, unit: 'ms', ...goal('<', 20, delayMs), how },
      { name: 'calls recorded of 10 M', value: calls, unit: 'calls', ...goal('≥', 10_000_000, calls), how },
    ];
  } finally {
    session.dispose();
    temporary.done();
  }
}
