import { nowNs } from './clock.ts';
import { Operation } from './operation.ts';

const rounds = 8;
const callsPerRound = 2000;

/**
 * Measures what one timed call costs on this machine, in nanoseconds. Takes the fastest of several rounds, so that other
 * load on the machine does not count.
 */
export function measureRecordNs(): number {
  const operation = new Operation({ id: 0, component: 'probe', name: 'calibration', kind: 'function' });
  let fastestNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const startNs = nowNs();
    for (let call = 0; call < callsPerRound; call++) {
      const callStartNs = nowNs();
      operation.record(nowNs() - callStartNs);
    }
    fastestNs = Math.min(fastestNs, (nowNs() - startNs) / callsPerRound);
  }
  return fastestNs;
}
