/** Begins to run and record a program or pipeline, in this process or in a keeper. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { HumanError } from '../../core/human-error.ts';
import type { ProbeConfig } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import type { Run } from '../../protocol/snapshot.ts';
import { readGitState } from '../git.ts';
import { findProjectRoot } from '../project-root.ts';
import { canOutliveHost, type LaunchSpec } from '../run/launch-spec.ts';
import type { Recording, RunDescription } from '../run/recording.ts';
import { type RunHandle, type StartOptions, startRun } from '../run/start-run.ts';
import { createRunSpan, parentSpanId } from '../run/trace-context.ts';
import { EarlyEvents } from './early-events.ts';
import { eventsFor } from './run-events.ts';

export interface BeginOptions {
  readonly log: (line: string) => void;
  /** Folder of the built bundles. */
  readonly dist: string;
  /** Folder for data that is kept between runs. */
  readonly data: string;
  /** Programs outlive this process for a limited time, so that the next host can resume their runs (see `resumeRun`). */
  readonly survivesHost?: boolean;
  /** Names the commit of the workspace in the run. True by default. */
  readonly readsGit?: boolean;
  /** Receives everything that a program prints. Without it, the beginning is logged. */
  readonly onOutput?: (text: string) => void;
}

/** A run that has started. */
export interface BegunRun {
  readonly recording: Recording;
  readonly handle: RunHandle;
}

/** Default probe configuration: as many stack samples as a measuring overhead of 1 % allows, at most one per millisecond. */
export const defaultProbeConfig: Omit<ProbeConfig, 'workspace'> = {
  samplingNs: 1e6,
  exact: [],
  budgetRatio: 0.01,
};

/** Returns the complete probe configuration of a launch; `overrides` have precedence over everything else. */
export function probeConfigOf({ workspace, sampling }: LaunchSpec, overrides: Partial<ProbeConfig> = {}): ProbeConfig {
  return {
    ...defaultProbeConfig,
    workspace,
    projectRoot: findProjectRoot(workspace),
    ...(sampling === 'fine' ? { hasFineSampling: true } : {}),
    ...overrides,
  };
}

type Start = Pick<StartOptions, 'runId' | 'span' | 'dist' | 'probeConfig'>;

/** Rejects with a HumanError if the run could not be started. */
export async function beginRun(
  launch: LaunchSpec,
  probeConfig: Partial<ProbeConfig>,
  options: BeginOptions,
): Promise<BegunRun> {
  const { pipeline, workspace } = launch;
  assertExists(launch);
  const span = createRunSpan();
  const { id, title, unit } = pipeline;
  const trace = { traceId: span.traceId, spanId: span.spanId, ...defined({ parentSpanId: parentSpanId() }) };
  const run = { id: randomUUID(), pipeline: id, title, workspace, trace, ...defined({ unit }) };
  const config = probeConfigOf(launch, probeConfig);
  const start = { runId: run.id, span, dist: options.dist, probeConfig: config };
  options.log(`starting ${id} on ${workspace} (run ${run.id})`);
  const isDetached = options.survivesHost === true && canOutliveHost(launch);
  return (isDetached ? beginDetached : beginDirectly)(launch, run, start, options);
}

/** Throws a HumanError if the workspace or the module of a launch is missing. */
export function assertExists({ pipeline, workspace, start }: LaunchSpec): void {
  if (!existsSync(workspace)) throw new HumanError(`Folder not found: ${workspace}. Select another folder.`);
  if (start.kind !== 'module' || existsSync(start.module)) return;
  throw new HumanError(
    `This installation is incomplete: ${start.module} of ${pipeline.title} is missing. Reinstall Pipescope.`,
  );
}

async function beginDetached(
  launch: LaunchSpec,
  run: RunDescription,
  start: Start,
  options: BeginOptions,
): Promise<BegunRun> {
  const [{ Recording }, { startDetached }, git] = await Promise.all([
    import('../run/recording.ts'),
    import('./detached-run.ts'),
    readGit(launch, options),
  ]);
  const recording = new Recording(launch.pipeline, { ...run, ...defined({ git }) }, options.log);
  const events = eventsFor(recording, launch, options);
  return { recording, handle: await startDetached(launch, { ...start, data: options.data, recording }, events) };
}

/** Starts the program first. The code that records it is loaded meanwhile. */
async function beginDirectly(
  launch: LaunchSpec,
  run: RunDescription,
  start: Start,
  options: BeginOptions,
): Promise<BegunRun> {
  const events = new EarlyEvents();
  const wallStartMs = Date.now();
  const starting = startRun(launch, { ...start, ...events.early, log: options.log });
  const git = readGit(launch, options);
  const handle = await starting;
  // The program may fail before anyone waits for its end.
  handle.ended.catch(() => undefined);
  const { Recording } = await import('../run/recording.ts');
  const recording = new Recording(launch.pipeline, run, options.log, wallStartMs);
  events.passOn(eventsFor(recording, launch, options));
  const ended = Promise.all([handle.ended, git.then((state) => recording.describeGit(state))]).then(([exit]) => exit);
  return { recording, handle: { ...handle, ended } };
}

async function readGit({ workspace }: LaunchSpec, { readsGit = true }: BeginOptions): Promise<Run['git']> {
  return readsGit ? readGitState(workspace) : undefined;
}
