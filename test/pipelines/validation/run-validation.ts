/** Runs the validation pipeline in a separate process, as the host does, and reads its results. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { isBatch } from '../../../src/protocol/batch/batch.ts';
import { isValidation, type Validation } from '../../../src/protocol/validation/validation.ts';

const entry = fileURLToPath(new URL('../../../src/pipelines/validation/validation-main.ts', import.meta.url));

export interface ValidationRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined if the pipeline wrote no result. */
  readonly validation: Validation | undefined;
  readonly batches: readonly Batch[];
}

/** @param onStart may send messages to the process or end it */
export async function run(
  workspace: string,
  args: readonly string[] = [],
  onStart: (child: ChildProcess) => void = () => undefined,
): Promise<ValidationRun> {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-validation-'));
  const result = join(folder, 'result.json');
  const child = spawn(process.execPath, [entry, '--workspace', workspace, '--result', result, ...args], {
    env: { ...process.env, PIPESCOPE_IPC: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const batches: Batch[] = [];
  child.on('message', (message) => isBatch(message) && batches.push(message));
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text) => {
    stdout += text;
  });
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  onStart(child);
  const [code] = (await once(child, 'close')) as [number | null];
  const read: unknown = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  return { code, stdout, stderr, validation: isValidation(read) ? read : undefined, batches };
}
