/** The one fact that panel, lenses, trees and status read: what runs, and what is known of it now. */
import * as vscode from 'vscode';
import { importJson } from '../core/export/snapshot-json.ts';
import { HumanError, messageOf } from '../core/human-error.ts';
import { type Environments, type LaunchSpec, launchOf, type Pipeline } from '../node/run/launch-spec.ts';
import type { Resumed, Session } from '../node/session.ts';
import { notesOf } from '../node/storage/data-folder.ts';
import type { Target } from '../protocol/control.ts';
import type { Phase } from '../protocol/panel-message.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import type { Log } from './log.ts';

/** Snapshots larger than this are not read back at the next start. */
const largestRecallBytes = 64e6;

/** Time that the extension host of a window which is reloaded may take to end. */
const leavingMs = 20_000;

export interface LiveOptions {
  /** Folder of the built bundles. */
  readonly dist: string;
  /** Folder kept between sessions of the editor. */
  readonly storage: vscode.Uri;
  readonly log: Log;
  /** Functions whose every call is to be timed. */
  readonly exact: () => readonly Target[];
}

export class Live {
  readonly #options: LiveOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when phase, snapshot or problem is another; readers take it on their own beat. */
  readonly onChange = this.#changed.event;
  readonly #printed = new vscode.EventEmitter<string>();
  /** Fires with what a profiled program prints, as it comes. */
  readonly onOutput = this.#printed.event;
  #session: Session | undefined;
  #launch: LaunchSpec | undefined;
  #earlier: Snapshot | undefined;
  #run: Promise<unknown> = Promise.resolve();

  constructor(options: LiveOptions) {
    this.#options = options;
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

  /** The newest of this session, else the last of an earlier one. */
  get snapshot(): Snapshot | undefined {
    return this.#session?.snapshot ?? this.#earlier;
  }

  /** Path of the folder in which runs keep what they know between them. */
  get data(): string {
    return vscode.Uri.joinPath(this.#options.storage, 'data').fsPath;
  }

  get busy(): boolean {
    return this.phase === 'starting' || this.phase === 'running' || this.phase === 'stopping';
  }

  /** Whether the run under way started nothing of its own and waits for programs to report. */
  get listening(): boolean {
    return this.busy && this.#launch?.start.kind === 'listen';
  }

  /** How a pipeline is started on a folder here. */
  launchOf(pipeline: Pipeline, workspace: string): LaunchSpec {
    return launchOf(pipeline, { dist: this.#options.dist, data: this.data, workspace });
  }

  /**
   * Runs what is described until it ends.
   * @throws HumanError when it could not start, or when one is under way.
   */
  async run(launch: LaunchSpec): Promise<Snapshot> {
    if (!vscode.workspace.isTrusted) throw new HumanError('Nothing is run in an untrusted workspace. Trust it first.');
    const session = await this.#load();
    if (this.busy) throw new HumanError('A run is under way. Stop it, or wait for its end.');
    this.#launch = launch;
    const { start } = launch;
    if (start.kind === 'command') this.#printed.fire(`> ${[start.command, ...start.args].join(' ')}\n`);
    return this.#follow(session.launch(launch, { exact: this.#options.exact() }));
  }

  /**
   * Goes on with a program that runs since before the window was reloaded; where there is none, nothing is loaded.
   * @param onEnvironment hears what programs need in their environment to report, where the run waits for such
   */
  async pickUp(onEnvironment: Environments): Promise<Resumed | undefined> {
    const notes = vscode.Uri.file(notesOf(this.data));
    const names = await vscode.workspace.fs.readDirectory(notes).then(undefined, () => []);
    if (names.length === 0) return undefined;
    const session = await this.#load();
    // The host of the window as it was may still be there, and is on its way out.
    const resumed = await session.pickUp(onEnvironment, leavingMs);
    if (!resumed) return undefined;
    this.#launch = resumed.launch;
    return { ...resumed, snapshot: this.#follow(resumed.snapshot) };
  }

  /** Resolves when nothing runs any more. */
  async ended(): Promise<void> {
    await this.#run;
  }

  async stop(): Promise<void> {
    await this.#session?.stop();
  }

  /** Tells the probes of the run under way what is timed exactly from now on. */
  async retarget(): Promise<void> {
    if (!this.busy || !this.#launch) return;
    const { defaultWishes } = await import('../node/session.ts');
    this.#session?.wish({ ...defaultWishes, workspace: this.#launch.workspace, exact: this.#options.exact() });
  }

  pause(): void {
    this.#session?.pause();
  }

  resume(): void {
    this.#session?.resume();
  }

  /**
   * Forgets every number, also those kept for the next start.
   * @throws HumanError while a pipeline runs
   */
  async clear(): Promise<void> {
    if (this.busy) throw new HumanError('A run is under way. Stop it first, then clear its data.');
    this.#session?.clear();
    this.#earlier = undefined;
    await vscode.workspace.fs.delete(this.#file).then(undefined, () => undefined);
    this.#changed.fire();
  }

  /** The newest snapshot with its histograms, if they are still at hand. */
  export(): Snapshot {
    if (this.#session?.snapshot) return this.#session.exportSnapshot();
    if (this.#earlier) return this.#earlier;
    throw new HumanError('There is nothing to export yet. Profile a pipeline first.');
  }

  /** Reads back the last snapshot of an earlier session. */
  async recall(): Promise<void> {
    try {
      const { size } = await vscode.workspace.fs.stat(this.#file);
      if (size > largestRecallBytes) return;
      this.#earlier = importJson(new TextDecoder().decode(await vscode.workspace.fs.readFile(this.#file)));
    } catch (error) {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return;
      this.#options.log.warn(`The snapshot of the last session was not read: ${messageOf(error)}`);
    }
    this.#changed.fire();
  }

  dispose(): void {
    this.#session?.dispose();
    this.#changed.dispose();
    this.#printed.dispose();
  }

  get #file(): vscode.Uri {
    return vscode.Uri.joinPath(this.#options.storage, 'last.pipescope.json');
  }

  async #load(): Promise<Session> {
    if (this.#session) return this.#session;
    const module = await import('../node/session.ts');
    const { log, dist } = this.#options;
    this.#session ??= this.#listen(
      new module.Session({
        log: (line) => log.info(line),
        dist,
        data: this.data,
        keeps: true,
        onOutput: (text) => this.#printed.fire(text),
      }),
    );
    return this.#session;
  }

  async #follow(run: Promise<Snapshot>): Promise<Snapshot> {
    this.#run = run.catch(() => undefined);
    const snapshot = await run;
    void this.#remember(snapshot);
    return snapshot;
  }

  #listen(session: Session): Session {
    session.onChange(() => this.#changed.fire());
    return session;
  }

  async #remember(snapshot: Snapshot): Promise<void> {
    try {
      await vscode.workspace.fs.writeFile(this.#file, new TextEncoder().encode(JSON.stringify(snapshot)));
    } catch (error) {
      this.#options.log.error('The snapshot was not kept for the next session', error);
    }
  }
}
