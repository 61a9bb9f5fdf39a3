/** Profile Integrated Terminals: while it is on, all programs started in new terminals of VS Code are profiled. */
import { delimiter } from 'node:path';
import * as vscode from 'vscode';
import type { Pipeline } from '../../node/run/pipelines.ts';
import { runVariable } from '../../protocol/environment-variables.ts';
import { commandIds } from '../commands/command-ids.ts';
import type { CurrentRun } from '../current-run.ts';
import { pickFolder } from '../workspace-folders.ts';
import type { ProfileCommand } from './profile-command.ts';

const pipeline: Pipeline = {
  id: 'terminals',
  title: 'Integrated terminals',
  description: 'Programs started in integrated terminals.',
  components: [],
  throughput: [],
};

/** Separators of variables that hold a list, to which a value is added rather than replacing the list. */
const listSeparators: Readonly<Record<string, string>> = { NODE_OPTIONS: ' ', PYTHONPATH: delimiter };

export class TerminalProfiling {
  readonly #currentRun: CurrentRun;
  readonly #profile: ProfileCommand;
  readonly #environment: vscode.EnvironmentVariableCollection;
  readonly #item: vscode.StatusBarItem;
  readonly #listener: vscode.Disposable;
  #isOn = false;

  constructor(currentRun: CurrentRun, profile: ProfileCommand, environment: vscode.EnvironmentVariableCollection) {
    this.#currentRun = currentRun;
    this.#profile = profile;
    this.#environment = environment;
    // If the window is killed, later terminals must not look for a host that no longer exists.
    environment.persistent = false;
    environment.description = 'Lets programs report to Pipescope while “Profile Integrated Terminals” is on';
    this.#item = vscode.window.createStatusBarItem('pipescope.terminals', vscode.StatusBarAlignment.Left, -101);
    this.#item.name = 'Pipescope Terminals';
    this.#item.text = '$(terminal) Terminals profiled';
    this.#item.tooltip = 'Programs started in new terminals are profiled. Click to turn off.';
    this.#item.command = commandIds.toggleTerminals;
    // The run may also end by other means, such as the Stop command.
    this.#listener = currentRun.onChange(() => {
      if (this.#isOn && !currentRun.isBusy) this.#disable();
    });
  }

  /** Resolves when terminal profiling is on, or off again. */
  async toggle(): Promise<void> {
    if (this.#isOn) {
      await this.#currentRun.stop();
      await this.#currentRun.whenEnded();
      return;
    }
    const workspace = await pickFolder();
    if (workspace === undefined) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const start = {
      kind: 'listen' as const,
      onEnvironment: (variables: NodeJS.ProcessEnv) => {
        this.enable(variables);
        resolve();
      },
    };
    this.#profile.launch({ pipeline, workspace, start }).catch(reject);
    await promise;
  }

  dispose(): void {
    this.#listener.dispose();
    this.#disable();
    this.#item.dispose();
  }

  /** Sets the variables in new terminals, so that programs report to the current run. */
  enable(variables: NodeJS.ProcessEnv): void {
    this.#environment.clear();
    for (const [name, value] of Object.entries(variables)) {
      // Programs in a terminal belong to the user. With the id of the run, they would be killed when the run ends.
      if (value === undefined || name === runVariable) continue;
      const separator = listSeparators[name];
      // Prepend only to a list with entries, because an empty entry would mean the current folder.
      if (separator !== undefined && process.env[name]) this.#environment.prepend(name, value + separator);
      else this.#environment.replace(name, value);
    }
    this.#isOn = true;
    this.#item.show();
  }

  #disable(): void {
    this.#environment.clear();
    this.#isOn = false;
    this.#item.hide();
  }
}
