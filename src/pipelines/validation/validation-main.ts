/** The built-in validation pipeline: says whether a workspace is done, with the evidence for it. */
import { close, onControl } from '../../probe/api/api.ts';
import { writeAll } from './bundle/outputs.ts';
import { exitCode, Misconfigured } from './plan/config-error.ts';
import { optionsOf } from './plan/validation-options.ts';
import { validating } from './run/validation-telemetry.ts';
import { validate } from './validate.ts';

const stopping = new AbortController();
const endEarly = (): void => stopping.abort();

onControl((control) => {
  if (control.type === 'stop') endEarly();
});
process.on('SIGTERM', endEarly);
process.on('SIGINT', endEarly);

try {
  const options = optionsOf(process.argv.slice(2));
  const validated = await validating(options.profile, () => validate(options, stopping.signal));
  // Of a run that was stopped nothing is promised, so nothing is written.
  if (!stopping.signal.aborted) process.stderr.write(`${await writeAll(options, validated)}\n`);
  await close(stopping.signal.aborted ? { reason: 'signal' } : undefined);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = error instanceof Misconfigured ? exitCode : 1;
  await close({ reason: 'error', message });
}
