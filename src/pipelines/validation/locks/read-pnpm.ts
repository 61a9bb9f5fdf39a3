/** Reads pnpm-lock.yaml, versions 5 to 9. */
import { yieldToLoop } from '../../../process/yield-to-loop.ts';
import { type LockContent, type LockEntry, originOf } from './lock.ts';
import { parseFlowMapping, parseYamlLines } from './yaml-lines.ts';

/** Number of lines between two yields to the event loop. */
const linesPerYield = 5000;
const groups = new Set(['dependencies', 'devDependencies', 'optionalDependencies', 'specifiers']);

/** Fields of one package, collected line by line. */
interface Draft {
  readonly key: string;
  readonly line: number;
  readonly fields: Map<string, string>;
}

export async function readPnpm(text: string): Promise<LockContent> {
  const drafts: Draft[] = [];
  const requirements = new Map<string, Map<string, string>>();
  let [section, importer, group, name, version] = ['', '', '', '', ''];
  let count = 0;
  const addRequirement = (key: string, range: string): void => {
    const folder = importer === '.' ? '' : importer;
    requirements.set(folder, (requirements.get(folder) ?? new Map<string, string>()).set(key, range));
  };
  for (const { indent, key, value, line } of parseYamlLines(text)) {
    if (++count % linesPerYield === 0) await yieldToLoop();
    if (indent === 0) {
      section = key;
      if (key === 'lockfileVersion') version = value;
      // Without importers, the requirements of the root are at the top level.
      if (groups.has(key)) [importer, group] = ['.', key];
    } else if (section === 'packages') {
      if (indent === 2) drafts.push({ key, line, fields: new Map() });
      else if (indent === 4 || indent === 6) drafts.at(-1)?.fields.set(key, value);
    } else {
      const depth = section === 'importers' ? indent - 4 : indent;
      if (section !== 'importers' && !groups.has(section)) continue;
      if (depth === -2) importer = key;
      else if (depth === 0) group = key;
      else if (depth === 2 && group === 'specifiers') addRequirement(key, value);
      else if (depth === 2) name = key;
      else if (depth === 4 && key === 'specifier' && groups.has(group)) addRequirement(name, value);
    }
  }
  return { version, entries: drafts.map(entryOf), requirements };
}

function entryOf({ key, line, fields }: Draft): LockEntry {
  const resolution = parseFlowMapping(fields.get('resolution') ?? '');
  for (const part of ['integrity', 'tarball', 'type', 'commit', 'repo', 'directory']) {
    const value = fields.get(part);
    if (value && !resolution.has(part)) resolution.set(part, value);
  }
  const [name, version] = parseKey(key);
  const commit = resolution.get('commit') ?? commitOf(resolution.get('tarball'));
  const resolved = resolution.get('tarball') ?? resolution.get('repo') ?? resolution.get('directory');
  const isVersion = /^\d/.test(version);
  const integrity = resolution.get('integrity') ?? commit;
  return {
    name: fields.get('name') ?? name,
    version: fields.get('version') ?? version,
    origin: resolution.has('directory') ? 'file' : commit ? 'git' : isVersion ? 'registry' : originOf(version).origin,
    line,
    ...(resolved && { resolved }),
    ...(integrity && { integrity }),
    // pnpm assumes scripts in packages that it has not downloaded, such as those for other processors.
    ...(fields.get('requiresBuild') === 'true' && !mayBeUnseen(fields) && { hasInstallScript: true }),
    ...(fields.get('dev') === 'true' && { dev: true }),
    ...(fields.get('optional') === 'true' && { optional: true }),
  };
}

/** Returns true for an optional package whose content pnpm may not have seen, unless it is for one system, as fsevents is. */
const mayBeUnseen = (fields: ReadonlyMap<string, string>): boolean =>
  fields.get('optional') === 'true' && (fields.has('cpu') || !fields.has('os'));

/** Returns the commit of an archive that a Git host serves. */
const commitOf = (address = ''): string | undefined => /\/([0-9a-f]{40})$/.exec(address)?.[1];

/** Parses `/name/1.0.0_peer`, `/name@1.0.0(peer)` or `name@1.0.0`; an address may take the place of the version. */
function parseKey(key: string): [name: string, version: string] {
  const text = key.replace(/^\//, '').replace(/\(.*$/, '');
  const separator = text.indexOf('@', 1);
  const slashForm = /^((?:@[^/]+\/)?[^/@]+)\/(\d[^/_]*)(?:_.*)?$/.exec(text);
  if (slashForm) return [slashForm[1] ?? '', slashForm[2] ?? ''];
  return separator > 0 ? [text.slice(0, separator), text.slice(separator + 1)] : [text, text];
}
