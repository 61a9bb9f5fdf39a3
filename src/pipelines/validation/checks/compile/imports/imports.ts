/** Checks that imports of local files resolve. */
import { posix } from 'node:path';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation.ts';
import type { Import } from '../../../../detection/extract/facts.ts';
import { type ModuleConfig, readConfigs } from '../../../../detection/resolve/module-config.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import { findIgnored, findImportingFiles, type ImportingFile, WorkspacePaths, withYields } from './import-sources.ts';
import { pythonModuleExists, resolveRelativeImport, resolveRelativeModule, scriptExists } from './import-targets.ts';
import { packagePartOf } from './package-manifests.ts';

interface UnresolvedImport {
  readonly source: ImportingFile;
  readonly reference: Import;
  /** Possible targets, without extension. */
  readonly paths: readonly string[];
}

/** Files that configure a build and may name the modules that it generates. */
const buildFiles =
  /(?:^|\/)(?:pyproject\.toml|setup\.(?:py|cfg)|meson\.build|CMakeLists\.txt|Cargo\.toml|Makefile|noxfile\.py|hatch_build\.py)$/;

async function findUnresolved(
  context: CheckContext,
): Promise<{ readonly importCount: number; readonly unresolved: readonly UnresolvedImport[] }> {
  const { repository } = context;
  const files = await repository.files();
  const workspacePaths = new WorkspacePaths(repository.root, files);
  const configs = readConfigs(repository.root, files).filter(({ base, pattern }) => base !== '*' && pattern !== '*');
  const packages = findLocalPackages(files);
  const unresolved: UnresolvedImport[] = [];
  let importCount = 0;
  for await (const source of withYields(await findImportingFiles(repository))) {
    for (const reference of source.facts.imports) {
      const paths = source.isPython
        ? resolvePython(source, reference, packages)
        : resolveScript(source, reference, configs);
      if (paths.length === 0 || mayBeMissing(repository.isTest(source.file), reference)) continue;
      importCount++;
      const exists = source.isPython ? pythonModuleExists : scriptExists;
      if (!paths.some((path) => exists(workspacePaths, path))) unresolved.push({ source, reference, paths });
    }
  }
  return {
    importCount,
    unresolved: await withoutBuildOutput(
      context,
      unresolved.filter((item) => !isInstalledPackage(workspacePaths, item)),
    ),
  };
}

/** Returns true for imports whose file need not exist: optional imports, and deferred imports in tests. */
function mayBeMissing(isTest: boolean, { form }: Import): boolean {
  return form === 'optional' || (isTest && form === 'deferred');
}

function resolveScript(source: ImportingFile, reference: Import, configs: readonly ModuleConfig[]): string[] {
  const relative = resolveRelativeImport(source, reference);
  if (relative !== undefined) return [relative];
  const { from } = reference;
  const folder = posix.dirname(source.file);
  return configs
    .filter(({ base }) => base === '' || folder === base || folder.startsWith(`${base}/`))
    .flatMap(({ pattern, targets }) => {
      const [prefix = '', suffix] = pattern.split('*');
      if (suffix === undefined) return from === pattern ? targets : [];
      if (!from.startsWith(prefix) || !from.endsWith(suffix)) return [];
      const middle = from.slice(prefix.length, from.length - suffix.length);
      return targets.map((target) => posix.normalize(target.replace('*', middle)));
    });
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

/** Returns true for an import that matches a path alias but refers to an installed package. */
function isInstalledPackage(workspacePaths: WorkspacePaths, { source, reference }: UnresolvedImport): boolean {
  if (source.isPython || reference.from.startsWith('.')) return false;
  return workspacePaths.hasFolder(`node_modules/${packagePartOf(reference.from)}`);
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
