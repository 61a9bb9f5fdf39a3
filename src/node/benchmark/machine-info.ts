/** What a benchmark ran on: a ratio between two machines says little. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import type { Machine } from '../../core/benchmark/bench-report.ts';

export function machineOf(): Machine {
  return {
    platform: `${platform()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
    ...governorOf(),
  };
}

/** How Linux governs the clock of the first processor; most virtual machines do not tell. */
function governorOf(): Pick<Machine, 'governor'> {
  try {
    return { governor: readFileSync('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'utf8').trim() };
  } catch {
    return {};
  }
}
