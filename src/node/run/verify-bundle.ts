/** Verifies the bundle of a validation in a process of its own: what it hashes is the pipeline's matter. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import { isVerification, type Verification } from '../../protocol/receipt.ts';

/** Exit code of the process where there is no bundle. */
const nothingThere = 2;
const answerBytes = 64e6;

/** What is found in the bundle of this folder, or of this receipt; throws a HumanError where there is none. */
export function verifyBundle(dist: string, path: string, signal?: AbortSignal): Promise<Verification> {
  const module = join(dist, 'pipelines', 'verify.js');
  // The editor's own executable is a Node only if it is told so.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  return new Promise((resolve, reject) => {
    const options = { env, maxBuffer: answerBytes, ...defined({ signal }) };
    execFile(process.execPath, [module, path], options, (error, stdout, stderr) => {
      const answer = answerOf(stdout);
      if (answer) resolve(answer);
      else if (error?.code === nothingThere) reject(new HumanError(stderr.trim()));
      else reject(new Error(`${path} could not be verified: ${stderr.trim() || error?.message}`));
    });
  });
}

function answerOf(stdout: string): Verification | undefined {
  try {
    const value: unknown = JSON.parse(stdout);
    return isVerification(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
