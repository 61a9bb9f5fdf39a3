/** `pipescope verify`: whether the bundle of a validation is byte for byte what was written. */
import { resolve } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import type { Verification } from '../../protocol/receipt.ts';
import { verifyBundle } from '../run/verify-bundle.ts';
import { exitCodes, type Invocation, UsageError } from './invocation.ts';

export async function verify({ words, options, dist, stdout, signal }: Invocation): Promise<number> {
  const [path, ...more] = words;
  if (path === undefined || more.length > 0) {
    throw new UsageError('verify wants one bundle: pipescope verify DIR, or the receipt.json in it.');
  }
  const found = await verifyBundle(dist, resolve(path), signal).catch((error: unknown) => {
    throw error instanceof HumanError ? new UsageError(error.message) : error;
  });
  stdout.write(options.json ? `${JSON.stringify(found)}\n` : textOf(found));
  return found.ok ? exitCodes.ok : exitCodes.failed;
}

function textOf({ ok, folder, faults, files, checks, hash, verdict, score, profile }: Verification): string {
  const known = hash === undefined ? '' : `receipt ${hash}\n${profile}: ${verdict}, score ${score}\n`;
  if (ok) return `Unchanged: ${folder}, ${files} files, ${checks} checks\n${known}`;
  return `Changed: ${folder}\n${faults.map((fault) => `  ${fault}\n`).join('')}`;
}
