/** Which project each test belongs to: the nearest manifest of its language around it. */
import type { Context } from '../../../check/check.ts';
import type { Stack, StackId } from '../../../repository/repository.ts';
import { testsOf } from '../dialects/find-tests.ts';

export interface Project {
  readonly stack: StackId;
  /** Relative to the workspace; empty for the workspace itself. */
  readonly folder: string;
  /** Empty where tests stand without any. */
  readonly manifest: string;
  readonly packageManager: string;
  /** Files that hold a test, in order. */
  readonly tests: readonly string[];
}

/** Projects that have tests, the outer before the inner. */
export async function projectsOf(context: Context): Promise<Project[]> {
  const stacks = await context.repository.stacks();
  const found = new Map<string, Project & { tests: string[] }>();
  for await (const { file, text, dialect } of testsOf(context)) {
    if (!dialect.holds.test(text)) continue;
    const around = nearest(stacks, dialect.stack, file);
    const key = `${dialect.stack} ${around?.folder ?? ''}`;
    const project = found.get(key) ?? {
      stack: dialect.stack,
      folder: around?.folder ?? '',
      manifest: around?.manifest ?? '',
      packageManager: around?.packageManager ?? '',
      tests: [],
    };
    project.tests.push(file);
    found.set(key, project);
  }
  return [...found.values()].sort((a, b) => a.folder.length - b.folder.length);
}

function nearest(stacks: readonly Stack[], id: StackId, file: string): Stack | undefined {
  const around = stacks.filter((stack) => stack.id === id && isIn(file, stack.folder));
  return around.sort((a, b) => b.folder.length - a.folder.length)[0];
}

export const isIn = (file: string, folder: string): boolean => folder === '' || file.startsWith(`${folder}/`);

export const inFolder = (folder: string, file: string): string => (folder === '' ? file : `${folder}/${file}`);
