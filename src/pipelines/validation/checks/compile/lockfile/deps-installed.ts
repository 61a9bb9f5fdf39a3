/** Checks that the installed packages match the lock file and the manifests. */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readRegularText } from '../../../../../process/read-regular-file.ts';
import { defined } from '../../../../../protocol/defined.ts';
import { parseJson } from '../../../../../protocol/parse-json.ts';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import type { Lock } from '../../../locks/lock.ts';
import { readLocks } from '../../../locks/locks.ts';
import { foldersAround } from '../../../repository/folders.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Stack } from '../../../repository/repository.ts';
import { normalizePackageName } from '../../normalize-package-name.ts';
import { withYields } from '../imports/import-sources.ts';
import { firstLine, runTool } from '../tools/tool.ts';
import { findLock } from './lock-fresh.ts';
import { readManifestRequirements } from './manifest-requirements.ts';
import { isInRange } from './version-ranges.ts';

/** Installed packages of one project, compared with its lock file and manifest. */
interface InstallationReport {
  /** Number of packages compared. */
  readonly packageCount: number;
  readonly findings: readonly Finding[];
  /** Explains why the packages could not be compared. */
  readonly reason?: string;
  /** Command that installs the packages. */
  readonly fix?: readonly string[];
}

const unknown = (reason: string): InstallationReport => ({ packageCount: 0, findings: [], reason });

type InstallationReader = (context: CheckContext, stack: Stack, lock: Lock | undefined) => Promise<InstallationReport>;

const compareNode: InstallationReader = async (context, stack, lock) => {
  const { root } = context.repository;
  const lockFolder = lock?.folder ?? stack.folder;
  const fix = stack.folder === '' ? nodeInstallCommands[stack.packageManager] : undefined;
  if (existsSync(join(root, lockFolder, '.pnp.cjs'))) return unknown('Yarn Plug’n’Play installs no node_modules.');
  const requirements = (await readManifestRequirements(context.repository, stack)).filter(
    ({ kind }) => kind === 'required' || kind === 'dev',
  );
  if (requirements.length === 0) return { packageCount: 0, findings: [] };
  if (!foldersAround(stack.folder).some((folder) => existsSync(join(root, folder, 'node_modules')))) {
    return {
      packageCount: requirements.length,
      findings: [{ file: stack.manifest, message: 'No packages are installed: there is no node_modules folder.' }],
      ...defined({ fix }),
    };
  }
  const findings: Finding[] = [];
  for (const { name, range, line } of requirements) {
    const version = readInstalledVersion(root, stack.folder, name);
    const location = { file: stack.manifest, ...defined({ line }) };
    if (version === undefined) findings.push({ ...location, message: `“${name}” is not installed.` });
    else if (isInRange('node', version, range) === false)
      findings.push({ ...location, message: `“${name}” is required as ${range} but installed as ${version}.` });
  }
  // npm stores a copy of the lock file with the installed packages.
  const lockReport =
    stack.folder === lockFolder && lock?.manager === 'npm' ? await compareNpmLock(root, lock) : undefined;
  return {
    packageCount: lockReport ? lockReport.packageCount : requirements.length,
    findings: [...findings, ...(lockReport?.findings ?? [])],
    ...defined({ fix }),
  };
};

const nodeInstallCommands: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm', 'ci'],
  pnpm: ['pnpm', 'install', '--frozen-lockfile'],
  yarn: ['yarn', 'install', '--immutable'],
  bun: ['bun', 'install', '--frozen-lockfile'],
};

/** Larger files are ignored, as if they were missing. */
const [maxManifestBytes, maxLockBytes] = [4e6, 64e6];

function readInstalledVersion(root: string, folder: string, name: string): string | undefined {
  for (const parent of foldersAround(folder)) {
    const manifest = join(root, parent, 'node_modules', name, 'package.json');
    const text = readRegularText(manifest, { maxBytes: maxManifestBytes });
    if (text === undefined) continue;
    const version = field(parseJson(text), 'version');
    return typeof version === 'string' ? version : '';
  }
  return undefined;
}

