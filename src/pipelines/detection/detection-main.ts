/** The built-in detection pipeline: finds every function call of a workspace and the definition that it reaches. */
import { close, onControl } from '../../probe/api/api.ts';
import { detect } from './detect.ts';
import { optionsOf } from './detection-options.ts';

/** 1 once the run is to stop: threads look at it between files. */
const stop = new Int32Array(new SharedArrayBuffer(4));
const endEarly = (): void => {
  Atomics.store(stop, 0, 1);
};

onControl((control) => {
  if (control.type === 'stop') endEarly();
});
process.on('SIGTERM', endEarly);
process.on('SIGINT', endEarly);

try {
  const summary = await detect(optionsOf(process.argv.slice(2)), stop);
  process.stderr.write(`${summary}\n`);
  await close();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
  await close({ reason: 'error', message });
}
