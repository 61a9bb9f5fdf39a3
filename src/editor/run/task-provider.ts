/** Provides tasks of type `pipescope`: they profile a pipeline or a command and show its output in a terminal. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { buildCommandLaunch, type LaunchSpec } from '../../node/run/launch-spec.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Validator } from '../validation/validator.ts';
import { folderPaths } from '../workspace-folders.ts';
import type { PipelineCatalog } from './pipeline-catalog.ts';
import type { Launcher, ProfileCommand } from './profile-command.ts';

const type = 'pipescope';

interface TaskProviderOptions {
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
   * @param launcher runs the program of any task instead
   */
  async profileTask(name: unknown, launcher?: Launcher): Promise<void> {
    const { pickTask } = await import('./pick-task.ts');
    const task = await pickTask(name, type);
    if (!task) return;
    const { definition, scope } = task;
    if (definition.type !== type) {
      const { buildTaskLaunch } = await import('./task-launch.ts');
      await (launcher ?? this.#options.profile).launch(buildTaskLaunch(task));
    } else if (launcher) {
      const folder = typeof scope === 'object' ? scope.uri.fsPath : folderPaths()[0];
      await launcher.launch(this.#buildLaunch(definition, folder));
    } else await vscode.tasks.executeTask(task);
  }

  dispose(): void {
    this.#registration.dispose();
  }

  #createTask(definition: vscode.TaskDefinition, name: string, folder: string | undefined): vscode.Task {
    const workspaceFolder =
      folder === undefined ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder));
    const execution = new vscode.CustomExecution(async (resolved) => {
      const { TaskTerminal } = await import('./task-terminal.ts');
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
