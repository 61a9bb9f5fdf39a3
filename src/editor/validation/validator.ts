/** Runs validations and holds the latest report, for the Validation view, the Problems panel and the commands. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { LaunchSpec } from '../../node/run/launch-spec.ts';
import { requirePipeline } from '../../node/run/pipelines.ts';
import { defined } from '../../protocol/defined.ts';
import { plural } from '../../protocol/plural.ts';
import type { Run } from '../../protocol/snapshot.ts';
import type { CheckResult, Validation } from '../../protocol/validation/validation.ts';
import { commandIds } from '../commands/command-ids.ts';
import type { ContextKeys } from '../commands/context-keys.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Log } from '../log.ts';
import type { ProfileCommand } from '../run/profile-command.ts';
import type { Settings } from '../settings.ts';
import { showMessage, showProgress } from '../show-message.ts';
import type { TreeRow } from '../views/tree-row.ts';
import { pickFolder } from '../workspace-folders.ts';
import type { Bundle } from './bundles.ts';
import type { validationRows } from './validation-rows.ts';

const pipelineId = 'validation';
const memoryKey = 'pipescope.validationProfile';

const openReport = 'Open Report';
const showResults = 'Show Results';
const runWithoutLimit = 'Run Without Time Limit';

interface ValidatorOptions {
  readonly currentRun: CurrentRun;
  readonly profile: ProfileCommand;
  readonly settings: Settings;
  readonly keys: ContextKeys;
  readonly log: Log;
  readonly memory: vscode.Memento;
}

type ValidatorState =
  /** `runId` is the last run whose report was read, `bundle` the latest bundle. */
  | { readonly phase: 'idle'; readonly runId?: string; readonly bundle?: Bundle }
  | { readonly phase: 'running'; readonly runId: string; readonly bundle?: never }
  /** `bundle` is the previous bundle, if the run has ended in an earlier session. */
  | { readonly phase: 'reading'; readonly runId: string; readonly bundle?: Bundle };

export class Validator {
  readonly #options: ValidatorOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when a validation starts and when its report has been read. */
  readonly onChange = this.#changed.event;
  readonly #listener: vscode.Disposable;
  /** Epoch milliseconds. Runs that started earlier belong to an earlier session, which has shown their result. */
  readonly #createdMs = Date.now();
  #state: ValidatorState = { phase: 'idle' };
  /** Resolves when the report of the latest run has been read and shown, and old bundles have been removed. */
  #reading: Promise<void> = Promise.resolve();
  /** Loaded with the first validation, because many windows never have one. */
  #validationRows: typeof validationRows | undefined;

  constructor(options: ValidatorOptions) {
    this.#options = options;
    this.#listener = options.currentRun.onChange(() => this.#follow());
  }

  get report(): Validation | undefined {
    return this.#state.bundle?.report;
  }

  /** True while a validation runs or its report is being read. */
  get isBusy(): boolean {
    return this.#state.phase !== 'idle';
  }

  /** Rows of the Validation view. */
  get rows(): readonly TreeRow[] {
    return this.#validationRows?.(this.#options.currentRun, this) ?? [];
  }

  /** @throws HumanError if there is no validation yet */
  get newest(): Bundle {
    const { bundle } = this.#state;
    if (bundle) return bundle;
    throw new HumanError('No validation results yet. Run “Validate Workspace…” first.');
  }

