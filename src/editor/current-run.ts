/** Holds the current run. The panel, CodeLens, tree views and status bar all read from here. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { HumanError, messageOf } from '../core/human-error.ts';
import type { StackSource } from '../core/stacks/fixed-stacks.ts';
import { buildPipelineLaunch, type EnvironmentListener, type LaunchSpec } from '../node/run/launch-spec.ts';
import type { Pipeline } from '../node/run/pipelines.ts';
import type { ResumedRun, Session } from '../node/session.ts';
import { runNotesFolderOf } from '../node/storage/data-folder.ts';
import type { ExactTarget, ProbeConfig } from '../protocol/control.ts';
import { joinTerminalLines } from '../protocol/escape/terminal-lines.ts';
import type { Phase } from '../protocol/panel/panel-message.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import type { Log } from './log.ts';
import type { RunSource } from './panel/run-source.ts';
import type { Settings } from './settings.ts';

/** Maximum size of a snapshot that is saved whole for the next session. */
const maxRestoredBytes = 64e6;

const partlySavedNotice =
  'The data of this run was too large to be kept whole for the next session. Histograms are missing, and operations beyond those listed. Export a snapshot before you close the window to keep everything.';

/** Time given to the previous extension host of a reloaded window to exit. */
const hostExitTimeoutMs = 20_000;

interface CurrentRunOptions {
  /** Folder of the built bundles. */
  readonly dist: string;
  /** Folder that persists between sessions of the editor. */
  readonly storage: vscode.Uri;
  readonly log: Log;
  readonly settings: Settings;
  /** Returns the functions to time on every call. */
  readonly exact: () => readonly ExactTarget[];
}

export class CurrentRun implements RunSource {
  readonly #options: CurrentRunOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when the phase, the snapshot or the problem changes. Consumers throttle their own updates. */
  readonly onChange = this.#changed.event;
  readonly #output = new vscode.EventEmitter<string>();
  /** Fires with the output of the profiled program. */
  readonly onOutput = this.#output.event;
  /** Loaded with the first run. */
  #session: Session | undefined;
  #launch: LaunchSpec | undefined;
  /** Last snapshot of an earlier session. */
  #restored: Snapshot | undefined;
  /** Stacks of the restored snapshot. */
  #restoredStacks: StackSource | undefined;
  readonly #settingsListener: vscode.Disposable;
  #run: Promise<unknown> = Promise.resolve();

  constructor(options: CurrentRunOptions) {
    this.#options = options;
    this.#settingsListener = options.settings.onChange(() => void this.configureProbes());
  }

  get phase(): Phase {
    return this.#session?.phase ?? 'idle';
  }

  get paused(): boolean {
    return this.#session?.paused ?? false;
  }

  get problem(): string | undefined {
    return this.#session?.problem;
  }

  /** Latest snapshot of this session, or else the last one of an earlier session. */
  get snapshot(): Snapshot | undefined {
    return this.#session?.snapshot ?? this.#restored;
  }

  /** Stacks of the run whose snapshot is shown. */
  get stackSource(): StackSource | undefined {
    return this.#session?.snapshot ? this.#session : this.#restoredStacks;
  }

