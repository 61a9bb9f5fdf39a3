/** Provides tasks of type `pipescope`: they profile a pipeline or a command and show its output in a terminal. */
import * as vscode from 'vscode';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { buildCommandLaunch, type LaunchSpec } from '../../node/run/launch-spec.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Validator } from '../validation/validator.ts';
import { folderPaths } from '../workspace-folders.ts';
import type { PipelineCatalog } from './pipeline-catalog.ts';
import type { ProfileCommand } from './profile-command.ts';
import { buildTaskLaunch, isProgramTask } from './task-launch.ts';

const type = 'pipescope';

export interface TaskProviderOptions {
  readonly currentRun: CurrentRun;
  readonly catalog: PipelineCatalog;
  readonly profile: ProfileCommand;
  readonly validator: Validator;
}

export class TaskProvider implements vscode.TaskProvider {
  readonly #options: TaskProviderOptions;
  readonly #registration = vscode.tasks.registerTaskProvider(type, this);

  constructor(options: TaskProviderOptions) {
    this.#options = options;
  }

  async provideTasks(): Promise<vscode.Task[]> {
    const { catalog } = this.#options;
    await catalog.ready;
    return catalog.entries.map(({ pipeline, folder }) => {
      return this.#createTask({ type, pipeline: pipeline.id }, pipeline.title, folder);
    });
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const { scope } = task;
    const folder = typeof scope === 'object' ? scope.uri.fsPath : undefined;
    return this.#createTask(task.definition, task.name, folder);
  }

  /**
   * Profiles a task. VS Code executes tasks of this provider; the programs of other tasks are started here.
   * @param name name of the task; without it, the user picks a task
   */
  async profileTask(name: unknown): Promise<void> {
    const task = await pickTask(name);
    if (!task) return;
    if (task.definition.type === type) await vscode.tasks.executeTask(task);
    else await this.#options.profile.launch(buildTaskLaunch(task));
  }

  dispose(): void {
    this.#registration.dispose();
  }

  #createTask(definition: vscode.TaskDefinition, name: string, folder: string | undefined): vscode.Task {
    const workspaceFolder =
      folder === undefined ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder));
    const execution = new vscode.CustomExecution(async (resolved) => {
      return new TaskTerminal(this.#options, () => this.#buildLaunch(resolved, folder ?? folderPaths()[0]));
    });
    return new vscode.Task(definition, workspaceFolder ?? vscode.TaskScope.Workspace, name, 'Pipescope', execution, []);
  }

  #buildLaunch(definition: vscode.TaskDefinition, folder: string | undefined): LaunchSpec {
    if (folder === undefined) throw new HumanError('Tasks need a folder to run in. Open a folder first.');
    const { validator, catalog, currentRun } = this.#options;
    const { pipeline, profile, command, args = [] } = definition as Readonly<Record<string, unknown>>;
    const isText = (value: unknown): value is string => typeof value === 'string';
    if (pipeline === 'validation') return validator.buildLaunch(folder, isText(profile) ? profile : 'dev');
    if (isText(pipeline)) {
      const entry = catalog.find(pipeline, folder);
      return currentRun.buildLaunch(entry.pipeline, entry.folder ?? folder);
    }
    if (isText(command) && Array.isArray(args) && args.every(isText)) {
      return buildCommandLaunch([command, ...args], { workspace: folder, stdio: 'pipe' });
    }
    throw new HumanError('A “pipescope” task must have a “pipeline”, or a “command” with “args” as a list.');
  }
}

async function pickTask(name: unknown): Promise<vscode.Task | undefined> {
  const tasks = vscode.tasks.fetchTasks();
  if (typeof name === 'string') {
    const task = (await tasks).find((candidate) => candidate.name === name);
    if (task) return task;
    throw new HumanError(`No task named “${name}”. Define it in tasks.json.`);
  }
  const items = tasks.then((all) =>
    all
      .filter((task) => task.definition.type === type || isProgramTask(task))
      .map((task) => ({
        label: `$(pulse) ${task.name}`,
        description: task.source,
        detail: detailOf(task.definition),
        task,
      })),
  );
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Profile Task',
    placeHolder: 'Select the task to run. Define tasks in tasks.json.',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.task;
}

function detailOf({ pipeline, command, script, args }: vscode.TaskDefinition): string {
  const program: unknown = pipeline ?? command ?? script;
  return [typeof program === 'string' ? program : '', ...(Array.isArray(args) ? args : [])].join(' ').trim();
}

const lineBreak = /\r?\n/g;

class TaskTerminal implements vscode.Pseudoterminal {
  readonly #options: TaskProviderOptions;
  readonly #buildLaunch: () => LaunchSpec;
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;
  #isRunning = false;

  constructor(options: TaskProviderOptions, buildLaunch: () => LaunchSpec) {
    this.#options = options;
    this.#buildLaunch = buildLaunch;
  }

  open(): void {
    void this.#run();
  }

  close(): void {
    if (this.#isRunning) void this.#options.currentRun.stop();
  }

  async #run(): Promise<void> {
    const { currentRun, catalog, profile } = this.#options;
    const listener = currentRun.onOutput((text) => this.#write(text));
    try {
      if (currentRun.isBusy) throw new HumanError('Another run is in progress. Stop it or wait until it ends.');
      await catalog.ready;
      const launch = this.#buildLaunch();
      this.#isRunning = true;
      const { run } = await profile.launch(launch);
      if (run.message) this.#write(`${run.message}\n`);
      this.#closed.fire(run.exitCode ?? (run.result === 'success' ? 0 : 1));
    } catch (error) {
      this.#write(`${messageOf(error)}\n`);
      this.#closed.fire(1);
    } finally {
      this.#isRunning = false;
      listener.dispose();
    }
  }

  #write(text: string): void {
    // Terminals need a carriage return before each line feed.
    this.#written.fire(text.replace(lineBreak, '\r\n'));
  }
}
