/** What packages say of themselves where they are installed, for what their lock does not tell. */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import type { Entry, Lock } from '../../../locks/lock.ts';
import { isTable, textIn } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';

type Table = Readonly<Record<string, unknown>>;

const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);
const list = (path: string): Promise<string[]> => readdir(path).catch(() => []);

/** The package.json of a locked package of this very version, if it is installed. */
export async function packageOf(
  { root }: Repository,
  lock: Lock,
  { name, version, path }: Entry,
): Promise<Table | undefined> {
  const flat = `node_modules/${name}`;
  const packed = `node_modules/.pnpm/${name.replace('/', '+')}@${version}/${flat}`;
  for (const folder of path ? [path] : [flat, packed]) {
    const text = await readText(join(root, lock.folder, folder, 'package.json'));
    try {
      const manifest: unknown = text === undefined ? undefined : JSON.parse(text);
      if (isTable(manifest) && manifest['version'] === version) return manifest;
    } catch {
      // Broken: then it says nothing.
    }
  }
  return undefined;
}

/** Licence of a package of npm, in all the forms that it has had. */
export function licenseIn(manifest: Table): string | undefined {
  const { license, licenses } = manifest;
  if (typeof license === 'string') return license;
  if (isTable(license)) return textIn(license, 'type');
  if (!Array.isArray(licenses)) return undefined;
  const types = licenses
    .map((one) => (isTable(one) ? textIn(one, 'type') : undefined))
    .filter((one) => one !== undefined);
  return types.length > 0 ? types.join(' OR ') : undefined;
}

/** Licences of the Python packages in an environment of the workspace, by `name version`. */
export async function wheelLicenses({ root }: Repository, lock: Lock): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const env of ['.venv', 'venv']) {
    const base = join(root, lock.folder, env);
    const pythons = (await list(join(base, 'lib'))).map((python) => join(base, 'lib', python, 'site-packages'));
    for (const folder of [...pythons, join(base, 'Lib', 'site-packages')]) {
      for (const name of await list(folder)) {
        if (!name.endsWith('.dist-info')) continue;
        const text = await readText(join(folder, name, 'METADATA'));
        const license = text === undefined ? undefined : metadataLicense(text);
        const [, own = '', version = ''] = /^(.+)-([^-]+)\.dist-info$/.exec(name) ?? [];
        if (license) found.set(`${normal(own)} ${version}`, license);
      }
    }
  }
  return found;
}

/** Names of Python packages are the same whatever joins their words (PEP 503). */
export const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

function metadataLicense(text: string): string | undefined {
  const head = text.split(/\r?\n\r?\n/)[0] ?? '';
  const expression = /^License-Expression: (.+)$/m.exec(head)?.[1];
  const classifiers = [...head.matchAll(/^Classifier: License :: (?:OSI Approved :: )?(.+)$/gm)].map(
    ([, name = '']) => name,
  );
  const told = classifiers.filter((name) => name !== 'OSI Approved');
  // Some put the whole text in the field; a name is short.
  const plain = /^License: (.{1,60})$/m.exec(head)?.[1];
  return (expression ?? told[0] ?? plain)?.trim();
}

/** Licence of a crate, from a vendored copy or Cargo's own. */
export async function crateLicense(
  { root }: Repository,
  lock: Lock,
  { name, version }: Entry,
): Promise<string | undefined> {
  const cargo = join(process.env['CARGO_HOME'] ?? join(homedir(), '.cargo'), 'registry', 'src');
  const vendor = join(root, lock.folder, 'vendor');
  const folders = [
    ...(await list(cargo)).map((registry) => join(cargo, registry, `${name}-${version}`)),
    join(vendor, `${name}-${version}`),
    join(vendor, name),
  ];
  for (const folder of folders) {
    const text = await readText(join(folder, 'Cargo.toml'));
    try {
      const manifest = text === undefined ? {} : parse(text)['package'];
      if (isTable(manifest) && manifest['version'] === version) return textIn(manifest, 'license');
    } catch {
      // Broken: then it says nothing.
    }
  }
  return undefined;
}
