/** All commands that a workspace defines: scripts of package.json, targets of make, recipes of just, and script files. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';
import { type DocumentedCommand, isLiteral } from '../documents/shell-commands.ts';

export interface CommandRegistry {
  hasFolder(folder: string): boolean;
  /**
   * Returns why a command cannot be run, an empty text if it can, or undefined if it is not a command of the project or it
   * is not certain.
   */
  explainMissing(command: DocumentedCommand): string | undefined;
}

/** Names that a kind of file defines. `isOpen`: it includes or computes others, so that a missing name proves nothing. */
interface Definitions {
  readonly names: ReadonlySet<string>;
  readonly isOpen: boolean;
}

/** Files from which a build system creates a Makefile. */
const makefileSource =
  /(?:^|\/)(?:CMakeLists\.txt|configure(?:\.ac|\.in)?|Makefile\.(?:am|in|PL)|meson\.build|[^/]*\.pro)$/;
const makefile = /(?:^|\/)(?:GNU)?[Mm]akefile$/;
const justfile = /(?:^|\/)\.?[Jj]ustfile$/;

export async function readRegistry(repository: Repository): Promise<CommandRegistry> {
  const files = await repository.files();
  const folders = foldersIn(files);
  const scripts = await readScripts(repository, files);
  const make = await readDefinitions(repository, files, makefile, readTargets);
  const just = await readDefinitions(repository, files, justfile, readRecipes);
  const hasMakefileSource = files.some((file) => makefileSource.test(file));
  const rows: readonly ((argv: readonly string[], folder: string) => string | undefined)[] = [
    (argv) => explainScript(argv, scripts),
    (argv) => (hasMakefileSource ? undefined : explainTarget(argv, 'make', make, 'Makefile')),
    (argv) => explainTarget(argv, 'just', just, 'justfile'),
    (argv, folder) =>
      explainFile(
        argv,
        (path) =>
          files.some((file) => file === path || file.endsWith(`/${path}`)) ||
          existsSync(join(repository.root, folder, path)),
      ),
  ];
  return {
    hasFolder: (folder) => folders.has(folder),
    explainMissing: ({ argv, folder }) => {
      if (folder === undefined) return undefined;
      const answers = rows.map((row) => row(argv, folder)).filter((answer) => answer !== undefined);
      return answers.find((answer) => answer !== '') ?? answers[0];
    },
  };
}

/** Returns all folders that contain files, at any depth, and the workspace itself. */
function foldersIn(files: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>(['', '.']);
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== '.' && !folders.has(folder); folder = posix.dirname(folder))
      folders.add(folder);
  }
  return folders;
}

/** Returns the names of the scripts of all packages, also of examples, or undefined without any package. */
async function readScripts(repository: Repository, files: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  const manifests = files.filter((file) => posix.basename(file) === 'package.json' && !file.includes('node_modules/'));
  if (manifests.length === 0) return undefined;
  const names = new Set<string>();
  for (const manifest of manifests) {
    const content = await repository.json(manifest);
    // A package that cannot be read may define any script.
    if (content === undefined) return undefined;
    for (const name of Object.keys(field(content, 'scripts') ?? {})) names.add(name);
  }
  return names;
}

async function readDefinitions(
  repository: Repository,
  files: readonly string[],
  pattern: RegExp,
  read: (text: string) => Definitions,
): Promise<Definitions | undefined> {
  const definitions: Definitions[] = [];
  for (const file of files.filter((name) => pattern.test(name)))
    definitions.push(read((await repository.text(file)) ?? ''));
  if (definitions.length === 0) return undefined;
  return {
    names: new Set(definitions.flatMap(({ names }) => [...names])),
    isOpen: definitions.some(({ isOpen }) => isOpen),
  };
}

function readTargets(text: string): Definitions {
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  const heads = lines.flatMap((line) => /^([^\s#:=][^#:=]*?)\s*::?(?![=:])/.exec(line)?.[1] ?? []);
  const names = new Set(heads.flatMap((head) => head.split(/\s+/)));
  const isOpen =
    lines.some((line) => /^-?s?include\s|^\s*\$\((?:eval|foreach|call)\b/.test(line)) ||
    [...names].some((name) => /[%$]/.test(name));
  return { names, isOpen };
}

function readRecipes(text: string): Definitions {
  const names = new Set<string>();
  for (const line of text.split('\n')) {
    const name = /^@?([\w-]+)(?:\s+[^:=]*)?:(?!=)/.exec(line)?.[1] ?? /^alias\s+([\w-]+)\s*:=/.exec(line)?.[1];
    if (name) names.add(name);
  }
  return { names, isOpen: /^(?:import|mod)\??\s/m.test(text) };
}

/** Commands of package managers that run a script. Without `run`, a name may also be one of an installed program. */
function scriptOf([program = '', ...args]: readonly string[]): string | undefined {
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return undefined;
  const [first = '', second = ''] = args;
  if (/^(?:run|run-script)$/.test(first)) return second.startsWith('-') ? undefined : second;
  if (program === 'npm') return /^(?:test|start)$/.test(first) ? first : undefined;
  // Names of scripts may contain colons, names of programs and commands do not.
  return /^[\w-]+(?::[\w-]+)+$/.test(first) ? first : undefined;
}

function explainScript(argv: readonly string[], scripts: ReadonlySet<string> | undefined): string | undefined {
  const name = scriptOf(argv);
  if (!name || scripts === undefined || !isLiteral(name)) return undefined;
  if (scripts.has(name) || name === 'start') return '';
  return `No package.json has a script “${name}”.`;
}

function explainTarget(
  [program, ...args]: readonly string[],
  name: 'make' | 'just',
  definitions: Definitions | undefined,
  file: string,
): string | undefined {
  if (program !== name || definitions === undefined) return undefined;
  const hasOtherFile = args.some((arg) => /^(?:-[Cf]|--(?:directory|file|justfile|working-directory))/.test(arg));
  const target = args.find((arg) => !arg.startsWith('-') && !arg.includes('='));
  if (hasOtherFile || target === undefined || !isLiteral(target)) return undefined;
  if (definitions.names.has(target)) return '';
  return definitions.isOpen ? undefined : `No ${file} has a ${name === 'make' ? 'target' : 'recipe'} “${target}”.`;
}

const interpreters = /^(?:bash|sh|zsh|node|python3?|ruby|perl|deno|tsx|ts-node)$/;
/** A script in a folder, or in the present one if that is explicit. */
const scriptFile =
  /^(?:\.\/)?((?:(?<=^\.\/)|(?:[\w@-][\w@.-]*\/)+)[\w@-][\w@.-]*\.(?:sh|bash|py|[cm]?[jt]s|rb|pl|ps1))$/;
/** Folders whose files are built or installed. */
const builtFolder = /(?:^|\/)(?:dist|build|out|lib|target|bin|node_modules|\.?venv|output|tmp|temp)\//;
/** Folders and files whose names only stand for others. */
const exampleName = /(?:^|\/)(?:path|foo|bar|example|some|my|your)[^/]*(?:\/|$)/i;

/** Returns an answer for a script file in a folder, started by itself or by an interpreter. */
function explainFile(
  [program = '', first = '']: readonly string[],
  exists: (path: string) => boolean,
): string | undefined {
  const path = scriptFile.exec(interpreters.test(program) ? first : program)?.[1];
  if (
    path === undefined ||
    !isLiteral(path) ||
    path.startsWith('../') ||
    builtFolder.test(path) ||
    exampleName.test(path)
  )
    return undefined;
  return exists(path) ? '' : `The file ${path} does not exist.`;
}
