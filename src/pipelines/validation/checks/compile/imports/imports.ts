/** Checks that imports of local files resolve. */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import type { Import } from '../../../../detection/extract/facts.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import { folderOf } from '../../../repository/folders.ts';
import type { Repository } from '../../../repository/repository.ts';
import { AssembledFolders, findTextImports, isAcceptedImport } from './code-as-data.ts';
import {
  findIgnored,
  findImportingFiles,
  findSubmodules,
  type ImportingFile,
  WorkspacePaths,
  withYields,
} from './import-sources.ts';
import { pythonModuleExists, resolveRelativeImport, resolveRelativeModule, scriptExists } from './import-targets.ts';
import { isDeclared, PackageManifests, packagePartOf } from './package-manifests.ts';
import { type PathAlias, readPathAliases, resolveAlias } from './path-aliases.ts';

interface UnresolvedImport {
  readonly source: ImportingFile;
  readonly reference: Import;
  /** Possible targets, without extension. */
  readonly paths: readonly string[];
}

/** Files that configure a build and may name the modules that it generates. */
const buildFiles =
  /(?:^|\/)(?:pyproject\.toml|setup\.(?:py|cfg)|meson\.build|CMakeLists\.txt|Cargo\.toml|Makefile|noxfile\.py|hatch_build\.py)$/;

/** Folders and files that generators write, often before the first build and without being ignored. */
const generatedPath =
  /(?:^|\/)(?:__generated__|[._]?generated|\.(?:nuxt|svelte-kit|next|astro|contentlayer|velite|source|expo|react-router)|\+types|nexus-typegen)(?:\/|$)|[._-](?:generated|gen)(?:\.\w+)?$/i;

async function findUnresolved(
  context: CheckContext,
): Promise<{ readonly importCount: number; readonly unresolved: readonly UnresolvedImport[] }> {
  const { repository } = context;
  const files = await repository.files();
  const workspacePaths = new WorkspacePaths(repository.root, files);
  const aliases = await readPathAliases(repository, files);
  const submodules = await findSubmodules(repository);
  const packages = findLocalPackages(files);
  const unresolved: UnresolvedImport[] = [];
  let importCount = 0;
  const sources = await findImportingFiles(repository);
  const textImports = findTextImports(sources);
  const assembled = new AssembledFolders();
  for await (const source of withYields(sources.filter(({ file }) => !textImports.has(file)))) {
    for (const reference of source.facts.imports) {
      const paths = source.isPython
        ? resolvePython(source, reference, packages)
        : resolveScript(source, reference, aliases);
      if (paths.some((path) => isInAny(path, submodules))) continue;
      if (paths.length === 0 || mayBeMissing(repository.isTest(source.file), reference)) continue;
      importCount++;
      const exists = source.isPython ? pythonModuleExists : scriptExists;
      const isResolved = paths.some((path) => exists(workspacePaths, path));
      assembled.add(source.file, isResolved);
      if (!isResolved) unresolved.push({ source, reference, paths });
    }
  }
  const isAccepted = await Promise.all(
    unresolved.map(
      async ({ source, reference }) =>
        !source.isPython && isAcceptedImport((await repository.text(source.file)) ?? '', reference),
    ),
  );
  const inGraph = unresolved.filter(({ source }, index) => !(isAccepted[index] || assembled.has(source.file)));
  const withoutPackages = await withoutPackageImports(repository, workspacePaths, inGraph);
  return { importCount, unresolved: await withoutBuildOutput(context, withoutPackages) };
}

const isInAny = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

/** Returns true for imports whose file need not exist: optional imports, and deferred imports in tests. */
function mayBeMissing(isTest: boolean, { form }: Import): boolean {
  return form === 'optional' || (isTest && form === 'deferred');
}

function resolveScript(source: ImportingFile, reference: Import, aliases: readonly PathAlias[]): readonly string[] {
  const relative = resolveRelativeImport(source, reference);
  return relative === undefined ? (resolveAlias(aliases, source.file, reference.from) ?? []) : [relative];
}

/** Maps top-level Python packages of the workspace to their folders. Ambiguous names map to undefined. */
function findLocalPackages(files: readonly string[]): ReadonlyMap<string, string | undefined> {
  const fileSet = new Set(files);
  const packages = new Map<string, string | undefined>();
  for (const file of files) {
    if (!file.endsWith('/__init__.py')) continue;
    const folder = posix.dirname(file);
    const parent = posix.dirname(folder);
    if (fileSet.has(posix.join(parent, '__init__.py'))) continue;
    const name = posix.basename(folder);
    packages.set(name, packages.has(name) ? undefined : folder);
  }
  return packages;
}

function resolvePython(
  source: ImportingFile,
  { from }: Import,
  packages: ReadonlyMap<string, string | undefined>,
): string[] {
  const relative = resolveRelativeModule(source.file, from);
  if (relative !== undefined) return [relative];
  const [packageName = '', ...rest] = from.split('.');
  const folder = rest.length > 0 ? packages.get(packageName) : undefined;
  return folder === undefined ? [] : [posix.join(folder, ...rest)];
}

