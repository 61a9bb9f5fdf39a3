/** Fixture that starts Python programs, which run until they are ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RunningPython {
  readonly pid: number;
  readonly folder: string;
  readonly child: ChildProcess;
  /** Resolves with the next line that the program prints. */
  readLine(): Promise<string>;
  /** Ends the program and removes its folder. */
  end(): Promise<void>;
}

/** Starts a program and waits until it has printed a line, which is `firstLine`. */
export async function startPython(
  python: string,
  text: string,
  args: readonly string[] = [],
): Promise<RunningPython & { readonly firstLine: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-python-'));
  const file = join(folder, 'program.py');
  writeFileSync(file, text);
  const child = spawn(python, ['-u', file, ...args], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdout } = child;
  stdout.setEncoding('utf8');
  let received = '';
  stdout.on('data', (piece: string) => {
    received += piece;
    child.emit('piece');
  });
  const readLine = async (): Promise<string> => {
    while (!received.includes('\n')) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`The program has ended: ${child.exitCode}.`);
      await Promise.race([once(child, 'piece'), once(child, 'exit')]);
    }
    const end = received.indexOf('\n');
    const line = received.slice(0, end);
    received = received.slice(end + 1);
    return line;
  };
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { pid: child.pid as number, folder, child, readLine, end, firstLine: await readLine() };
  } catch (error) {
    await end();
    throw error;
  }
}
