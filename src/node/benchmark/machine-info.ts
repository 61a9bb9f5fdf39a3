/** Describes the machine on which a benchmark ran. Times from different machines are not comparable. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import type { Machine } from '../../core/benchmark/bench-report.ts';

export function readMachineInfo(): Machine {
  return {
    platform: `${platform()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
    ...readGovernor(),
  };
}

/** Reads the CPU frequency governor of the first core on Linux. Most virtual machines do not expose it. */
function readGovernor(): Pick<Machine, 'governor'> {
  try {
    return { governor: readFileSync('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'utf8').trim() };
  } catch {
    return {};
  }
}
