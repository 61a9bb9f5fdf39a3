/** Fixture that builds the preload, profiles real programs with it through a real listener, and adds up their batches. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { GuestListener } from '../../src/node/run/guest-listener.ts';
import { ReporterNames } from '../../src/node/run/guests/reporter-names.ts';
import type { Batch, Definition } from '../../src/protocol/batch/batch.ts';
import { isBatch } from '../../src/protocol/batch/batch.ts';
import { SourceTotals } from '../../src/protocol/batch/source-totals.ts';
import type { ProbeConfig } from '../../src/protocol/control.ts';
import { probeConfigVariable } from '../../src/protocol/environment-variables.ts';
import { stackTimes } from './stack-times.ts';

const root = resolve(import.meta.dirname, '../..');
let built: Promise<string> | undefined;

/** Builds the preload from the sources, once, and returns its folder. */
export function buildPreload(): Promise<string> {
  built ??= (async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'pipescope preload-'));
    const { guestBundles } = (await import(join(root, 'esbuild.config.mjs'))) as {
      guestBundles: readonly BuildOptions[];
    };
    for (const bundle of guestBundles) await build({ ...bundle, absWorkingDir: root, outdir });
    return outdir;
  })();
  return built;
}

/** Creates a temporary folder with these files. */
export function createProgramFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-program-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export interface ProgramResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProfiledResult extends ProgramResult {
  readonly batches: readonly Batch[];
  readonly errors: readonly string[];
  /** Times at which the batches arrived, since the start of the program. */
  readonly arrivalsMs: readonly number[];
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly config?: Partial<ProbeConfig>;
  readonly env?: NodeJS.ProcessEnv;
  readonly node?: string;
  /** Runs without the preload: the program connects through the probe API. */
  readonly withoutPreload?: boolean;
  /** Called once the process has been started. */
  readonly onStarted?: (child: ReturnType<typeof spawn>, listener: GuestListener) => void;
}

async function probeEnvironment(listener: GuestListener, options: ProgramOptions): Promise<NodeJS.ProcessEnv> {
  const config: ProbeConfig = {
    samplingNs: 1e6,
    exact: [],
    budgetRatio: 0.5,
    workspace: options.cwd,
    ...options.config,
  };
  const env = { ...process.env, ...options.env };
  const preload = `--require "${join(await buildPreload(), 'preload.cjs')}"`;
  return {
    ...env,
    ...listener.environment,
    [probeConfigVariable]: JSON.stringify(config),
    NODE_OPTIONS: [env['NODE_OPTIONS'], options.withoutPreload ? undefined : preload].filter(Boolean).join(' '),
  };
}

/** Runs `node ...parameters` with the probe, and collects its output and batches. */
export async function runProfiled(parameters: readonly string[], options: ProgramOptions): Promise<ProfiledResult> {
  const batches: Batch[] = [];
  const errors: string[] = [];
  const arrivalsMs: number[] = [];
  const startMs = performance.now();
  const listener = await GuestListener.open({
    onMessage: (message) => {
      if (!isBatch(message)) return void errors.push(`not a batch: ${JSON.stringify(message).slice(0, 200)}`);
      arrivalsMs.push(performance.now() - startMs);
      batches.push(message);
    },
    onFault: (error) => errors.push(error),
    names: new ReporterNames(),
  });
  const env = await probeEnvironment(listener, options);
  const child = spawn(options.node ?? process.execPath, parameters, { cwd: options.cwd, env });
  options.onStarted?.(child, listener);
  const [stdout, stderr] = [[] as Buffer[], [] as Buffer[]];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const { status, signal } = await new Promise<Pick<ProgramResult, 'status' | 'signal'>>((done) =>
    child.on('close', (status, signal) => done({ status, signal })),
  );
  for (let wait = 0; wait < 100 && listener.guestCount > 0; wait++) await new Promise((done) => setTimeout(done, 10));
  await listener.close();
  return {
    status,
    signal,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    batches,
    errors,
    arrivalsMs,
  };
}

/** Runs `node ...parameters` without the probe. */
export function runPlain(parameters: readonly string[], options: ProgramOptions): ProgramResult {
  const { status, signal, stdout, stderr } = spawnSync(options.node ?? process.execPath, parameters, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, signal, stdout, stderr };
}

/** Totals of an operation over all batches; `count`, `timed`, `totalNs` and so on are from exact timing. */
export interface ReportedOperation extends Definition {
  readonly source: string;
  readonly samples: number;
  readonly selfNs: number;
  readonly sampledNs: number;
  readonly count: number;
  readonly timed: number;
  readonly errors: number;
  readonly totalNs: number;
  /** Sum of the durations of all calls. */
  readonly durationsNs: number;
  readonly cpuNs: number | undefined;
  readonly hits: number;
  readonly misses: number;
}

/** Returns every operation of every source with its totals. */
export function operationsIn(batches: readonly Batch[]): ReportedOperation[] {
  const totalsBySource = new Map<string, SourceTotals>();
  for (const batch of batches) {
    const totals = totalsBySource.get(batch.source) ?? new SourceTotals();
    totalsBySource.set(batch.source, totals);
    totals.add(batch);
  }
  return [...totalsBySource.values()].flatMap((totals) => {
    const cumulative = totals.toBatch();
    const times = stackTimes(cumulative ?? {});
    return (cumulative?.definitions ?? []).map((definition) => {
      const sampled = times.get(definition.id) ?? cumulative?.samples?.find(({ id }) => id === definition.id);
      const exact = cumulative?.operations?.find(({ id }) => id === definition.id);
      return {
        ...definition,
        source: cumulative?.source ?? '',
        samples: sampled?.samples ?? 0,
        selfNs: sampled?.selfNs ?? 0,
        sampledNs: sampled?.totalNs ?? 0,
        count: exact?.count ?? 0,
        timed: exact?.timed ?? exact?.count ?? 0,
        errors: exact?.errors ?? 0,
        totalNs: exact?.totalNs ?? 0,
        durationsNs: exact?.durationsNs ?? exact?.totalNs ?? 0,
        cpuNs: exact?.cpuNs,
        hits: exact?.hits ?? 0,
        misses: exact?.misses ?? 0,
      };
    });
  });
}