async function compareNpmLock(root: string, lock: Lock): Promise<InstallationReport | undefined> {
  const text = readRegularText(join(root, lock.folder, 'node_modules/.package-lock.json'), { maxBytes: maxLockBytes });
  const packages = text === undefined ? undefined : field(parseJson(text), 'packages');
  if (typeof packages !== 'object' || packages === null) return undefined;
  const findings: Finding[] = [];
  let packageCount = 0;
  for await (const { name, path, version, line, optional, dev, origin } of withYields(lock.entries, 2000)) {
    if (path === undefined || !path.includes('node_modules/') || origin === 'workspace' || version === '') continue;
    const installed = field(field(packages, path), 'version');
    const location = { file: lock.file, line };
    if (installed === undefined) {
      if (!optional && !dev)
        findings.push({ ...location, message: `“${name}” is locked as ${version} but not installed (${path}).` });
      continue;
    }
    packageCount++;
    if (installed !== version && !optional) {
      const message = `“${name}” is locked as ${version} but installed as ${installed} (${path}).`;
      findings.push({ ...location, message });
    }
  }
  return { packageCount, findings };
}

const comparePython: InstallationReader = async ({ repository }, stack, lock) => {
  const sitePackages = await findSitePackages(repository.root, stack.folder);
  if (!sitePackages) return unknown('The workspace has no virtual environment (.venv or venv).');
  const versions = new Map<string, string>();
  for (const entry of await readdir(sitePackages)) {
    const [, name, version] = /^(.+?)-(\d[^-]*)(?:-py[\d.]+)?\.(?:dist-info|egg-info)$/.exec(entry) ?? [];
    if (name && version) versions.set(normalizePackageName(name), version);
  }
  const lockEntries = new Map((lock?.entries ?? []).map((entry) => [normalizePackageName(entry.name), entry]));
  const findings: Finding[] = [];
  const requirements = (await readManifestRequirements(repository, stack)).filter(({ kind }) => kind === 'required');
  for (const { name, range, line } of requirements) {
    const version = versions.get(normalizePackageName(name));
    const locked = lockEntries.get(normalizePackageName(name))?.version;
    const location = { file: stack.manifest, ...defined({ line }) };
    if (version === undefined) {
      const folder = posix.relative(repository.root, sitePackages);
      findings.push({ ...location, message: `“${name}” is not installed in ${folder}.` });
    } else if (locked && locked !== version)
      findings.push({ ...location, message: `“${name}” is locked as ${locked} but installed as ${version}.` });
    else if (!locked && isInRange('python', version, range) === false)
      findings.push({ ...location, message: `“${name}” is required as ${range} but installed as ${version}.` });
  }
  const fix = stack.folder === '' ? pythonInstallCommands[stack.packageManager] : undefined;
  return { packageCount: requirements.length, findings, ...defined({ fix }) };
};

const pythonInstallCommands: Readonly<Record<string, readonly string[]>> = {
  uv: ['uv', 'sync'],
  poetry: ['poetry', 'install'],
  pdm: ['pdm', 'sync'],
  pipenv: ['pipenv', 'sync'],
};

/** Returns the site-packages folder of the nearest virtual environment. */
async function findSitePackages(root: string, folder: string): Promise<string | undefined> {
  for (const parent of foldersAround(folder)) {
    for (const name of ['.venv', 'venv']) {
      const windowsFolder = join(root, parent, name, 'Lib/site-packages');
      if (existsSync(windowsFolder)) return windowsFolder;
      const libraries = join(root, parent, name, 'lib');
      for (const version of await readdir(libraries).catch(() => [])) {
        const sitePackages = join(libraries, version, 'site-packages');
        if (existsSync(sitePackages)) return sitePackages;
      }
    }
  }
  return undefined;
}

