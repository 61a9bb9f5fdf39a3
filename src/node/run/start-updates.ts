import { sampleTree } from '../../process/usage/sample-tree.ts';
import { sinceSample } from '../../protocol/tree-sample.ts';
import type { Recording } from './recording.ts';
import type { RunHandle } from './start-run.ts';

const updateIntervalMs = 250;

/** Samples the process tree of a run at a fixed interval, and calls `onUpdate` after each sample. */
export function startUpdates(recording: Recording, { child }: RunHandle, onUpdate: () => void): NodeJS.Timeout {
  let isSampling = false;
  return setInterval(async () => {
    // On a slow system, sampling may take longer than the interval; do not sample twice at the same time.
    if (isSampling) return;
    isSampling = true;
    const sample = child.pid === undefined ? undefined : await sampleTree(child.pid);
    isSampling = false;
    if (sample) recording.sampleTree(child.earlier ? sinceSample(sample, child.earlier) : sample);
    if (child.usage) recording.addUsage(child.usage);
    onUpdate();
  }, updateIntervalMs);
}
