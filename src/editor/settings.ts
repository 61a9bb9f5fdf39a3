/** All settings: one row each. The defaults are in package.json only. */
import type * as vscode from 'vscode';

/** Guard for the value of each setting, by its name without `pipescope.`. */
export const settings = {
  'codeLens.enabled': isBoolean,
  'codeLens.template': isText,
  'codeLens.minDurationMs': isAmount,
  'codeLens.slowThresholdMs': isAmount,
  'codeLens.verySlowThresholdMs': isAmount,
  'codeLens.maxPerFile': isAmount,
  'display.mode': isDisplayMode,
  refreshIntervalMs: isAmount,
  'panel.openOnProfile': isBoolean,
  'benchmark.runs': isAmount,
  'benchmark.warmupRuns': isAmount,
  'benchmark.install': isText,
  overheadBudgetPercent: isBudget,
  eventLoopBlockMs: isAmount,
  pythonPath: isText,
  'receiver.port': isAmount,
  'dod.parallel': isParallelism,
  'dod.timeLimit': isBoolean,
  'dod.renormalizeWeights': isBoolean,
  'dod.base': isText,
  'dod.problems': isProblemLevel,
  'dod.keepBundles': isAmount,
  notifications: isNotificationLevel,
} as const satisfies Record<string, (value: unknown) => boolean>;

type NotificationLevel = 'all' | 'failures' | 'off';
/** Checks whose findings are shown in the Problems panel. */
export type ProblemLevel = 'all' | 'warnings' | 'failures' | 'off';
export type DisplayMode = 'lens' | 'inline' | 'gutter' | 'off';
type SettingName = keyof typeof settings;
type SettingValue<Name extends SettingName> = (typeof settings)[Name] extends (value: unknown) => value is infer Value
  ? Value
  : never;

/** Reads settings on every access, so that changes take effect immediately. */
export class Settings {
  readonly #workspace: typeof vscode.workspace;

  constructor(workspace: typeof vscode.workspace) {
    this.#workspace = workspace;
  }

  /** Returns the effective value, or the default from package.json if the configured value is invalid. */
  get<Name extends SettingName>(name: Name): SettingValue<Name> {
    const configuration = this.#workspace.getConfiguration('pipescope');
    const value = configuration.get(name);
    const valid = settings[name](value) ? value : configuration.inspect(name)?.defaultValue;
    return valid as SettingValue<Name>;
  }

  /** Updates the workspace setting if there is one, otherwise the user setting. */
  async set<Name extends SettingName>(name: Name, value: SettingValue<Name>): Promise<void> {
    const configuration = this.#workspace.getConfiguration('pipescope');
    await configuration.update(name, value, configuration.inspect(name)?.workspaceValue === undefined);
  }

  onChange(listener: () => void): vscode.Disposable {
    return this.#workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('pipescope')) listener();
    });
  }
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}

function isBudget(value: unknown): value is number {
  return typeof value === 'number' && value >= 0.1 && value <= 20;
}

function isDisplayMode(value: unknown): value is DisplayMode {
  return value === 'lens' || value === 'inline' || value === 'gutter' || value === 'off';
}

function isParallelism(value: unknown): value is string {
  return typeof value === 'string' && /^(profile|auto|serial|[1-9]|[1-5]\d|6[0-4])$/.test(value);
}

function isProblemLevel(value: unknown): value is ProblemLevel {
  return value === 'all' || value === 'warnings' || value === 'failures' || value === 'off';
}

function isNotificationLevel(value: unknown): value is NotificationLevel {
  return value === 'all' || value === 'failures' || value === 'off';
}
