/** The scripts of a `package.json`: where they stand in its text, and how its own package manager runs one. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { HumanError } from '../../core/human-error.ts';

export interface Script {
  readonly name: string;
  readonly command: string;
  /** Of its name in the text, in characters from 0. */
  readonly offset: number;
}

/** None where the text is no package with scripts, also while it is being typed. */
export function scriptsIn(text: string): readonly Script[] {
  const tree = parseTree(text);
  const scripts = tree && findNodeAtLocation(tree, ['scripts']);
  return (scripts?.children ?? []).flatMap(({ children = [] }) => {
    const [key, value] = children;
    if (typeof key?.value !== 'string' || typeof value?.value !== 'string') return [];
    return { name: key.value, command: value.value, offset: key.offset };
  });
}

/** Package managers by what they leave beside a package. */
const managers = [
  { file: 'pnpm-lock.yaml', program: 'pnpm' },
  { file: 'yarn.lock', program: 'yarn' },
  { file: 'package-lock.json', program: 'npm' },
  { file: 'npm-shrinkwrap.json', program: 'npm' },
] as const;

/** The one whose lock file lies nearest, from the package's folder up to the workspace; npm where none does. */
export function managerOf(folder: string, workspace: string): (typeof managers)[number]['program'] {
  const found = managers.find(({ file }) => existsSync(join(folder, file)));
  if (found) return found.program;
  const up = dirname(folder);
  return folder === workspace || up === folder || relative(workspace, up).startsWith('..')
    ? 'npm'
    : managerOf(up, workspace);
}

/** Windows starts a package manager only by its command processor, to which some names would be commands. */
export function scriptWords(
  program: string,
  name: string,
  windows = process.platform === 'win32',
): readonly [string, ...string[]] {
  if (!windows) return [program, 'run', name];
  if (/^[\w:.@/-]+$/.test(name)) return ['cmd.exe', '/d', '/c', program, 'run', name];
  throw new HumanError(
    `The script “${name}” cannot be run by its name on Windows. Give it a name of letters, digits and -.`,
  );
}
