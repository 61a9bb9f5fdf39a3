/** Entry point of the detection pipeline, which finds all function calls in a workspace and resolves their targets. */
import { close, onControl } from '../../probe/api/api.ts';
import { endWithParent } from '../../process/end-with-parent.ts';
import { detect } from './detect.ts';
import { parseDetectionOptions } from './detection-options.ts';

/** Set to 1 to stop the run; the extractor threads check it between files. */
const stop = new Int32Array(new SharedArrayBuffer(4));
const requestStop = (): void => {
  Atomics.store(stop, 0, 1);
};

onControl((control) => {
  if (control.type === 'stop') requestStop();
});
endWithParent(requestStop);
process.on('SIGTERM', requestStop);
process.on('SIGINT', requestStop);

try {
  const summary = await detect(parseDetectionOptions(process.argv.slice(2)), stop);
  process.stderr.write(`${summary}\n`);
  await close();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
  await close({ reason: 'error', message });
}
