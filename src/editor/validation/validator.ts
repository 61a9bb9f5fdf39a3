/** Validates a workspace and keeps what came out: for the view, the Problems panel and the commands. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { type LaunchSpec, pipelineOf } from '../../node/run/launch-spec.ts';
import type { Run } from '../../protocol/snapshot.ts';
import type { CheckResult, Validation } from '../../protocol/validation.ts';
import type { Context } from '../commands/context-keys.ts';
import type { Live } from '../current-run.ts';
import type { Log } from '../log.ts';
import type { Profile } from '../run/profile-command.ts';
import type { Settings } from '../settings.ts';
import type { Row } from '../views/tree-row.ts';
import { pickFolder } from '../workspace-folders.ts';
import type { Bundle } from './bundles.ts';
import type { rowsOf } from './validation-rows.ts';

const id = 'validation';
const memoryKey = 'pipescope.validationProfile';

const openReport = 'Open Report';
const showResults = 'Show Results';
const takeTime = 'Take the Time';

export interface ValidatorOptions {
  readonly live: Live;
  readonly profile: Profile;
  readonly settings: Settings;
  readonly keys: Context;
  readonly log: Log;
  readonly memory: vscode.Memento;
}

export class Validator {
  readonly #options: ValidatorOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when a validation begins and when its report is there. */
  readonly onChange = this.#changed.event;
  readonly #listening: vscode.Disposable;
  /** Epoch milliseconds: what began before belongs to an earlier session, which told of it. */
  readonly #since = Date.now();
  #newest: Bundle | undefined;
  /** The run under way or whose report is here, and the last one that has ended. */
  #begun: string | undefined;
  #ended: string | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  #settled = true;
  /** Loaded with the first validation: many windows never see one. */
  #rowsOf: typeof rowsOf | undefined;

  constructor(options: ValidatorOptions) {
    this.#options = options;
    this.#listening = options.live.onChange(() => this.#follow());
  }

  get report(): Validation | undefined {
    return this.#newest?.report;
  }

  /** Nothing is under way: neither a validation nor the reading of its report. */
  get settled(): boolean {
    return this.#settled;
  }

  /** What the view shows. */
  get rows(): readonly Row[] {
    return this.#rowsOf?.(this.#options.live, this) ?? [];
  }

  /** @throws HumanError when nothing was validated */
  get newest(): Bundle {
    if (this.#newest) return this.#newest;
    throw new HumanError('Nothing was validated yet. Run “Validate Workspace…” first.');
  }

  /** Folder that has a bundle of each validation. */
  get root(): string {
    return join(this.#options.live.data, id, 'bundles');
  }

  /** A check of the newest report. */
  find(check: string): CheckResult | undefined {
    return this.#newest?.report.checks.find((one) => one.id === check);
  }

  /**
   * The check that a row of the view is of, and which part of it.
   * @throws HumanError when it is of none
   */
  checkOf(row: unknown): { readonly check: CheckResult; readonly part?: number } {
    const named = typeof row === 'object' && row !== null ? row : {};
    const check = 'check' in named && typeof named.check === 'string' ? this.find(named.check) : undefined;
    if (!check) throw new HumanError('That is no check of the newest validation. Choose one in the view “Validation”.');
    return { check, ...('part' in named && typeof named.part === 'number' ? { part: named.part } : {}) };
  }

  /**
   * Runs the checks of a profile on a folder; `undefined` when the choice was given up or nothing came out.
   * @param wanted id of the profile, where it is not to be asked for, or with `unlimited` as `{ profile, unlimited }`
   */
  async run(wanted: unknown): Promise<Bundle | undefined> {
    const { profile, memory } = this.#options;
    const folder = await pickFolder('Validate');
    if (folder === undefined) return undefined;
    const { pickProfile } = await import('./pick-profile.ts');
    const { profile: named, unlimited } = wishOf(wanted);
    const chosen = named ?? (await pickProfile(folder, memory.get(memoryKey)));
    if (chosen === undefined) return undefined;
    await memory.update(memoryKey, chosen);
    const { run } = await this.#shown(chosen, profile.launch(this.launchOf(folder, chosen, unlimited)));
    await this.#reading;
    return this.#begun === run.id ? this.#newest : undefined;
  }

  /**
   * How a folder is validated here.
   * @param unlimited each check has the time that it needs
   */
  launchOf(folder: string, profile: string, unlimited = !this.#options.settings.get('dod.timeLimit')): LaunchSpec {
    const launch = this.#options.live.launchOf(pipelineOf(id), folder);
    if (launch.start.kind !== 'module') throw new Error('The validation is no module.');
    const { settings } = this.#options;
    const parallel = settings.get('dod.parallel');
    const base = settings.get('dod.base').trim();
    const args = [
      ...launch.start.args,
      `--profile=${profile}`,
      `--bundles=${this.root}`,
      ...(unlimited ? ['--budget=off'] : []),
      ...(parallel === 'profile' ? [] : [`--parallel=${parallel}`]),
      ...(settings.get('dod.renormalizeWeights') ? [] : ['--no-renormalize']),
      ...(base === '' ? [] : [`--base=${base}`]),
    ];
    return { ...launch, start: { ...launch.start, args } };
  }

  /** Reads the newest report of an earlier session. */
  async recall(): Promise<void> {
    const there = await vscode.workspace.fs.stat(vscode.Uri.file(this.root)).then(
      () => true,
      () => false,
    );
    if (!there) return;
    const { newestBundle } = await import('./bundles.ts');
    const bundle = await newestBundle(this.root);
    await this.#loadRows();
    if (!bundle || this.#begun !== undefined) return;
    this.#take(bundle);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }

  /** Also hears of validations that were started as a task, or once more. */
  #follow(): void {
    const { live } = this.#options;
    const run = live.snapshot?.run;
    if (run?.pipeline !== id) return;
    if (live.busy && run.id !== this.#begun && run.result === 'running') {
      this.#begun = run.id;
      this.#settled = false;
      this.#take(undefined);
      void this.#loadRows();
    } else if (!live.busy && run.id !== this.#ended) {
      this.#begun = run.id;
      this.#ended = run.id;
      this.#settled = false;
      this.#reading = this.#read(run);
    }
  }

  async #read(run: Run): Promise<void> {
    const { log, settings } = this.#options;
    try {
      const { keepNewest, newestBundle } = await import('./bundles.ts');
      const bundle = await newestBundle(this.root, Date.parse(run.startedAt));
      await this.#loadRows();
      if (this.#begun !== run.id) return;
      this.#settled = true;
      this.#take(bundle);
      if (bundle && Date.parse(run.startedAt) >= this.#since) await this.#tell(bundle);
      await keepNewest(this.root, settings.get('dod.keepBundles'));
    } catch (error) {
      log.error('The report of the validation was not read', error);
      this.#settled = true;
      this.#changed.fire();
    }
  }

  async #loadRows(): Promise<void> {
    if (this.#rowsOf) return;
    ({ rowsOf: this.#rowsOf } = await import('./validation-rows.ts'));
    this.#changed.fire();
  }

  #take(bundle: Bundle | undefined): void {
    this.#newest = bundle;
    this.#options.keys.set('pipescope.hasValidation', bundle !== undefined);
    this.#changed.fire();
  }

  async #tell({ folder, report }: Bundle): Promise<void> {
    const { verdictLine } = await import('./labels.ts');
    const line = verdictLine(report);
    this.#options.log.info(`${line} The bundle is in ${folder}`);
    const wanted = this.#options.settings.get('notifications');
    if (wanted === 'off' || (wanted === 'failures' && report.verdict === 'ready')) return;
    const message =
      report.verdict === 'ready' ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    // Not waited for: a message may stay for hours.
    const wasCut = report.checks.some(({ skipReason }) => skipReason === 'budget');
    void message(line, ...(wasCut ? [takeTime] : []), showResults, openReport).then((answer) => {
      const again = { profile: report.profile, unlimited: true };
      if (answer === takeTime) void vscode.commands.executeCommand('pipescope.validate', again);
      if (answer === showResults) void vscode.commands.executeCommand('pipescope.validation.focus');
      if (answer === openReport) void vscode.commands.executeCommand('pipescope.openValidationReport', folder);
    });
  }

  /** Its progress, with an end at any time. */
  #shown<T>(profile: string, running: Promise<T>): Promise<T> {
    const { live } = this.#options;
    const where = {
      location: vscode.ProgressLocation.Notification,
      title: `Validating with profile ${profile}`,
      cancellable: true,
    };
    return Promise.resolve(
      vscode.window.withProgress(where, async (progress, token) => {
        token.onCancellationRequested(() => void live.stop());
        const listening = live.onChange(() => {
          const done = live.snapshot?.operations.filter(({ kind, count }) => kind === 'check' && count > 0).length ?? 0;
          if (live.busy && done > 0) progress.report({ message: `${done} ${done === 1 ? 'check' : 'checks'} done` });
        });
        return running.finally(() => listening.dispose());
      }),
    );
  }
}

interface Wish {
  readonly profile?: string;
  readonly unlimited?: boolean;
}

function wishOf(wanted: unknown): Wish {
  if (typeof wanted === 'string') return { profile: wanted };
  if (typeof wanted !== 'object' || wanted === null) return {};
  return {
    ...('profile' in wanted && typeof wanted.profile === 'string' ? { profile: wanted.profile } : {}),
    ...('unlimited' in wanted && wanted.unlimited === true ? { unlimited: true } : {}),
  };
}
