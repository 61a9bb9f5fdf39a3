import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { escapeLabel } from '../escape-label.ts';
import { isProgramTask } from './task-launch.ts';

/**
 * Returns the task with a name, or lets the user pick one if `name` is not a string. Returns undefined if the user cancels.
 * @param ownType type of the tasks that Pipescope provides
 * @throws HumanError if no task has the name
 */
export async function pickTask(name: unknown, ownType: string): Promise<vscode.Task | undefined> {
  const tasks = vscode.tasks.fetchTasks();
  if (typeof name === 'string') {
    const task = (await tasks).find((candidate) => candidate.name === name);
    if (task) return task;
    throw new HumanError(`No task named “${name}”. Define it in tasks.json.`);
  }
  const items = tasks.then((all) =>
    all
      .filter((task) => task.definition.type === ownType || isProgramTask(task))
      .map((task) => ({
        label: `$(pulse) ${escapeLabel(task.name)}`,
        description: task.source,
        detail: escapeLabel(detailOf(task.definition)),
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
