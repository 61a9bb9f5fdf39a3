/** What a benchmark ran on: a ratio between two machines says little. */
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import type { Machine } from '../core/benchmark.ts';

export function machineOf(): Machine {
  return {
    platform: `${platform()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
  };
}
