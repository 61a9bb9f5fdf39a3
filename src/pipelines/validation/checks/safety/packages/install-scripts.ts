/** SAF_INSTALL_SCRIPTS: only explicitly allowed packages run scripts when they are installed. */
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, type CheckOutcome, fail, pass, skip } from '../../../check/check.ts';
import type { Lock, LockEntry } from '../../../locks/lock.ts';
import { readLocks } from '../../../locks/locks.ts';
import { isTable, textIn } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';
import { listSome, maxFindings, toEvidence } from '../scan/scan-findings.ts';
import { readInstalledManifest } from './installed-packages.ts';

type Table = Readonly<Record<string, unknown>>;

/** Handling of install scripts by the package manager, according to the committed settings. */
interface ScriptPolicy {
  /** Only the scripts of allowed packages run. */
  readonly isAllowlist: boolean;
  readonly allowed: ReadonlySet<string>;
}

const installHooks = ['preinstall', 'install', 'postinstall'];

export const installScripts: Check = {
  id: 'SAF_INSTALL_SCRIPTS',
  category: 'safety',
  severity: 'warning',
  minProfile: 'enterprise',
  title: 'Only allowed packages run install scripts',
  timeoutMs: 5000,
  lane: 'cheap',
  async run({ repository }) {
    const locks = (await readLocks(repository)).filter(({ stack, entries }) => stack === 'node' && entries.length > 0);
    if (locks.length === 0) return skip('not_applicable', 'No npm, pnpm, yarn or bun lock file with packages found.');
    const findings: Finding[] = [];
    const unknown: string[] = [];
    let packages = 0;
    for (const lock of locks) {
      const { isAllowlist, allowed } = await readPolicy(repository, lock);
      const entries = lock.entries.filter(({ origin }) => origin !== 'workspace');
      const scripts = isAllowlist ? [] : await findPackagesWithScripts(repository, lock, entries);
      if (scripts === undefined) unknown.push(lock.file);
      else packages += entries.length;
      for (const { name, version, line } of scripts ?? []) {
        if (allowed.has(name)) continue;
        findings.push({ file: lock.file, line, message: `${name} ${version} runs a script when it is installed.` });
      }
    }
    return toOutcome(findings, packages, unknown);
  },
};

function toOutcome(findings: readonly Finding[], packages: number, unknown: readonly string[]): CheckOutcome {
  const note = unknown.length > 0 ? `No script information in ${listSome(unknown)} or in installed packages.` : '';
  if (packages === 0) return skip('not_applicable', note || 'No lock file has packages from outside the workspace.');
  const notes = note && ` ${note}`;
  if (findings.length === 0) return pass(`No disallowed install scripts in ${plural(packages, 'package')}.${notes}`);
  return fail(`${findings.length} of ${plural(packages, 'package')} can run install scripts.${notes}`, {
    findings: findings.slice(0, maxFindings),
    evidence: toEvidence(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)),
    remediation: [
      {
        priority: 'medium',
        title: 'Allow only the install scripts that are needed',
        steps: [
          'Add `ignore-scripts=true` to .npmrc and run the needed scripts manually, or use a package manager with an allowlist.',
          'List the packages that need scripts: pnpm.onlyBuiltDependencies, trustedDependencies (bun), dependenciesMeta.built (yarn), or lavamoat.allowScripts in package.json.',
        ],
      },
    ],
  });
}

async function readPolicy(repository: Repository, { folder, manager, version = '' }: Lock): Promise<ScriptPolicy> {
  const pathOf = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const manifest = await repository.json(pathOf('package.json'));
  const table: Table = isTable(manifest) ? manifest : {};
  const pnpm: Table = isTable(table['pnpm']) ? table['pnpm'] : {};
  const file = await repository.yaml(pathOf('pnpm-workspace.yaml'));
  const workspace: Table = isTable(file) ? file : {};
  const names = [table['trustedDependencies'], pnpm['onlyBuiltDependencies'], workspace['onlyBuiltDependencies']];
  const lists = names.flatMap((list) => (Array.isArray(list) ? [list.filter((name) => typeof name === 'string')] : []));
  const lavamoat: Table = isTable(table['lavamoat']) ? table['lavamoat'] : {};
  const maps = [lavamoat['allowScripts'], workspace['allowBuilds'], pnpm['allowBuilds']].filter(isTable);
  const allowed = new Set([
    ...lists.flat(),
    ...maps.flatMap((map) => Object.keys(map).map((key) => key.replace(/^.*>/, '').replace(/@[\d.^~ |]+$/, ''))),
  ]);
  const texts = await Promise.all([
    repository.text(pathOf('.npmrc')),
    repository.text(pathOf('.yarnrc.yml')),
    repository.text(pathOf('.yarnrc')),
  ]);
  const scriptsDisabled = /^\s*(?:ignore-scripts\s*=\s*true|enableScripts:\s*false|--?ignore-scripts\s+true)\s*$/m;
  const isPnpm10 =
    manager === 'pnpm' &&
    (/^pnpm@1\d\./.test(textIn(table, 'packageManager') ?? '') || (lists.length > 0 && version.startsWith('9')));
  return {
    isAllowlist: texts.some((text) => scriptsDisabled.test(text ?? '')) || manager === 'bun' || isPnpm10,
    allowed,
  };
}

/** Returns undefined if neither the lock file nor installed packages have the information. */
async function findPackagesWithScripts(
  repository: Repository,
  lock: Lock,
  entries: readonly LockEntry[],
): Promise<LockEntry[] | undefined> {
  const hasScriptInfo =
    (lock.manager === 'npm' && lock.version !== '1') || (lock.manager === 'pnpm' && !lock.version?.startsWith('9'));
  if (hasScriptInfo) return entries.filter(({ hasInstallScript }) => hasInstallScript);
  const withScripts: LockEntry[] = [];
  let installed = 0;
  for (const entry of entries) {
    const manifest = await readInstalledManifest(repository, lock, entry);
    if (!manifest) continue;
    installed++;
    const scripts = manifest['scripts'];
    if (isTable(scripts) && installHooks.some((hook) => typeof scripts[hook] === 'string')) withScripts.push(entry);
  }
  return installed > 0 ? withScripts : undefined;
}
