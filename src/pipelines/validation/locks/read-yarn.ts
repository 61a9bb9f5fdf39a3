/** yarn.lock: the format of Yarn 1, and the YAML of those after it. */

import { type Content, type Entry, originOf, turn } from './lock.ts';
import { linesOf, scalar } from './yaml-lines.ts';

const stretch = 5000;

interface Draft {
  readonly asked: readonly string[];
  readonly line: number;
  readonly fields: Map<string, string>;
  /** `dependencies` of a project of the repository. */
  readonly wishes: Map<string, string>;
}

export function readYarn(text: string): Promise<Content> {
  return /^__metadata:/m.test(text) ? readBerry(text) : readClassic(text);
}

async function readClassic(text: string): Promise<Content> {
  const drafts: Draft[] = [];
  for (const [at, whole] of text.split('\n').entries()) {
    if (at % stretch === stretch - 1) await turn();
    const [, indent = '', rest = ''] = /^( *)([^#\s].*)$/.exec(whole) ?? [];
    if (rest === '') continue;
    if (indent === '')
      drafts.push({ asked: keysOf(rest.slice(0, -1)), line: at + 1, fields: new Map(), wishes: new Map() });
    else if (indent.length === 2 && !rest.endsWith(':')) {
      const space = rest.indexOf(' ');
      drafts.at(-1)?.fields.set(rest.slice(0, space), scalar(rest.slice(space + 1)));
    }
  }
  return { version: '1', entries: drafts.map(classicEntry) };
}

function classicEntry({ asked, line, fields }: Draft): Entry {
  const resolved = fields.get('resolved');
  const wish = rangeOf(asked[0] ?? '');
  const found = originOf(resolved ?? wish);
  const asGit = originOf(wish).origin === 'git' || found.origin === 'git';
  // Behind `#` of an archive stands its SHA-1, behind that of a repository the commit.
  const hash = /#([0-9a-f]{40})$/.exec(resolved ?? '')?.[1];
  const packed = /codeload\.github\.com\/.*\/([0-9a-f]{40})$/.exec(resolved ?? '')?.[1];
  const integrity = fields.get('integrity') ?? hash ?? packed;
  return {
    name: nameOf(asked[0] ?? ''),
    version: fields.get('version') ?? '',
    origin: asGit || packed ? 'git' : found.origin === 'url' && !/^https?:/.test(wish) ? 'registry' : found.origin,
    line,
    asked,
    ...(resolved && { resolved }),
    ...(integrity && { integrity }),
  };
}

async function readBerry(text: string): Promise<Content> {
  const drafts: Draft[] = [];
  let [version, block, count] = ['', '', 0];
  for (const { indent, key, value, line } of linesOf(text)) {
    if (++count % stretch === 0) await turn();
    const draft = drafts.at(-1);
    if (indent === 0) {
      block = '';
      drafts.push({ asked: key.split(/,\s*/), line, fields: new Map(), wishes: new Map() });
    } else if (indent === 2) {
      block = value === '' ? key : '';
      draft?.fields.set(key, value);
      if (draft?.asked[0] === '__metadata' && key === 'version') version = value;
    } else if (block === 'dependencies') draft?.wishes.set(key, value);
  }
  const packages = drafts.filter(({ asked }) => asked[0] !== '__metadata');
  const members = packages.filter((one) => folderOf(one) !== undefined);
  return {
    version,
    entries: packages.map(berryEntry),
    wishes: new Map(members.map((one) => [folderOf(one) ?? '', one.wishes])),
  };
}

function berryEntry(draft: Draft): Entry {
  const { asked, line, fields } = draft;
  const resolution = fields.get('resolution') ?? asked[0] ?? '';
  const range = rangeOf(resolution);
  const found = originOf(range.replace(/^(npm|patch|workspace):/, ''));
  const checksum = fields.get('checksum') ?? found.integrity;
  const origin = /^workspace:/.test(range) ? 'workspace' : /^(npm|patch):/.test(range) ? 'registry' : found.origin;
  return {
    name: nameOf(resolution),
    version: fields.get('version') ?? '',
    origin,
    line,
    asked,
    ...(origin !== 'registry' && { resolved: range }),
    ...(checksum && { integrity: checksum }),
    // The archive of a package for one platform is not fetched elsewhere, so it has no checksum there.
    ...(fields.has('conditions') && { optional: true }),
  };
}

/** Folder of a project of the repository. */
function folderOf({ fields }: Draft): string | undefined {
  const folder = /@workspace:(.*)$/.exec(fields.get('resolution') ?? '')?.[1];
  return folder === '.' ? '' : folder;
}

const keysOf = (text: string): string[] => text.split(/,\s*/).map((one) => scalar(one));
const nameOf = (text: string): string => text.slice(0, Math.max(text.indexOf('@', 1), 0)) || text;
const rangeOf = (text: string): string => text.slice(text.indexOf('@', 1) + 1);
