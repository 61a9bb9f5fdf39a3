/** Checks that every imported package is declared in a manifest. Undeclared packages are installed only by chance. */
import { posix } from 'node:path';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import type { Import } from '../../../../detection/extract/facts.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import type { Repository } from '../../../repository/repository.ts';
import { createAliasMatcher } from './configured-aliases.ts';
import { findDeclaredPackages, providesModule } from './declared-packages.ts';
import { findImportingFiles, type ImportingFile, WorkspacePaths, withYields } from './import-sources.ts';
import { isDeclared, PackageManifests, packageNameOf } from './package-manifests.ts';
import { readPathAliases, resolveAlias } from './path-aliases.ts';
import { isStandardModule } from './python-stdlib.ts';
import { createVirtualModuleMatcher, isHostModule } from './virtual-modules.ts';

interface UndeclaredPackage {
  readonly name: string;
  readonly manifest: string;
  readonly file: string;
  readonly line: number;
  readonly isPython: boolean;
}

/** Folders of examples and documentation, which use the package from outside and may import anything. */
const exampleFolders =
  /(?:^|\/)(?:examples?|samples?|demos?|docs?|documentation|website|playgrounds?|benchmarks?|bench|benches|tutorials?|snippets?|sandbox(?:es|[-_]code)?|\.[^/]+)\//i;

interface PackageUsage {
  readonly packages: ReadonlySet<string>;
  readonly undeclared: readonly UndeclaredPackage[];
}

async function findPackageUsage({ repository }: CheckContext): Promise<PackageUsage> {
  const files = await repository.files();
  const resolveScript = await createScriptResolver(repository, files);
  const resolvePython = await createPythonResolver(repository, files);
  const packages = new Set<string>();
  const undeclared = new Map<string, UndeclaredPackage>();
  for await (const source of withYields(await findImportingFiles(repository))) {
    const { file, isPython } = source;
    const resolvePackage = isPython ? resolvePython : resolveScript;
    for (const reference of source.facts.imports) {
      if (reference.form === 'optional' || (isPython && reference.form === 'type')) continue;
      // Python tests import modules that they have just written.
      if (isPython && reference.form === 'deferred' && repository.isTest(file)) continue;
      const imported = await resolvePackage(source, reference);
      if (!imported) continue;
      const { name, manifest } = imported;
      packages.add(name);
      const key = `${manifest}\0${name}`;
      if (!imported.isDeclared && !undeclared.has(key))
        undeclared.set(key, { name, manifest, file, line: reference.line, isPython });
    }
  }
  return { packages, undeclared: [...undeclared.values()] };
}

/** Returns the package that an import refers to. Undefined if a manifest does not have to declare the import. */
type PackageResolver = (
  source: ImportingFile,
  reference: Import,
) => Promise<{ name: string; manifest: string; isDeclared: boolean } | undefined>;

async function createScriptResolver(repository: Repository, files: readonly string[]): Promise<PackageResolver> {
  const manifests = await PackageManifests.load(repository);
  const workspacePaths = new WorkspacePaths(repository.root, files);
  const aliases = await readPathAliases(repository, files);
  const ambientModules = await findAmbientModules(repository, files);
  const isConfigured = await createAliasMatcher(repository, files);
  const isVirtual = createVirtualModuleMatcher(await manifests.allDeclared());
  return async ({ file }, { from }) => {
    const name = packageNameOf(from);
    const manifest = name === undefined ? undefined : manifests.findManifest(file);
    if (name === undefined || manifest === undefined) return undefined;
    const folder = posix.dirname(manifest);
    if (exampleFolders.test(file.slice(folder === '.' ? 0 : folder.length + 1))) return undefined;
    if (
      manifests.workspaceNames.has(name) ||
      ambientModules.has(from) ||
      isConfigured(from) ||
      isVirtual(from) ||
      resolveAlias(aliases, file, from) !== undefined ||
      isSourceFolder(workspacePaths, folder, from)
    )
      return undefined;
    return { name, manifest, isDeclared: isDeclared(name, await manifests.declaredIn(folder)) };
  };
}

