/** What a validation leaves behind: its bundle, its JSON for whoever started it, and a sentence. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Options } from '../plan/validation-options.ts';
import type { Call } from '../run/programs.ts';
import { tell } from '../run/validation-telemetry.ts';
import type { Validated } from '../validate.ts';
import { sourceOf } from './receipt-source.ts';
import { writeBundle, writeBundleByTime } from './write-bundle.ts';

/** The sentence. */
export async function writeAll(
  { out, bundles, result }: Options,
  { validation, profile, calls }: Validated,
): Promise<string> {
  tell(validation);
  const { verdict, score, checks, durationNs } = validation;
  if (out !== undefined || bundles !== undefined) {
    const ids = profile.checks.map(({ id }) => id);
    const held = { ...profile, budgetMs: validation.budgetMs, checks: ids };
    const origin = { profile: held, source: await sourceOf(validation.workspace) };
    if (out !== undefined) await writeBundle(out, validation, logsOf(calls), origin);
    if (bundles !== undefined) await writeBundleByTime(bundles, validation, logsOf(calls), origin);
  }
  if (result !== undefined) put(result, `${JSON.stringify(validation)}\n`);
  return `${verdict}, score ${score}, ${checks.length} checks in ${Math.round(durationNs / 1e6)} ms`;
}

function logsOf(calls: ReadonlyMap<string, readonly Call[]>): ReadonlyMap<string, string> {
  return new Map([...calls].map(([id, ran]) => [id, ran.map(logOf).join('\n')]));
}

/** One program: its words, its end, and what it printed. */
function logOf({ command, args, cwd, ran, durationNs }: Call): string {
  const end = ran ? `exit code ${ran.code}${ran.cut ? ', the start of its output is cut off' : ''}` : 'no such program';
  const head = `$ ${[command, ...args].join(' ')}\n# in ${cwd}: ${end}, ${Math.round(durationNs / 1e6)} ms\n`;
  return `${head}${ran?.stdout ?? ''}${ran?.stderr ?? ''}`;
}

/** Whoever reads the file finds it whole or not at all. */
function put(file: string, text: string): void {
  const draft = `${file}.${randomUUID()}.tmp`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, text);
  renameSync(draft, file);
}
