/** Reads all versions of Cargo.lock. */
import type { LockContent, LockEntry, PackageOrigin } from './lock.ts';
import { isTable, parseTomlBlocks, textIn } from './toml-blocks.ts';

export async function readCargo(text: string): Promise<LockContent> {
  const { rest, packages } = await parseTomlBlocks(text);
  // Version 1 stores checksums separately under `checksum name version (source)`.
  const metadata = isTable(rest['metadata']) ? rest['metadata'] : {};
  const entries = packages.map(({ line, value }): LockEntry => {
    const [name, version] = [textIn(value, 'name') ?? '', textIn(value, 'version') ?? ''];
    const source = textIn(value, 'source');
    const checksum = textIn(value, 'checksum') ?? textIn(metadata, `checksum ${name} ${version} (${source})`);
    const commit = /^git\+.*#([0-9a-f]{40})$/.exec(source ?? '')?.[1];
    const integrity = checksum ?? commit;
    return {
      name,
      version,
      origin: originOf(source),
      line,
      ...(source && { resolved: source }),
      ...(integrity && { integrity }),
    };
  });
  const version = rest['version'];
  return { ...(version !== undefined && { version: String(version) }), entries };
}

/** Packages without a source are in a folder of this repository or beside it. */
function originOf(source: string | undefined): PackageOrigin {
  if (!source) return 'workspace';
  return source.startsWith('git+') ? 'git' : 'registry';
}