/**
 * Drops imports that match a path alias but refer to a package. The compiler looks for a package if an alias leads to no
 * file. Aliases to folders that do not exist refer to build output.
 */
async function withoutPackageImports(
  repository: Repository,
  workspacePaths: WorkspacePaths,
  unresolved: readonly UnresolvedImport[],
): Promise<UnresolvedImport[]> {
  const byAlias = unresolved.filter(({ source, reference }) => !source.isPython && !reference.from.startsWith('.'));
  if (byAlias.length === 0) return [...unresolved];
  const manifests = await PackageManifests.load(repository);
  const dropped = new Set<UnresolvedImport>();
  for (const item of byAlias) {
    const name = packagePartOf(item.reference.from);
    const isPackage =
      manifests.workspaceNames.has(name) ||
      isBuiltin(item.reference.from) ||
      isDeclared(name, await manifests.declaredIn(folderOf(item.source.file))) ||
      workspacePaths.hasFolder(`node_modules/${name}`);
    const hasTargetFolder = item.paths.some((path) => {
      const [first = ''] = path.split('/');
      return first !== 'node_modules' && workspacePaths.hasFolder(posix.dirname(path));
    });
    if (isPackage || !hasTargetFolder) dropped.add(item);
  }
  return unresolved.filter((item) => !dropped.has(item));
}

/** Drops imports of files that a build generates: files that git ignores or that a build file names. */
async function withoutBuildOutput(
  context: CheckContext,
  unresolved: readonly UnresolvedImport[],
): Promise<UnresolvedImport[]> {
  if (unresolved.length === 0) return [];
  const extensions = ['', '.js', '.ts', '.py', '.json', '.d.ts', '/index.js', '/index.ts'];
  const candidates = unresolved.flatMap(({ paths }) =>
    paths.flatMap((path) => extensions.map((extension) => path + extension)),
  );
  const inside = [...new Set(candidates)].filter((path) => !path.startsWith('..') && path !== '.');
  const ignored = await findIgnored(context, inside);
  const { repository } = context;
  const texts = await Promise.all(
    (await repository.files()).filter((file) => buildFiles.test(file)).map((file) => repository.text(file)),
  );
  const buildText = texts.join('\n');
  // Packages that change how their submodules are found. Their submodules need not exist as files.
  const dynamicPackages = new Set<string>();
  for (const { source, paths } of unresolved) {
    const folder = posix.dirname(paths[0] ?? '');
    const text = source.isPython ? await repository.text(`${folder}/__init__.py`) : undefined;
    if (text && /\bsys\.modules\b|\b__path__\b|\b__getattr__\b/.test(text)) dynamicPackages.add(folder);
  }
  return unresolved.filter(({ source, paths }) => {
    if (paths.some((path) => extensions.some((extension) => ignored.has(path + extension)))) return false;
    // The path of the import tells that a generator writes the file.
    if (paths.some((path) => generatedPath.test(path))) return false;
    if (!source.isPython) return true;
    const [path = ''] = paths;
    const name = posix.basename(path);
    return (
      !dynamicPackages.has(posix.dirname(path)) && !new RegExp(`\\b${name.replace(/\W/g, '.')}\\b`).test(buildText)
    );
  });
}

const toFinding = ({ source, reference }: UnresolvedImport): Finding => ({
  file: source.file,
  line: reference.line,
  message: `“${reference.from}” does not resolve to a file.`,
});

export const imports: Check = {
  id: 'BLD_IMPORTS',
  category: 'build',
  severity: 'fatal',
  minProfile: 'ci',
  title: 'Local imports resolve',
  // The first run reads every source file. The profile limits the total time.
  timeoutMs: 60_000,
  lane: 'cheap',
  run: async (context) => {
    const { importCount, unresolved } = await findUnresolved(context);
    if (importCount === 0)
      return skip('not_applicable', 'No JavaScript, TypeScript or Python file imports a local file.');
    const [first] = unresolved;
    if (!first)
      return pass(
        importCount === 1 ? 'The only local import resolves.' : `All ${plural(importCount, 'local import')} resolve.`,
      );
    const verb = unresolved.length === 1 ? 'does' : 'do';
    return fail(
      `${unresolved.length} of ${plural(importCount, 'local import')} ${verb} not resolve: “${first.reference.from}” in ${first.source.file}.`,
      {
        findings: unresolved.map(toFinding),
        remediation: [
          {
            priority: 'critical',
            title: 'Fix unresolved imports',
            steps: [
              'Correct each path, or add the missing file. It may exist on your machine without being committed.',
              'If a build generates the file, add it to .gitignore.',
            ],
          },
        ],
      },
    );
  },
};
