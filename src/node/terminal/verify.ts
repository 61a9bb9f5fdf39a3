/** `pipescope verify`: checks that no file of a validation bundle has changed since it was written. */
import { resolve } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import { formatJsonLine } from '../../protocol/escape/json-line.ts';
import { joinTerminalLines } from '../../protocol/escape/terminal-lines.ts';
import type { Verification } from '../../protocol/validation/receipt.ts';
import { verifyBundle } from '../run/verify-bundle.ts';
import { exitCodes, type Invocation, UsageError } from './invocation.ts';

export async function verify({ positionals, options, dist, stdout, signal }: Invocation): Promise<number> {
  const [path, ...extra] = positionals;
  if (path === undefined || extra.length > 0) {
    throw new UsageError('verify takes one argument: the folder of a bundle, or its receipt.json.');
  }
  const verification = await verifyBundle(dist, resolve(path), signal).catch((error: unknown) => {
    throw error instanceof HumanError ? new UsageError(error.message) : error;
  });
  stdout.write(options.json ? formatJsonLine(verification) : joinTerminalLines(formatVerification(verification)));
  return verification.ok ? exitCodes.ok : exitCodes.failed;
}

function formatVerification({
  ok,
  folder,
  faults,
  files,
  checks,
  hash,
  verdict,
  score,
  profile,
}: Verification): readonly string[] {
  const receipt = hash === undefined ? [] : [`receipt ${hash}`, `${profile}: ${verdict}, score ${score}`];
  if (ok) return [`Unchanged: ${folder}, ${files} files, ${checks} checks`, ...receipt];
  return [`Changed: ${folder}`, ...faults.map((fault) => `  ${fault}`)];
}
