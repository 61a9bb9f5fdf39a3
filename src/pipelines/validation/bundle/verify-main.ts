/** The process that verifies a bundle: its path in, one JSON out; 0 unchanged, 1 changed, 2 nothing to verify. */
import { NoBundleError, verify } from './verify-bundle.ts';

try {
  const verification = await verify(process.argv[2] ?? '.');
  process.stdout.write(`${JSON.stringify(verification)}\n`);
  process.exitCode = verification.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof NoBundleError ? 2 : 1;
}
