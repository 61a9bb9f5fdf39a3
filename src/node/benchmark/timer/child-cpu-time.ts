/** Reads the CPU time of ended child processes from the OS. Sampling would miss the time after the last sample. */
import { readStat } from '../../../process/proc-reader.ts';

export interface CpuTime {
  readonly userNs: number;
  readonly systemNs: number;
}

/** Returns the CPU time of all reaped descendants of this process, or undefined if the OS does not report it. */
export function readChildCpuTime(): CpuTime | undefined {
  if (process.platform !== 'linux') return undefined;
  const { reapedUserNs: userNs = Number.NaN, reapedSystemNs: systemNs = Number.NaN } = readStat('self') ?? {};
  return Number.isFinite(userNs) && Number.isFinite(systemNs) ? { userNs, systemNs } : undefined;
}
