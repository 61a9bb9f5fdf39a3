/** Runs a program without and with the probe at the same time, in two copies of its folder, and returns all that can be seen. */
import { spawn } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { createProgramFolder, type ProgramResult, runProfiled } from '../profiled-program.ts';

interface ComparedProgram {
  readonly node: string;
  readonly parameters: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
  /** Text for standard input, which is empty otherwise. */
  readonly input?: string;
}

interface Outcome extends ProgramResult {
  readonly folder: string;
  /** Exit code, signal, output and created files, without process IDs, times and addresses. */
  readonly seen: readonly unknown[];
}

export interface Comparison {
  readonly plain: Outcome;
  readonly profiled: Outcome;
  readonly batches: readonly Batch[];
}

/** Runs both, and removes the folders after `check`. */
export async function comparePrograms<T>(
  { node, parameters, files, env, input = '' }: ComparedProgram,
  check: (comparison: Comparison) => T,
): Promise<T> {
  const [plainFolder, profiledFolder] = [createProgramFolder(files), createProgramFolder(files)];
  try {
    const [plain, profiled] = await Promise.all([
      runPlain(node, parameters, { cwd: plainFolder, env: { ...process.env, ...env }, input }),
      runProfiled(parameters, {
        cwd: profiledFolder,
        node,
        ...(env ? { env } : {}),
        onStarted: (child) => child.stdin?.end(input),
      }),
    ]);
    return check({
      plain: outcomeOf(plain, plainFolder),
      profiled: outcomeOf(profiled, profiledFolder),
      batches: profiled.batches,
    });
  } finally {
    for (const folder of [plainFolder, profiledFolder]) rmSync(folder, { recursive: true, force: true });
  }
}

function outcomeOf({ status, signal, stdout, stderr }: ProgramResult, folder: string): Outcome {
  const normalize = (text: string): string =>
    text
      .replaceAll(folder, 'FOLDER')
      .replaceAll(/\(node:\d+/g, '(node')
      .replaceAll(/Time: .*/g, 'Time')
      .replaceAll(/ws:\S+/g, 'ws:ADDRESS')
      .replaceAll(/(duration_ms:?|\() ?[\d.]+(ms\))?/g, '$1 TIME')
      .replaceAll(/\d{3,}/g, 'NUMBER');
  // Profilers put process and thread IDs into the names of their files.
  const created = new Set(
    globSync('**', { cwd: folder }).map((name) => name.replaceAll(/[\da-fx]{2,}(?=[-.])/g, 'ID')),
  );
  return {
    status,
    signal,
    stdout,
    stderr,
    folder,
    seen: [status, signal, normalize(stdout), normalize(stderr), [...created].sort()],
  };
}

function runPlain(
  node: string,
  parameters: readonly string[],
  { cwd, env, input }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly input: string },
): Promise<ProgramResult> {
  const child = spawn(node, parameters, { cwd, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr })));
}
