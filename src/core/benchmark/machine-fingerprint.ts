/** Identifies the machine of a benchmark: times from different machines are not comparable. */
import type { Machine } from './bench-report.ts';

/** Returns what must match for times to be comparable: CPU, cores, runtime and frequency governor. */
export function machineFingerprint({ cpu, cores, node, governor }: Machine): string {
  return [cpu, `${cores} cores`, `Node ${node}`, ...(governor ? [governor] : [])].join(', ');
}

/** Returns the reason why times of two machines are not comparable, or undefined if they are. */
export function describeMachineDifference(then: Machine, now: Machine): string | undefined {
  if (then.cpu !== now.cpu || then.cores !== now.cores || systemOf(then) !== systemOf(now)) {
    return `it comes from another machine (${then.cpu}, ${then.cores} cores, ${systemOf(then)})`;
  }
  if (then.node !== now.node) return `it ran on Node ${then.node}, the candidate on ${now.node}`;
  if (then.governor !== now.governor) return 'the CPU frequency governor has changed';
  return undefined;
}

/** Returns the platform without the version of its kernel, which changes with updates: `linux x64`. */
function systemOf({ platform }: Machine): string {
  const [name, ...rest] = platform.split(' ');
  return [name, rest.at(-1)].filter(Boolean).join(' ');
}
