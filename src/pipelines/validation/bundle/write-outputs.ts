/** Writes the results of a validation: its bundle and its JSON. */
import { writeAtomically } from '../../../process/write-atomically.ts';
import { plural } from '../../../protocol/plural.ts';
import type { Validation } from '../../../protocol/validation/validation.ts';
import type { ProgramCall } from '../check/check.ts';
import type { ValidationProfile } from '../plan/profiles.ts';
import type { ValidationOptions } from '../plan/validation-options.ts';
import { readSource } from './receipt-source.ts';
import { writeBundle, writeBundleByTime } from './write-bundle.ts';

export interface ValidationOutput {
  readonly validation: Validation;
  /** The profile with all overrides applied. */
  readonly profile: ValidationProfile;
  /** Programs that each check ran, by check id. */
  readonly calls: ReadonlyMap<string, readonly ProgramCall[]>;
}

/** Writes what the options ask for. Returns a one-line summary of the validation. */
export async function writeOutputs(
  { out, bundles, result }: ValidationOptions,
  { validation, profile, calls }: ValidationOutput,
): Promise<string> {
  const { verdict, score, checks, durationNs } = validation;
  if (out !== undefined || bundles !== undefined) {
    const ids = profile.checks.map(({ id }) => id);
    const usedProfile = { ...profile, budgetMs: validation.budgetMs, checks: ids };
    const origin = { profile: usedProfile, source: await readSource(validation.workspace) };
    if (out !== undefined) await writeBundle(out, validation, logsOf(calls), origin);
    if (bundles !== undefined) await writeBundleByTime(bundles, validation, logsOf(calls), origin);
  }
  if (result !== undefined) writeAtomically(result, `${JSON.stringify(validation)}\n`);
  return `${verdict}, score ${score}, ${plural(checks.length, 'check')} in ${Math.round(durationNs / 1e6)} ms`;
}

function logsOf(calls: ReadonlyMap<string, readonly ProgramCall[]>): ReadonlyMap<string, string> {
  return new Map([...calls].map(([id, checkCalls]) => [id, checkCalls.map(logOf).join('\n')]));
}

/** Formats one program call: command line, exit code, duration and output. */
function logOf({ command, args, cwd, result, durationNs }: ProgramCall): string {
  const truncation = result?.isTruncated ? ', the start of its output is cut off' : '';
  const exit = result ? `exit code ${result.code}${truncation}` : 'no such program';
  const head = `$ ${[command, ...args].join(' ')}\n# in ${cwd}: ${exit}, ${Math.round(durationNs / 1e6)} ms\n`;
  return `${head}${result?.stdout ?? ''}${result?.stderr ?? ''}`;
}
