/** Verifies a validation bundle in a separate process, because only the validation pipeline can hash one. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { isVerification, type Verification } from '../../protocol/validation/receipt.ts';

/** Exit code of the process if there is no bundle. */
const noBundleExitCode = 2;
const maxOutputBytes = 64e6;

/** Verifies the bundle in a folder or of a receipt file. Rejects with a HumanError if there is no bundle. */
export function verifyBundle(dist: string, path: string, signal?: AbortSignal): Promise<Verification> {
  const module = join(dist, 'pipelines', 'verify.js');
  // Without this variable, the editor's executable would not behave like Node.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  return new Promise((resolve, reject) => {
    const options = { env, maxBuffer: maxOutputBytes, ...defined({ signal }) };
    execFile(process.execPath, [module, path], options, (error, stdout, stderr) => {
      const verification = parseJson(stdout);
      if (isVerification(verification)) resolve(verification);
      else if (error?.code === noBundleExitCode) reject(new HumanError(stderr.trim()));
      else reject(new Error(`Could not verify ${path}: ${stderr.trim() || error?.message}`));
    });
  });
}
