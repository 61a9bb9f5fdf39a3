/** Runs real programs under the real preload, before a real listener, and adds up what the host is told. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { Listener } from '../../src/node/run/guest-listener.ts';
import { Ledger } from '../../src/probe/link/source-totals.ts';
import { isBatch } from '../../src/protocol/batch.ts';
import type { Wishes } from '../../src/protocol/control.ts';
import { wishesVariable } from '../../src/protocol/environment-variables.ts';
import type { Batch, Definition } from '../../src/protocol/event.ts';

const root = resolve(import.meta.dirname, '../..');
const entryPoints = {
  preload: join(root, 'src/probe/preload/preload.ts'),
  sampler: join(root, 'src/probe/sampling/sampler-thread.ts'),
  wrap: join(root, 'src/probe/exact/instrument.ts'),
};
let built: Promise<string> | undefined;

/** Folder of the preload, built from the sources as they are. */
export function preloadFolder(): Promise<string> {
  built ??= (async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'pipescope preload-'));
    await build({
      entryPoints,
      bundle: true,
      platform: 'node',
      target: 'node18',
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      outdir,
      logLevel: 'error',
    });
    return outdir;
  })();
  return built;
}

/** A folder with these files in it. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-program-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export interface Result {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Seen extends Result {
  readonly batches: readonly Batch[];
  readonly faults: readonly string[];
  /** Moments at which batches came, since the program was started. */
  readonly atMs: readonly number[];
}

export interface RunOptions {
  readonly cwd: string;
  readonly wishes?: Partial<Wishes>;
  readonly env?: NodeJS.ProcessEnv;
  readonly node?: string;
  /** Without the preload: the program connects by itself. */
  readonly bare?: boolean;
  /** Called with the process and the listener when it has been started. */
  readonly during?: (child: ReturnType<typeof spawn>, listener: Listener) => void;
}

export async function environmentOf(listener: Listener, options: RunOptions): Promise<NodeJS.ProcessEnv> {
  const wishes: Wishes = { samplingNs: 1e6, exact: [], budgetRatio: 0.5, workspace: options.cwd, ...options.wishes };
  const env = { ...process.env, ...options.env };
  const preload = `--require "${join(await preloadFolder(), 'preload.cjs')}"`;
  return {
    ...env,
    ...listener.environment,
    [wishesVariable]: JSON.stringify(wishes),
    NODE_OPTIONS: [env['NODE_OPTIONS'], options.bare ? undefined : preload].filter(Boolean).join(' '),
  };
}

/** Runs `node ...parameters` with the probe. */
export async function profiled(parameters: readonly string[], options: RunOptions): Promise<Seen> {
  const batches: Batch[] = [];
  const faults: string[] = [];
  const atMs: number[] = [];
  const startMs = performance.now();
  const listener = await Listener.open({
    onMessage: (message) => {
      if (!isBatch(message)) return void faults.push(`no batch: ${JSON.stringify(message).slice(0, 200)}`);
      atMs.push(performance.now() - startMs);
      batches.push(message);
    },
    onFault: (what) => faults.push(what),
  });
  const env = await environmentOf(listener, options);
  const child = spawn(options.node ?? process.execPath, parameters, { cwd: options.cwd, env });
  options.during?.(child, listener);
  const [stdout, stderr] = [[] as Buffer[], [] as Buffer[]];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const { status, signal } = await new Promise<Pick<Result, 'status' | 'signal'>>((done) =>
    child.on('close', (status, signal) => done({ status, signal })),
  );
  for (let wait = 0; wait < 100 && listener.guests > 0; wait++) await new Promise((done) => setTimeout(done, 10));
  await listener.close();
  return {
    status,
    signal,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    batches,
    faults,
    atMs,
  };
}

/** Runs `node ...parameters` without the probe. */
export function plain(parameters: readonly string[], options: RunOptions): Result {
  const { status, signal, stdout, stderr } = spawnSync(options.node ?? process.execPath, parameters, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, signal, stdout, stderr };
}

export interface Told extends Definition {
  readonly source: string;
  readonly samples: number;
  readonly selfNs: number;
  readonly sampledNs: number;
  readonly count: number;
  readonly timed: number;
  readonly errors: number;
  readonly totalNs: number;
  readonly cpuNs: number | undefined;
  readonly hits: number;
  readonly misses: number;
}

/** What each operation of each source adds up to. */
export function told(batches: readonly Batch[]): Told[] {
  const ledgers = new Map<string, Ledger>();
  for (const batch of batches) {
    const ledger = ledgers.get(batch.source) ?? new Ledger();
    ledgers.set(batch.source, ledger);
    ledger.add(batch);
  }
  return [...ledgers.values()].flatMap((ledger) => {
    const whole = ledger.whole();
    return (whole?.definitions ?? []).map((definition) => {
      const samples = whole?.samples?.find(({ id }) => id === definition.id);
      const exact = whole?.operations?.find(({ id }) => id === definition.id);
      return {
        ...definition,
        source: whole?.source ?? '',
        samples: samples?.samples ?? 0,
        selfNs: samples?.selfNs ?? 0,
        sampledNs: samples?.totalNs ?? 0,
        count: exact?.count ?? 0,
        timed: exact?.timed ?? exact?.count ?? 0,
        errors: exact?.errors ?? 0,
        totalNs: exact?.totalNs ?? 0,
        cpuNs: exact?.cpuNs,
        hits: exact?.hits ?? 0,
        misses: exact?.misses ?? 0,
      };
    });
  });
}