/** Finds the modules that type declarations of the workspace define: `declare module 'x'`. */
async function findAmbientModules(repository: Repository, files: readonly string[]): Promise<ReadonlySet<string>> {
  const modules = new Set<string>();
  for (const file of files) {
    if (!/\.d\.[cm]?ts$/.test(file)) continue;
    const text = (await repository.text(file)) ?? '';
    for (const [, name] of text.matchAll(/^\s*declare\s+module\s+['"]([^'"]+)['"]/gm)) modules.add(name as string);
  }
  return modules;
}

/** Recognizes imports relative to a source folder, which bundlers can be configured for: `components/button`. */
function isSourceFolder(workspacePaths: WorkspacePaths, folder: string, spec: string): boolean {
  const first = spec.split('/')[0] as string;
  return ['.', 'src', 'app', 'lib', 'source', 'client'].some((base) => {
    const names = workspacePaths.listFileNames(posix.join(folder, base));
    return (
      names.some((name) => name.startsWith(`${first}.`) && /\.[cm]?[jt]sx?$/.test(name)) ||
      workspacePaths.listFileNames(posix.join(folder, base, first)).length > 0
    );
  });
}

async function createPythonResolver(repository: Repository, files: readonly string[]): Promise<PackageResolver> {
  const packages = await findDeclaredPackages(repository);
  const manifest = (await repository.stacks()).find(({ id }) => id === 'python')?.manifest;
  const localNames = new Set<string>();
  for (const file of files) {
    const folders = file.split('/');
    const stem = (folders.pop() ?? '').split('.')[0] as string;
    // Includes sources of extension modules, which have the name of their module.
    if (/\.(?:py[iwx]?|pxd|so|pyd|c|cc|cpp|rs)$/.test(file))
      for (const name of [...folders, stem]) localNames.add(name);
  }
  return async ({ file }, { from }) => {
    const name = from.split('.')[0] as string;
    if (name === '' || manifest === undefined || exampleFolders.test(file)) return undefined;
    if (isStandardModule(name) || isHostModule(name) || localNames.has(name)) return undefined;
    return { name, manifest, isDeclared: providesModule(name, packages) };
  };
}

export const undeclared: Check = {
  id: 'BLD_UNDECLARED',
  category: 'build',
  severity: 'warning',
  minProfile: 'ci',
  title: 'Imported packages are declared in a manifest',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: async (context) => {
    const usage = await findPackageUsage(context);
    const { packages } = usage;
    if (packages.size === 0)
      return skip('not_applicable', 'No JavaScript, TypeScript or Python project imports a package.');
    const names = [...new Set(usage.undeclared.map(({ name }) => name))];
    if (names.length === 0)
      return pass(`${plural(packages.size, 'imported package is', 'imported packages are')} declared.`);
    const verb = names.length === 1 ? 'is' : 'are';
    const list = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
    return fail(
      `${names.length} of ${plural(packages.size, 'imported package')} ${verb} not declared in a manifest: ${list}.`,
      {
        findings: usage.undeclared.map(
          ({ name, file, line, manifest }): Finding => ({
            file,
            line,
            message: `“${name}” is imported but not declared in ${manifest}.`,
          }),
        ),
        remediation: [createRemediation(names, usage.undeclared)],
      },
    );
  },
};

function createRemediation(names: readonly string[], packages: readonly UndeclaredPackage[]) {
  const canUseNpm = packages.every(({ isPython, manifest }) => !isPython && manifest === 'package.json');
  return {
    priority: 'medium',
    title: 'Declare the packages',
    steps: ['Add each package to the manifest. It is installed now only because another package depends on it.'],
    ...(canUseNpm ? { command: ['npm', 'install', ...names] } : {}),
  } as const;
}
