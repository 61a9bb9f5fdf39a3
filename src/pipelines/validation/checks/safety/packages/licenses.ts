/** SAF_LICENSES: the licenses of all locked packages permit their use in this project. */
import { yieldToLoop } from '../../../../../process/yield-to-loop.ts';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import type { Lock, LockEntry } from '../../../locks/lock.ts';
import { readLocks } from '../../../locks/locks.ts';
import { isTable, textIn } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';
import { normalizePackageName } from '../../normalize-package-name.ts';
import { listSome, maxFindings, toEvidence } from '../scan/scan-findings.ts';
import { npmLicense, readCrateLicense, readInstalledManifest, readWheelLicenses } from './installed-packages.ts';
import { classifyLicense } from './spdx.ts';

const packagesPerYield = 50;
const licenseFile = /^(?:licen[cs]e|copying)(?:[.-][^/]*)?$/i;

interface LicensedPackage {
  readonly lock: Lock;
  readonly entry: LockEntry;
  readonly license?: string;
}

export const licenses: Check = {
  id: 'SAF_LICENSES',
  category: 'safety',
  severity: 'warning',
  minProfile: 'ci',
  title: 'No locked packages with copyleft or restrictive licenses',
  timeoutMs: 5000,
  lane: 'cheap',
  async run({ repository }) {
    const locks = (await readLocks(repository)).filter(({ entries }) => entries.length > 0);
    if (locks.length === 0) return skip('not_applicable', 'No lock file with packages found.');
    const packages: LicensedPackage[] = [];
    for (const lock of locks) packages.push(...(await collectLicenses(repository, lock)));
    const licensed = packages.filter(({ license }) => license !== undefined);
    if (licensed.length === 0) {
      const where = listSome(locks.map(({ file }) => file));
      return skip(
        'not_applicable',
        `No license information for ${plural(packages.length, 'package')} in ${where} or in installed packages.`,
      );
    }
    const isCopyleft = await isCopyleftProject(repository);
    const findings = licensed.flatMap((candidate) => findProblems(candidate, isCopyleft));
    const unknown = licensed.filter(({ license = '' }) => classifyLicense(license) === 'unknown');
    const unknownNames = listSome([...new Set(unknown.map(({ license = '' }) => license.slice(0, 40)))]);
    const missing = packages.length - licensed.length;
    const notes = [
      ...(unknown.length > 0 ? [`${unknown.length} unknown (${unknownNames})`] : []),
      ...(missing > 0 ? [`${missing} without license information`] : []),
    ];
    const suffix = notes.length > 0 ? `; ${notes.join(', ')}` : '';
    const evidence = toEvidence(licensed.map(({ entry, license }) => `${entry.name} ${entry.version} ${license}`));
    if (findings.length === 0) {
      const message = `No copyleft or restrictive licenses in ${plural(licensed.length, 'package')}${suffix}.`;
      return pass(message, { evidence });
    }
    return fail(
      `${findings.length} of ${plural(licensed.length, 'package')} with a copyleft or restrictive license${suffix}.`,
      {
        findings: findings.slice(0, maxFindings),
        evidence,
        remediation: [
          {
            priority: 'medium',
            title: 'Review the licenses of these packages',
            steps: [
              'Read the license. Some packages offer an alternative license or an exception.',
              'Replace the package, or obtain a suitable license.',
            ],
          },
        ],
      },
    );
  },
};

async function collectLicenses(repository: Repository, lock: Lock): Promise<LicensedPackage[]> {
  const entries = lock.entries.filter(({ origin, path }) => origin !== 'workspace' && path !== '');
  const wheels = lock.stack === 'python' ? await readWheelLicenses(repository, lock) : new Map<string, string>();
  const packages: LicensedPackage[] = [];
  for (const [index, entry] of entries.entries()) {
    if (index % packagesPerYield === packagesPerYield - 1) await yieldToLoop();
    const license = entry.license ?? (await readInstalledLicense(repository, lock, entry, wheels));
    packages.push({ lock, entry, ...(license && { license }) });
  }
  return packages;
}

async function readInstalledLicense(
  repository: Repository,
  lock: Lock,
  entry: LockEntry,
  wheels: Map<string, string>,
): Promise<string | undefined> {
  if (lock.stack === 'node') {
    const manifest = await readInstalledManifest(repository, lock, entry);
    return manifest && npmLicense(manifest);
  }
  if (lock.stack === 'rust') return readCrateLicense(repository, lock, entry);
  return wheels.get(`${normalizePackageName(entry.name)} ${entry.version}`);
}

/** Reports copyleft and restrictive licenses. Copyleft is accepted for development dependencies, which are not distributed. */
function findProblems({ lock, entry, license = '' }: LicensedPackage, isCopyleft: boolean): Finding[] {
  const licenseClass = classifyLicense(license);
  const imposesCopyleft = licenseClass === 'copyleft' && !isCopyleft && !entry.dev;
  // A copyleft project may use AGPL packages, but not proprietary ones.
  const restrictsUse = licenseClass === 'forbidden' && !(isCopyleft && /^A?GPL/i.test(license));
  if (!imposesCopyleft && !restrictsUse) return [];
  const consequence = imposesCopyleft ? 'extends to the software that includes it' : 'restricts its use';
  return [
    {
      file: lock.file,
      line: entry.line,
      message: `${entry.name} ${entry.version} is licensed under ${license}, which ${consequence}.`,
    },
  ];
}

/** Returns true if this project has a copyleft license, according to its manifests or license file. */
async function isCopyleftProject(repository: Repository): Promise<boolean> {
  const declared: string[] = [];
  for (const { manifest } of await repository.stacks()) {
    const table = manifest.endsWith('.toml') ? await repository.toml(manifest) : await repository.json(manifest);
    if (!isTable(table)) continue;
    const inner = table['package'] ?? table['project'] ?? table;
    const license = isTable(inner) ? inner['license'] : undefined;
    const text = isTable(license) ? textIn(license, 'text') : license;
    if (typeof text === 'string') declared.push(text);
  }
  if (declared.some((license) => /GPL/i.test(license) && classifyLicense(license) !== 'allowed')) return true;
  const licenseFiles = (await repository.files()).filter((file) => licenseFile.test(file));
  const texts = await Promise.all(licenseFiles.map((file) => repository.text(file)));
  return texts.some((text) => /^\s*GNU (?:AFFERO )?GENERAL PUBLIC LICENSE/.test(text ?? ''));
}
