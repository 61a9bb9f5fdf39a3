/** The built-in validation pipeline: says whether a workspace is done, with the evidence for it. */
import { close, onControl } from '../../probe/api.ts';
import { validating } from './live.ts';
import { exitCode, Misconfigured } from './misconfigured.ts';
import { optionsOf } from './options.ts';
import { writeAll } from './output.ts';
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
