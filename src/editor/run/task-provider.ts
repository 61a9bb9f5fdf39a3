/** Tasks of the type `pipescope`: a pipeline of the workspace or a command, profiled, its output live in a terminal. */
import * as vscode from 'vscode';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { commandOf, type LaunchSpec } from '../../node/run/launch-spec.ts';
import type { Live } from '../current-run.ts';
import type { Validator } from '../validation/validator.ts';
import { folderPaths } from '../workspace-folders.ts';
import type { Catalog } from './pipeline-catalog.ts';
import type { Profile } from './profile-command.ts';
import { isProgram, launchOfTask } from './task-launch.ts';

const type = 'pipescope';

export interface TasksOptions {
  readonly live: Live;
  readonly catalog: Catalog;
  readonly profile: Profile;
  readonly validator: Validator;
}

export class Tasks implements vscode.TaskProvider {
  readonly #options: TasksOptions;
  readonly #registration = vscode.tasks.registerTaskProvider(type, this);

  constructor(options: TasksOptions) {
    this.#options = options;
  }

  async provideTasks(): Promise<vscode.Task[]> {
    await this.#options.catalog.ready;
    const { entries } = this.#options.catalog;
    return entries.map(({ pipeline, folder }) => this.#task({ type, pipeline: pipeline.id }, pipeline.title, folder));
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const { scope } = task;
    const folder = typeof scope === 'object' ? scope.uri.fsPath : undefined;
    return this.#task(task.definition, task.name, folder);
  }

  /**
   * Profiles the task that is picked: one of ours by the editor's own means, another's program as the editor would start it.
   * @param wanted name of the task, where it is not to be asked for
   */
  async pick(wanted: unknown): Promise<void> {
    const task = await pickTask(wanted);
    if (!task) return;
    if (task.definition.type === type) await vscode.tasks.executeTask(task);
    else await this.#options.profile.launch(launchOfTask(task));
  }

  dispose(): void {
    this.#registration.dispose();
  }

  #task(definition: vscode.TaskDefinition, name: string, folder: string | undefined): vscode.Task {
    const workspaceFolder =
      folder === undefined ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder));
    const run = new vscode.CustomExecution(async (resolved) => {
      return new TaskTerminal(this.#options, () => this.#launchOf(resolved, folder ?? folderPaths()[0]));
    });
    return new vscode.Task(definition, workspaceFolder ?? vscode.TaskScope.Workspace, name, 'Pipescope', run, []);
  }

  #launchOf(definition: vscode.TaskDefinition, folder: string | undefined): LaunchSpec {
    if (folder === undefined) throw new HumanError('A task runs on a folder, and none is open. Open one first.');
    const { pipeline, profile, command, args = [] } = definition as Readonly<Record<string, unknown>>;
    const isText = (value: unknown): value is string => typeof value === 'string';
    if (pipeline === 'validation') return this.#options.validator.launchOf(folder, isText(profile) ? profile : 'dev');
    if (isText(pipeline)) {
      const entry = this.#options.catalog.find(pipeline, folder);
      return this.#options.live.launchOf(entry.pipeline, entry.folder ?? folder);
    }
    if (isText(command) && Array.isArray(args) && args.every(isText)) {
      return commandOf([command, ...args], { workspace: folder, stdio: 'pipe' });
    }
    throw new HumanError('A task of the type “pipescope” wants “pipeline”, or “command” with “args” as a list.');
  }
}

async function pickTask(wanted: unknown): Promise<vscode.Task | undefined> {
  const all = vscode.tasks.fetchTasks();
  if (typeof wanted === 'string') {
    const found = (await all).find(({ name }) => name === wanted);
    if (found) return found;
    throw new HumanError(`There is no task “${wanted}”. Define it in tasks.json.`);
  }
  const rows = all.then((tasks) =>
    tasks
      .filter((task) => task.definition.type === type || isProgram(task))
      .map((task) => ({
        label: `$(pulse) ${task.name}`,
        description: task.source,
        detail: detailOf(task.definition),
        task,
      })),
  );
  const picked = await vscode.window.showQuickPick(rows, {
    title: 'Profile Task',
    placeHolder: 'Task to run; more can be defined in tasks.json',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.task;
}

function detailOf({ pipeline, command, script, args }: vscode.TaskDefinition): string {
  const what: unknown = pipeline ?? command ?? script;
  return [typeof what === 'string' ? what : '', ...(Array.isArray(args) ? args : [])].join(' ').trim();
}

/** A terminal wants a carriage return before each line feed. */
const lineFeed = /\r?\n/g;

class TaskTerminal implements vscode.Pseudoterminal {
  readonly #options: TasksOptions;
  readonly #launch: () => LaunchSpec;
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;
  #running = false;

  constructor(options: TasksOptions, launch: () => LaunchSpec) {
    this.#options = options;
    this.#launch = launch;
  }

  open(): void {
    void this.#run();
  }

  close(): void {
    if (this.#running) void this.#options.live.stop();
  }

  async #run(): Promise<void> {
    const { live, profile } = this.#options;
    const listening = live.onOutput((text) => this.#write(text));
    try {
      if (live.busy) throw new HumanError('A run is under way. Stop it, or wait for its end.');
      await this.#options.catalog.ready;
      const launch = this.#launch();
      this.#running = true;
      const { run } = await profile.launch(launch);
      if (run.message) this.#write(`${run.message}\n`);
      this.#closed.fire(run.exitCode ?? (run.result === 'success' ? 0 : 1));
    } catch (error) {
      this.#write(`${messageOf(error)}\n`);
      this.#closed.fire(1);
    } finally {
      this.#running = false;
      listening.dispose();
    }
  }

  #write(text: string): void {
    this.#written.fire(text.replace(lineFeed, '\r\n'));
  }
}
