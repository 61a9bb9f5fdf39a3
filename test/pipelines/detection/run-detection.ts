/** Runs the detection pipeline in a separate process, as the host does, and reads its result. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const entry = fileURLToPath(new URL('../../../src/pipelines/detection/detection-main.ts', import.meta.url));

export interface CallLine {
  readonly kind: 'call';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
  readonly callee: string;
  readonly target?: string;
  readonly candidate?: string;
  readonly tier: string;
  readonly form: string;
}

export interface DefinitionLine {
  readonly kind: 'definition';
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly breadcrumb: string;
  readonly form: string;
}

export interface ErrorLine {
  readonly kind: 'error';
  readonly file: string;
  readonly type: string;
  readonly message: string;
}

export interface DetectionRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Content of the result file. */
  readonly text: string;
  readonly calls: readonly CallLine[];
  readonly definitions: readonly DefinitionLine[];
  readonly errors: readonly ErrorLine[];
}

export interface DetectionRequest {
  readonly workspace: string;
  readonly cache?: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** User id of the process; can only be set by root. */
  readonly uid?: number;
}

export async function detect({
  workspace,
  cache,
  args = [],
  env = process.env,
  uid,
}: DetectionRequest): Promise<DetectionRun> {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-result-'));
  if (uid !== undefined) chmodSync(folder, 0o777);
  const result = join(folder, 'result.jsonl');
  const all = ['--workspace', workspace, '--result', result, ...(cache ? ['--cache', cache] : []), ...args];
  const child = spawn(process.execPath, [entry, ...all], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    return { code, stdout, stderr, ...readResult(result) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function readResult(path: string): Pick<DetectionRun, 'text' | 'calls' | 'definitions' | 'errors'> {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // A failed run writes no result; callers check the exit code.
  }
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CallLine | DefinitionLine | ErrorLine);
  return {
    text,
    calls: lines.filter((line) => line.kind === 'call'),
    definitions: lines.filter((line) => line.kind === 'definition'),
    errors: lines.filter((line) => line.kind === 'error'),
  };
}

/** Creates a temporary folder with these files. The caller must delete it. */
export function createWorkspace(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-workspace-'));
  for (const [name, content] of Object.entries(files)) writeFile(folder, name, content);
  return folder;
}

export function writeFile(folder: string, name: string, content: string | Buffer): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