  /** Path of the folder where runs store data for later runs. */
  get dataFolder(): string {
    return vscode.Uri.joinPath(this.#options.storage, 'data').fsPath;
  }

  get isBusy(): boolean {
    return this.phase === 'starting' || this.phase === 'running' || this.phase === 'stopping';
  }

  /** True if the current run has started no program itself but waits for programs to report. */
  get isListening(): boolean {
    return this.isBusy && this.#launch?.start.kind === 'listen';
  }

  /** Describes how to run a pipeline on a folder. */
  buildLaunch(pipeline: Pipeline, workspace: string): LaunchSpec {
    return buildPipelineLaunch(pipeline, { dist: this.#options.dist, data: this.dataFolder, workspace });
  }

  /**
   * Runs a pipeline or program to its end.
   * @throws HumanError if it could not start or another run is in progress
   */
  async run(launch: LaunchSpec): Promise<Snapshot> {
    if (!vscode.workspace.isTrusted) {
      throw new HumanError('Running programs is disabled in Restricted Mode. Trust this workspace first.');
    }
    const session = await this.#load();
    if (this.isBusy) throw new HumanError('Another run is in progress. Stop it or wait until it ends.');
    this.#launch = launch;
    const { start } = launch;
    if (start.kind === 'command')
      this.#output.fire(joinTerminalLines([`> ${[start.command, ...start.args].join(' ')}`]));
    return this.#track(session.launch(launch, this.#probeConfig));
  }

  /**
   * Resumes a program that kept running while the window was reloaded. Returns undefined, and loads no code, if there is
   * none.
   * @param onEnvironment receives the environment variables that programs need to report, if the run waits for programs
   */
  async resumeRun(onEnvironment: EnvironmentListener): Promise<ResumedRun | undefined> {
    const notes = vscode.Uri.file(runNotesFolderOf(this.dataFolder));
    const names = await vscode.workspace.fs.readDirectory(notes).then(undefined, () => []);
    if (names.length === 0) return undefined;
    const session = await this.#load();
    // The extension host of the window before the reload may still be exiting.
    const resumed = await session.resumeRun(onEnvironment, hostExitTimeoutMs);
    if (!resumed) return undefined;
    this.#launch = resumed.launch;
    return { ...resumed, snapshot: this.#track(resumed.snapshot) };
  }

  /** Resolves when the current run has ended. */
  async whenEnded(): Promise<void> {
    await this.#run;
  }

  async stop(): Promise<void> {
    await this.#session?.stop();
  }

  /** Sends the functions to time exactly and the budget to the probes of the current run. */
  async configureProbes(): Promise<void> {
    if (!this.isBusy || !this.#launch) return;
    const { probeConfigOf } = await import('../node/detached/begin-run.ts');
    this.#session?.configure(probeConfigOf(this.#launch, this.#probeConfig));
  }

  pause(): void {
    this.#session?.pause();
  }

  resume(): void {
    this.#session?.resume();
  }

  /**
   * Deletes all data of the last run, including the snapshot saved for the next session.
   * @throws HumanError if a run is in progress
   */
  async clear(): Promise<void> {
    if (this.isBusy) throw new HumanError('A run is in progress. Stop it before clearing its data.');
    this.#session?.clear();
    this.#restored = undefined;
    this.#restoredStacks = undefined;
    await vscode.workspace.fs.delete(this.#file).then(undefined, () => undefined);
    this.#changed.fire();
  }

  /**
   * Resolves with the latest snapshot, with every operation and histogram.
   * @throws HumanError if there is no data
   */
  async exportSnapshot(): Promise<Snapshot> {
    if (this.#session?.snapshot) return this.#session.exportSnapshotInSlices();
    if (this.#restored) return this.#restored;
    throw new HumanError('No data to export yet. Profile a pipeline or a program first.');
  }

  /** Loads the last snapshot of an earlier session. */
  async restore(): Promise<void> {
    if (!existsSync(this.#file.fsPath)) return;
    try {
      const { readLocalText } = await import('../node/storage/local-file.ts');
      const { parseSnapshotJson } = await import('../core/export/snapshot-json.ts');
      const text = readLocalText(this.#file.fsPath, maxRestoredBytes);
      if (text !== undefined) await this.#restore(parseSnapshotJson(text));
    } catch (error) {
      this.#options.log.warn(`Could not restore the snapshot of the last session: ${messageOf(error)}`);
    }
    this.#changed.fire();
  }

  async #restore(snapshot: Snapshot): Promise<void> {
    const { stacks } = snapshot;
    const { FixedStacks } = await import('../core/stacks/fixed-stacks.ts');
    this.#restoredStacks = stacks && new FixedStacks(stacks);
    this.#restored = snapshot;
  }

  dispose(): void {
    this.#settingsListener.dispose();
    this.#session?.dispose();
    this.#changed.dispose();
    this.#output.dispose();
  }

  get #probeConfig(): Pick<ProbeConfig, 'exact' | 'budgetRatio' | 'eventLoopBlockNs'> {
    const { settings, exact } = this.#options;
    return {
      exact: exact(),
      budgetRatio: settings.get('overheadBudgetPercent') / 100,
      eventLoopBlockNs: settings.get('eventLoopBlockMs') * 1e6,
    };
  }

  get #file(): vscode.Uri {
    return vscode.Uri.joinPath(this.#options.storage, 'last.pipescope.json');
  }

  async #load(): Promise<Session> {
    if (this.#session) return this.#session;
    const module = await import('../node/session.ts');
    const { log, dist } = this.#options;
    this.#session ??= this.#subscribe(
      new module.Session({
        log: (line) => log.info(line),
        dist,
        data: this.dataFolder,
        survivesHost: true,
        onOutput: (text) => this.#output.fire(text),
      }),
    );
    return this.#session;
  }

  #subscribe(session: Session): Session {
    session.onChange(() => this.#changed.fire());
    return session;
  }

  async #track(run: Promise<Snapshot>): Promise<Snapshot> {
    this.#run = run.catch(() => undefined);
    const snapshot = await run;
    void this.#save(snapshot);
    return snapshot;
  }

  /** Saves a run that has ended, so that it is shown and can be exported in the next session. */
  async #save(snapshot: Snapshot): Promise<void> {
    try {
      const { writeLocalFile } = await import('../node/storage/local-file.ts');
      const whole = JSON.stringify(await this.exportSnapshot());
      const isTooLarge = Buffer.byteLength(whole) > maxRestoredBytes;
      const text = isTooLarge ? JSON.stringify(withNotice(snapshot, partlySavedNotice)) : whole;
      // Command lines are in it, so only the user may read it.
      writeLocalFile(this.#file.fsPath, text, 0o600);
    } catch (error) {
      this.#options.log.error('Could not save the snapshot for the next session', error);
    }
  }
}

function withNotice(snapshot: Snapshot, notice: string): Snapshot {
  return { ...snapshot, notices: [...snapshot.notices, notice] };
}
