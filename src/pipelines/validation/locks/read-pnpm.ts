/** pnpm-lock.yaml, from version 5 to 9. */

import { type Content, type Entry, originOf, turn } from './lock.ts';
import { flow, linesOf } from './yaml-lines.ts';

/** Lines between two turns of others. */
const stretch = 5000;
const groups = new Set(['dependencies', 'devDependencies', 'optionalDependencies', 'specifiers']);

/** One package while its lines go by. */
interface Draft {
  readonly key: string;
  readonly line: number;
  readonly fields: Map<string, string>;
}

export async function readPnpm(text: string): Promise<Content> {
  const drafts: Draft[] = [];
  const wishes = new Map<string, Map<string, string>>();
  let [section, importer, group, name, version] = ['', '', '', '', ''];
  let count = 0;
  const wish = (key: string, range: string): void => {
    const folder = importer === '.' ? '' : importer;
    wishes.set(folder, (wishes.get(folder) ?? new Map<string, string>()).set(key, range));
  };
  for (const { indent, key, value, line } of linesOf(text)) {
    if (++count % stretch === 0) await turn();
    if (indent === 0) {
      section = key;
      if (key === 'lockfileVersion') version = value;
      // Without importers the root's own wishes stand at the top.
      if (groups.has(key)) [importer, group] = ['.', key];
    } else if (section === 'packages') {
      if (indent === 2) drafts.push({ key, line, fields: new Map() });
      else if (indent === 4 || indent === 6) drafts.at(-1)?.fields.set(key, value);
    } else {
      const depth = section === 'importers' ? indent - 4 : indent;
      if (section !== 'importers' && !groups.has(section)) continue;
      if (depth === -2) importer = key;
      else if (depth === 0) group = key;
      else if (depth === 2 && group === 'specifiers') wish(key, value);
      else if (depth === 2) name = key;
      else if (depth === 4 && key === 'specifier' && groups.has(group)) wish(name, value);
    }
  }
  return { version, entries: drafts.map(entryOf), wishes };
}

function entryOf({ key, line, fields }: Draft): Entry {
  const resolution = flow(fields.get('resolution') ?? '');
  for (const part of ['integrity', 'tarball', 'type', 'commit', 'repo', 'directory']) {
    const value = fields.get(part);
    if (value && !resolution.has(part)) resolution.set(part, value);
  }
  const [name, version] = nameOf(key);
  const commit = resolution.get('commit') ?? commitOf(resolution.get('tarball'));
  const resolved = resolution.get('tarball') ?? resolution.get('repo') ?? resolution.get('directory');
  const plain = /^\d/.test(version);
  const integrity = resolution.get('integrity') ?? commit;
  return {
    name: fields.get('name') ?? name,
    version: fields.get('version') ?? version,
    origin: resolution.has('directory') ? 'file' : commit ? 'git' : plain ? 'registry' : originOf(version).origin,
    line,
    ...(resolved && { resolved }),
    ...(integrity && { integrity }),
    ...(fields.get('requiresBuild') === 'true' && { hasInstallScript: true }),
    ...(fields.get('dev') === 'true' && { dev: true }),
    ...(fields.get('optional') === 'true' && { optional: true }),
  };
}

/** What a git host packs for one commit. */
const commitOf = (address = ''): string | undefined => /\/([0-9a-f]{40})$/.exec(address)?.[1];

/** `/name/1.0.0_peer`, `/name@1.0.0(peer)`, `name@1.0.0`, and addresses in the place of a version. */
function nameOf(key: string): [name: string, version: string] {
  const text = key.replace(/^\//, '').replace(/\(.*$/, '');
  const at = text.indexOf('@', 1);
  const old = /^((?:@[^/]+\/)?[^/@]+)\/(\d[^/_]*)(?:_.*)?$/.exec(text);
  if (old) return [old[1] ?? '', old[2] ?? ''];
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, text];
}
