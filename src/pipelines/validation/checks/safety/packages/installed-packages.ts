/** Reads metadata of installed packages, for information that is not in the lock file. */

import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { readRegularText } from '../../../../../process/read-regular-file.ts';
import type { Lock, LockEntry } from '../../../locks/lock.ts';
import { isTable, textIn } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';
import { normalizePackageName } from '../../normalize-package-name.ts';

type Table = Readonly<Record<string, unknown>>;

/** Larger files are ignored; no package has such metadata. */
const maxMetadataBytes = 4e6;

const readText = (path: string): string | undefined => readRegularText(path, { maxBytes: maxMetadataBytes });
const listFolder = (path: string): Promise<string[]> => readdir(path).catch(() => []);

/** Returns the package.json of a locked package, or undefined if this version is not installed. */
export async function readInstalledManifest(
  { root }: Repository,
  lock: Lock,
  { name, version, path }: LockEntry,
): Promise<Table | undefined> {
  const flat = `node_modules/${name}`;
  const packed = `node_modules/.pnpm/${name.replace('/', '+')}@${version}/${flat}`;
  for (const folder of path ? [path] : [flat, packed]) {
    const text = readText(join(root, lock.folder, folder, 'package.json'));
    try {
      const manifest: unknown = text === undefined ? undefined : JSON.parse(text);
      if (isTable(manifest) && manifest['version'] === version) return manifest;
    } catch {
      // Ignores an invalid manifest.
    }
  }
  return undefined;
}

/** Returns the license in a package.json, in the current form or an outdated one. */
export function npmLicense(manifest: Table): string | undefined {
  const { license, licenses } = manifest;
  if (typeof license === 'string') return license;
  if (isTable(license)) return textIn(license, 'type');
  if (!Array.isArray(licenses)) return undefined;
  const types = licenses
    .map((entry) => (isTable(entry) ? textIn(entry, 'type') : undefined))
    .filter((type) => type !== undefined);
  return types.length > 0 ? types.join(' OR ') : undefined;
}

/** Returns the licenses of the packages in a Python virtual environment of the workspace, by `name version`. */
export async function readWheelLicenses({ root }: Repository, lock: Lock): Promise<Map<string, string>> {
  const licenses = new Map<string, string>();
  for (const env of ['.venv', 'venv']) {
    const base = join(root, lock.folder, env);
    const pythons = (await listFolder(join(base, 'lib'))).map((python) => join(base, 'lib', python, 'site-packages'));
    for (const folder of [...pythons, join(base, 'Lib', 'site-packages')]) {
      for (const name of await listFolder(folder)) {
        if (!name.endsWith('.dist-info')) continue;
        const text = readText(join(folder, name, 'METADATA'));
        const license = text === undefined ? undefined : metadataLicense(text);
        const [, packageName = '', version = ''] = /^(.+)-([^-]+)\.dist-info$/.exec(name) ?? [];
        if (license) licenses.set(`${normalizePackageName(packageName)} ${version}`, license);
      }
    }
  }
  return licenses;
}

function metadataLicense(text: string): string | undefined {
  const head = text.split(/\r?\n\r?\n/)[0] ?? '';
  const expression = /^License-Expression: (.+)$/m.exec(head)?.[1];
  const classifiers = [...head.matchAll(/^Classifier: License :: (?:OSI Approved :: )?(.+)$/gm)].map(
    ([, name = '']) => name,
  );
  const specific = classifiers.filter((name) => name !== 'OSI Approved');
  // Longer values are the text of a license rather than its name.
  const plain = /^License: (.{1,60})$/m.exec(head)?.[1];
  return (expression ?? specific[0] ?? plain)?.trim();
}

/** Returns the license of a crate from Cargo's registry cache or a vendored copy. */
export async function readCrateLicense(
  { root }: Repository,
  lock: Lock,
  { name, version }: LockEntry,
): Promise<string | undefined> {
  const cargo = join(process.env['CARGO_HOME'] ?? join(homedir(), '.cargo'), 'registry', 'src');
  const vendor = join(root, lock.folder, 'vendor');
  const folders = [
    ...(await listFolder(cargo)).map((registry) => join(cargo, registry, `${name}-${version}`)),
    join(vendor, `${name}-${version}`),
    join(vendor, name),
  ];
  for (const folder of folders) {
    const text = readText(join(folder, 'Cargo.toml'));
    try {
      const manifest = text === undefined ? {} : parse(text)['package'];
      if (isTable(manifest) && manifest['version'] === version) return textIn(manifest, 'license');
    } catch {
      // Ignores an invalid manifest.
    }
  }
  return undefined;
}
