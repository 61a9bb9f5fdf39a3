/** Profile Integrated Terminals: while it is on, whatever is started in a terminal of the editor reports; off leaves no trace. */
import { delimiter } from 'node:path';
import * as vscode from 'vscode';
import type { Pipeline } from '../../node/run/launch-spec.ts';
import { runVariable } from '../../protocol/environment-variables.ts';
import type { Live } from '../current-run.ts';
import { pickFolder } from '../workspace-folders.ts';
import type { Profile } from './profile-command.ts';

const pipeline: Pipeline = {
  id: 'terminals',
  title: 'Integrated terminals',
  description: 'Whatever is started in a terminal of the editor.',
  components: [],
  throughput: [],
};

/** Variables that hold a list to which others add, with what stands between two entries. */
const lists: Readonly<Record<string, string>> = { NODE_OPTIONS: ' ', PYTHONPATH: delimiter };

export class Terminals {
  readonly #live: Live;
  readonly #profile: Profile;
  readonly #collection: vscode.EnvironmentVariableCollection;
  readonly #item: vscode.StatusBarItem;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #listening: vscode.Disposable;
  #on = false;

  constructor(live: Live, profile: Profile, collection: vscode.EnvironmentVariableCollection) {
    this.#live = live;
    this.#profile = profile;
    this.#collection = collection;
    // A window that was killed must not leave terminals that look for a host that is gone.
    collection.persistent = false;
    collection.description = 'Lets programs report to Pipescope while “Profile Integrated Terminals” is on';
    this.#item = vscode.window.createStatusBarItem('pipescope.terminals', vscode.StatusBarAlignment.Left, -101);
    this.#item.name = 'Pipescope Terminals';
    this.#item.text = '$(terminal) Terminals profiled';
    this.#item.tooltip = 'Whatever is started in a new terminal is profiled. Click to switch off.';
    this.#item.command = 'pipescope.toggleTerminals';
    // However the run ends, also by Stop: off leaves no trace.
    this.#listening = live.onChange(() => {
      if (this.#on && !live.busy) this.#clear();
    });
  }

  get on(): boolean {
    return this.#on;
  }

  /** Resolves when it is on, or off again. */
  async toggle(): Promise<void> {
    if (this.#on) {
      await this.#live.stop();
      await this.#live.ended();
      return;
    }
    const workspace = await pickFolder();
    if (workspace === undefined) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const start = {
      kind: 'listen' as const,
      onEnvironment: (variables: NodeJS.ProcessEnv) => {
        this.point(variables);
        resolve();
      },
    };
    this.#profile.launch({ pipeline, workspace, start }).catch(reject);
    await promise;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#clear();
    this.#item.dispose();
    this.#changed.dispose();
  }

  /** Has programs that are started in new terminals report to a run that waits for them. */
  point(variables: NodeJS.ProcessEnv): void {
    this.#collection.clear();
    for (const [name, value] of Object.entries(variables)) {
      // What a person starts in a terminal is theirs: the name of a run would have it ended with the run.
      if (value === undefined || name === runVariable) continue;
      const between = lists[name];
      // An empty entry in such a list would mean the current folder.
      if (between !== undefined && process.env[name]) this.#collection.prepend(name, value + between);
      else this.#collection.replace(name, value);
    }
    this.#set(true);
  }

  #clear(): void {
    this.#collection.clear();
    if (this.#on) this.#set(false);
  }

  #set(on: boolean): void {
    this.#on = on;
    if (on) this.#item.show();
    else this.#item.hide();
    this.#changed.fire();
  }
}