/** Runs `cargo metadata`, because only cargo knows which crates this platform needs. */
const compareRust: InstallationReader = async (context, stack, lock) => {
  if (!lock || lock.folder !== stack.folder) return { packageCount: 0, findings: [] };
  const env = { RUSTUP_AUTO_INSTALL: '0' };
  const rustc = await runTool(context, 'rustc', ['-vV'], { cwd: stack.folder, env });
  const host = /^host: (\S+)$/m.exec(rustc?.stdout ?? '')?.[1];
  if (!host) return unknown('Rust is not installed.');
  const args = ['metadata', '--offline', '--locked', '--format-version', '1', '--filter-platform', host];
  const result = await runTool(context, 'cargo', args, { cwd: stack.folder, env });
  if (!result) return unknown('cargo is not installed.');
  const packageCount = lock.entries.filter(({ origin }) => origin !== 'workspace').length;
  if (result.code === 0) return { packageCount, findings: [] };
  if (!/--offline|HTTP|download|no matching package|unable to update/i.test(result.stderr))
    return unknown(`cargo metadata failed: ${firstLine(result.stderr)}.`);
  return {
    packageCount,
    findings: [{ file: lock.file, message: 'Some locked crates are not downloaded.' }],
    fix: ['cargo', 'fetch'],
  };
};

const compareGo: InstallationReader = async (context, stack) => {
  const requirements = await readManifestRequirements(context.repository, stack);
  if (requirements.length === 0) return { packageCount: 0, findings: [] };
  const env = { GOPROXY: 'off', GOTOOLCHAIN: 'local', GOFLAGS: process.env['GOFLAGS'] ?? '' };
  const result = await runTool(context, 'go', ['list', '-deps', './...'], { cwd: stack.folder, env });
  if (!result) return unknown('go is not installed.');
  if (result.code === 0) return { packageCount: requirements.length, findings: [] };
  if (!/module lookup disabled|cannot find module|GOPROXY=off/.test(result.stderr))
    return unknown(`go list failed: ${firstLine(result.stderr)}.`);
  return {
    packageCount: requirements.length,
    findings: [{ file: stack.manifest, message: 'Some required modules are not downloaded.' }],
    fix: ['go', 'mod', 'download'],
  };
};

const readers: Readonly<Record<Stack['id'], InstallationReader>> = {
  node: compareNode,
  python: comparePython,
  rust: compareRust,
  go: compareGo,
};

export const depsInstalled: Check = {
  id: 'BLD_DEPS_INSTALLED',
  category: 'build',
  severity: 'warning',
  minProfile: 'dev',
  title: 'Installed packages match the lock file and the manifests',
  timeoutMs: 10_000,
  lane: 'process',
  run: async (context) => {
    const stacks = await context.repository.stacks();
    if (stacks.length === 0)
      return skip('not_applicable', 'The workspace has no manifest of Node, Python, Rust or Go.');
    const locks = await readLocks(context.repository);
    const reports: InstallationReport[] = [];
    for (const stack of stacks) reports.push(await readers[stack.id](context, stack, findLock(locks, stack)));
    const findings = reports.flatMap((report) => report.findings);
    const packageCount = reports.reduce((sum, report) => sum + report.packageCount, 0);
    const reasons = [...new Set(reports.flatMap(({ reason }) => reason ?? []))].join(' ');
    if (findings.length > 0) {
      const command = reports.find((report) => report.findings.length > 0 && report.fix)?.fix;
      const count = plural(findings.length, 'mismatch', 'mismatches');
      return fail(`${count} between required and installed packages: ${findings[0]?.message}`, {
        findings: findingsOf(findings, (finding) => finding),
        remediation: [
          {
            priority: 'high',
            title: 'Install the dependencies',
            steps: ['Install the locked versions with the package manager.'],
            ...defined({ command }),
          },
        ],
      });
    }
    if (packageCount === 0) return skip('not_applicable', reasons || 'No project has dependencies.');
    const count = plural(packageCount, 'package is', 'packages are');
    return pass(`${count} installed as required.${reasons && ` ${reasons}`}`);
  },
};
