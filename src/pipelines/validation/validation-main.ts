/** Entry point of the built-in validation pipeline, which decides whether a workspace is ready and records the evidence. */
import { close, onControl } from '../../probe/api/api.ts';
import { endWithParent } from '../../process/end-with-parent.ts';
import { writeOutputs } from './bundle/write-outputs.ts';
import { ConfigurationError, configurationErrorExitCode } from './plan/configuration-error.ts';
import { parseOptions } from './plan/validation-options.ts';
import { traceValidation } from './run/validation-telemetry.ts';
import { validate } from './validate.ts';

const stopping = new AbortController();
const stop = (): void => stopping.abort();

onControl((control) => {
  if (control.type === 'stop') stop();
});
endWithParent(stop);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  const options = parseOptions(process.argv.slice(2));
  const output = await traceValidation(options.profile, () => validate(options, stopping.signal));
  // The results of a stopped run are incomplete, so they are not written.
  if (!stopping.signal.aborted) process.stderr.write(`${await writeOutputs(options, output)}\n`);
  await close(stopping.signal.aborted ? { reason: 'signal' } : undefined);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = error instanceof ConfigurationError ? configurationErrorExitCode : 1;
  await close({ reason: 'error', message });
}
