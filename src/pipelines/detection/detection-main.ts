/** Entry point of the detection pipeline, which finds all function calls in a workspace and resolves their targets. */
import { close, nowNs, onControl } from '../../probe/api/api.ts';
import { endWithParent } from '../../process/end-with-parent.ts';
import { detect } from './detect.ts';
import { parseDetectionOptions } from './detection-options.ts';
import { ResidentDetection } from './resident-detection.ts';

/** Set to 1 to stop the run; the extractor threads check it between files. */
const stop = new Int32Array(new SharedArrayBuffer(4));
const requestStop = (): void => {
  Atomics.store(stop, 0, 1);
  leave();
};

/** Runs after the previous update, because updates must not overlap. */
let updates: Promise<void> = Promise.resolve();
let resident: ResidentDetection | undefined;
let leave = (): void => {};
const stopped = new Promise<void>((resolve) => {
  leave = resolve;
});

onControl((control) => {
  if (control.type === 'stop') requestStop();
  if (control.type === 'changed') updates = updates.then(() => update(control.files));
});

async function update(files: readonly string[]): Promise<void> {
  const startNs = nowNs();
  try {
    const summary = await resident?.update(files);
    if (summary !== undefined) process.stderr.write(`${summary}; ${((nowNs() - startNs) / 1e9).toFixed(3)} s\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

endWithParent(requestStop);
process.on('SIGTERM', requestStop);
process.on('SIGINT', requestStop);

try {
  const options = parseDetectionOptions(process.argv.slice(2));
  const summary = await detect(options, stop);
  if (options.stay) {
    resident = new ResidentDetection(options, stop);
    await resident.prepare();
  }
  process.stderr.write(`${summary}\n`);
  if (options.stay) {
    // The connection to the host does not keep the process running.
    const timer = setInterval(() => {}, 2 ** 30);
    await stopped.then(() => updates);
    clearInterval(timer);
  }
  await close();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
  await close({ reason: 'error', message });
}
