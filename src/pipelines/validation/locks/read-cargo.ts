/** Cargo.lock, all versions. */

import type { Content, Entry, Origin } from './lock.ts';
import { blocksOf, isTable, textIn } from './toml-blocks.ts';

export async function readCargo(text: string): Promise<Content> {
  const { rest, packages } = await blocksOf(text);
  // Version 1 keeps the checksums apart, by `checksum name version (source)`.
  const apart = isTable(rest['metadata']) ? rest['metadata'] : {};
  const entries = packages.map(({ line, value }): Entry => {
    const [name, version] = [textIn(value, 'name') ?? '', textIn(value, 'version') ?? ''];
    const source = textIn(value, 'source');
    const checksum = textIn(value, 'checksum') ?? textIn(apart, `checksum ${name} ${version} (${source})`);
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

/** A package without a source stands in a folder of this repository, or beside it. */
function originOf(source: string | undefined): Origin {
  if (!source) return 'workspace';
  return source.startsWith('git+') ? 'git' : 'registry';
}
