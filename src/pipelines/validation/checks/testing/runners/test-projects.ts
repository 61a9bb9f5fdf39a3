/** Assigns test files to projects: each belongs to the project with the nearest manifest of its language. */
import type { CheckContext } from '../../../check/check.ts';
import { folderOf, foldersAround } from '../../../repository/folders.ts';
import { manifestFormats } from '../../../repository/manifest-formats.ts';
import type { Stack, StackId } from '../../../repository/repository.ts';
import { readTestFiles } from '../dialects/find-tests.ts';

export interface TestProject {
  readonly stack: StackId;
  /** Relative to the workspace; empty for the workspace itself. */
  readonly folder: string;
  /** Empty if the tests do not belong to a manifest. */
  readonly manifest: string;
  readonly packageManager: string;
  /** Sorted files with at least one test. */
  readonly tests: readonly string[];
}

/** Returns the projects that have tests, outer ones before inner ones. */
export async function findTestProjects(context: CheckContext): Promise<TestProject[]> {
  const stacks = await context.repository.stacks();
  const files = await context.repository.fileSet();
  const projects = new Map<string, TestProject & { tests: string[] }>();
  for await (const { file, text, dialect } of readTestFiles(context)) {
    if (!dialect.testPattern.test(text)) continue;
    const stack = nearestStack(stacks, dialect.stack, file) ?? nearestManifest(files, dialect.stack, file);
    const key = `${dialect.stack} ${stack?.folder ?? ''}`;
    const project = projects.get(key) ?? {
      stack: dialect.stack,
      folder: stack?.folder ?? '',
      manifest: stack?.manifest ?? '',
      packageManager: stack?.packageManager ?? '',
      tests: [],
    };
    project.tests.push(file);
    projects.set(key, project);
  }
  return [...projects.values()].sort((a, b) => a.folder.length - b.folder.length);
}

function nearestStack(stacks: readonly Stack[], id: StackId, file: string): Stack | undefined {
  const candidates = stacks.filter((stack) => stack.id === id && isIn(file, stack.folder));
  return candidates.sort((a, b) => b.folder.length - a.folder.length)[0];
}

/** Finds the project of a file that is not part of the product, such as a crate of bindings in another language. */
function nearestManifest(files: ReadonlySet<string>, id: StackId, file: string): Stack | undefined {
  const format = manifestFormats.find((candidate) => candidate.id === id);
  for (const folder of foldersAround(folderOf(file))) {
    const manifest = format?.names.map((name) => joinPath(folder, name)).find((name) => files.has(name));
    if (format && manifest) return { id, folder, manifest, packageManager: format.defaultPackageManager };
  }
  return undefined;
}

export const isIn = (file: string, folder: string): boolean => folder === '' || file.startsWith(`${folder}/`);

export const joinPath = (folder: string, file: string): string => (folder === '' ? file : `${folder}/${file}`);
