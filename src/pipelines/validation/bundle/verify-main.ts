/**
 * Verifies the bundle at the path in its argument and prints the result as JSON.
 * Exit codes: 0 unchanged, 1 changed, 2 no bundle at the path.
 */
import { NoBundleError, verifyBundleAt } from './verify-bundle.ts';

try {
  const verification = await verifyBundleAt(process.argv[2] ?? '.');
  process.stdout.write(`${JSON.stringify(verification)}\n`);
  process.exitCode = verification.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof NoBundleError ? 2 : 1;
}
