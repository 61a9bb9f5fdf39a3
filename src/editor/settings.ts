/** What people may set: one row for each setting, its defaults only in the manifest. */
import type * as vscode from 'vscode';

/** Every setting below `pipescope.`, with the guard of its value. */
export const settings = {
  'codeLens.enabled': isFlag,
  'codeLens.template': isText,
  'codeLens.minDurationMs': isAmount,
  'codeLens.slowThresholdMs': isAmount,
  'codeLens.verySlowThresholdMs': isAmount,
  'codeLens.maxPerFile': isAmount,
  'display.mode': isDisplay,
  refreshIntervalMs: isAmount,
  'panel.openOnProfile': isFlag,
  'benchmark.runs': isAmount,
  'benchmark.warmupRuns': isAmount,
  'benchmark.install': isText,
  pythonPath: isText,
  'receiver.port': isAmount,
  'dod.parallel': isParallel,
  'dod.timeLimit': isFlag,
  'dod.renormalizeWeights': isFlag,
  'dod.base': isText,
  'dod.problems': isProblems,
  'dod.keepBundles': isAmount,
  notifications: isNotifications,
} as const satisfies Record<string, (value: unknown) => boolean>;

export type Notifications = 'all' | 'failures' | 'off';
/** Checks whose findings stand in the Problems panel. */
export type DodProblems = 'all' | 'warnings' | 'failures' | 'off';
export type Display = 'lens' | 'inline' | 'gutter' | 'off';
export type SettingName = keyof typeof settings;
export type SettingValue<Name extends SettingName> = (typeof settings)[Name] extends (
  value: unknown,
) => value is infer Value
  ? Value
  : never;

/** Reads settings when they are asked for, so that a change has its effect at once. */
export class Settings {
  readonly #workspace: typeof vscode.workspace;

  constructor(workspace: typeof vscode.workspace) {
    this.#workspace = workspace;
  }

  /** The value that holds; the manifest's default where a file says something of another kind. */
  get<Name extends SettingName>(name: Name): SettingValue<Name> {
    const configuration = this.#workspace.getConfiguration('pipescope');
    const value = configuration.get(name);
    const valid = settings[name](value) ? value : configuration.inspect(name)?.defaultValue;
    return valid as SettingValue<Name>;
  }

  /** Writes to where the value was set before, else to the user's own settings. */
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

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}

function isDisplay(value: unknown): value is Display {
  return value === 'lens' || value === 'inline' || value === 'gutter' || value === 'off';
}

function isParallel(value: unknown): value is string {
  return typeof value === 'string' && /^(profile|auto|serial|[1-9]|[1-5]\d|6[0-4])$/.test(value);
}

function isProblems(value: unknown): value is DodProblems {
  return value === 'all' || value === 'warnings' || value === 'failures' || value === 'off';
}

function isNotifications(value: unknown): value is Notifications {
  return value === 'all' || value === 'failures' || value === 'off';
}