  /** Folder with the bundles of all validations. */
  get root(): string {
    return join(this.#options.currentRun.dataFolder, pipelineId, 'bundles');
  }

  /** Returns a check of the latest report. */
  findCheck(id: string): CheckResult | undefined {
    return this.report?.checks.find((check) => check.id === id);
  }

  /**
   * Returns the check of a row, and the index of its evidence or remediation if the row is for one.
   * @throws HumanError if the row is not for a check of the latest report
   */
  requireCheck(row: unknown): { readonly check: CheckResult; readonly part?: number } {
    const given = typeof row === 'object' && row !== null ? row : {};
    const check = 'check' in given && typeof given.check === 'string' ? this.findCheck(given.check) : undefined;
    if (!check) {
      throw new HumanError('This check is not part of the latest validation. Select a check in the Validation view.');
    }
    return { check, ...('part' in given && typeof given.part === 'number' ? { part: given.part } : {}) };
  }

  /**
   * Validates a folder. Returns undefined if the user cancels or there is no report.
   * @param request id of a profile, or `{ profile, unlimited }`; without a profile, the user picks one
   */
  async run(request: unknown): Promise<Bundle | undefined> {
    const { profile, memory } = this.#options;
    const folder = await pickFolder('Validate');
    if (folder === undefined) return undefined;
    const { pickProfile } = await import('./pick-profile.ts');
    const { profile: given, unlimited } = parseRequest(request);
    const profileId = given ?? (await pickProfile(folder, memory.get(memoryKey)));
    if (profileId === undefined) return undefined;
    await memory.update(memoryKey, profileId);
    const launch = this.buildLaunch(folder, profileId, unlimited);
    const { run } = await this.#withProgress(profileId, profile.launch(launch));
    await this.#reading;
    return this.#state.runId === run.id ? this.#state.bundle : undefined;
  }

  /**
   * Describes how to validate a folder.
   * @param unlimited if true, checks are never skipped for lack of time
   */
  buildLaunch(folder: string, profile: string, unlimited = !this.#options.settings.get('dod.timeLimit')): LaunchSpec {
    const { currentRun, settings } = this.#options;
    const launch = currentRun.buildLaunch(requirePipeline(pipelineId), folder);
    if (launch.start.kind !== 'module') throw new Error('The validation pipeline is not a module.');
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

  /** Loads the latest report of an earlier session. */
  async restore(): Promise<void> {
    const exists = await vscode.workspace.fs.stat(vscode.Uri.file(this.root)).then(
      () => true,
      () => false,
    );
    if (!exists) return;
    const { findNewestBundle } = await import('./bundles.ts');
    const bundle = await findNewestBundle(this.root);
    await this.#loadRows();
    if (!bundle || this.#state.runId !== undefined) return;
    this.#setState({ phase: 'idle', bundle });
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  /** Follows all validations, including those started by a task or by Restart. */
  #follow(): void {
    const { currentRun } = this.#options;
    const run = currentRun.snapshot?.run;
    if (run?.pipeline !== pipelineId) return;
    const { phase, runId, bundle } = this.#state;
    if (currentRun.isBusy) {
      if (run.id === runId || run.result !== 'running') return;
      this.#setState({ phase: 'running', runId: run.id });
      void this.#loadRows();
    } else if (phase === 'running' || run.id !== runId) {
      this.#setState({ phase: 'reading', runId: run.id, ...defined({ bundle }) });
      this.#reading = this.#read(run);
    }
  }

  async #read(run: Run): Promise<void> {
    const { log, settings } = this.#options;
    const isCurrent = () => this.#state.phase === 'reading' && this.#state.runId === run.id;
    try {
      const { findNewestBundle, removeOldBundles } = await import('./bundles.ts');
      const startedMs = Date.parse(run.startedAt);
      const bundle = await findNewestBundle(this.root, startedMs);
      await this.#loadRows();
      if (!isCurrent()) return;
      this.#setState({ phase: 'idle', runId: run.id, ...defined({ bundle }) });
      if (bundle && startedMs >= this.#createdMs) await this.#showVerdict(bundle);
      await removeOldBundles(this.root, settings.get('dod.keepBundles'));
    } catch (error) {
      log.error('Could not read the validation report', error);
      if (isCurrent()) this.#setState({ phase: 'idle', runId: run.id, ...defined({ bundle: this.#state.bundle }) });
    }
  }

  async #loadRows(): Promise<void> {
    if (this.#validationRows) return;
    ({ validationRows: this.#validationRows } = await import('./validation-rows.ts'));
    this.#changed.fire();
  }

  #setState(state: ValidatorState): void {
    this.#state = state;
    this.#options.keys.set('pipescope.hasValidation', state.bundle !== undefined);
    this.#changed.fire();
  }

  async #showVerdict({ folder, report }: Bundle): Promise<void> {
    const { log, settings } = this.#options;
    const { verdictLine } = await import('./labels.ts');
    const line = verdictLine(report);
    log.info(`${line} Bundle: ${folder}`);
    const level = settings.get('notifications');
    const isReady = report.verdict === 'ready';
    if (level === 'off' || (level === 'failures' && isReady)) return;
    const hitLimit = report.checks.some(({ skipReason }) => skipReason === 'budget');
    // Do not await the message, because it may stay open for hours.
    const buttons = [...(hitLimit ? [runWithoutLimit] : []), showResults, openReport];
    void showMessage(isReady ? 'information' : 'warning', line, { buttons }).then((answer) => {
      const request = { profile: report.profile, unlimited: true };
      if (answer === runWithoutLimit) void vscode.commands.executeCommand(commandIds.validate, request);
      if (answer === showResults) void vscode.commands.executeCommand('pipescope.validation.focus');
      if (answer === openReport) void vscode.commands.executeCommand(commandIds.openValidationReport, folder);
    });
  }

  /** Shows the progress of a run in a notification that can be cancelled. */
  #withProgress<T>(profile: string, run: Promise<T>): Promise<T> {
    const { currentRun } = this.#options;
    return Promise.resolve(
      showProgress(`Validating with profile ${profile}`, async (report, token) => {
        token.onCancellationRequested(() => void currentRun.stop());
        const listener = currentRun.onChange(() => {
          const done = currentRun.snapshot?.validation?.checks.length ?? 0;
          if (currentRun.isBusy && done > 0) report(`${plural(done, 'check')} done`);
        });
        return run.finally(() => listener.dispose());
      }),
    );
  }
}

interface ValidationRequest {
  readonly profile?: string;
  readonly unlimited?: boolean;
}

function parseRequest(request: unknown): ValidationRequest {
  if (typeof request === 'string') return { profile: request };
  if (typeof request !== 'object' || request === null) return {};
  return {
    ...('profile' in request && typeof request.profile === 'string' ? { profile: request.profile } : {}),
    ...('unlimited' in request && request.unlimited === true ? { unlimited: true } : {}),
  };
}
