/** Reads yarn.lock: the format of Yarn 1, and the YAML of later versions. */
import { yieldToLoop } from '../../../process/yield-to-loop.ts';
import { type LockContent, type LockEntry, originOf } from './lock.ts';
import { parseScalar, parseYamlLines } from './yaml-lines.ts';

/** Number of lines between two yields to the event loop. */
const linesPerYield = 5000;

interface Draft {
  readonly descriptors: readonly string[];
  readonly line: number;
  readonly fields: Map<string, string>;
  /** `dependencies` of a project of this repository. */
  readonly requirements: Map<string, string>;
}

export function readYarn(text: string): Promise<LockContent> {
  return /^__metadata:/m.test(text) ? readBerry(text) : readClassic(text);
}

async function readClassic(text: string): Promise<LockContent> {
  const drafts: Draft[] = [];
  for (const [index, rawLine] of text.split('\n').entries()) {
    if (index % linesPerYield === linesPerYield - 1) await yieldToLoop();
    const [, indent = '', rest = ''] = /^( *)([^#\s].*)$/.exec(rawLine) ?? [];
    if (rest === '') continue;
    if (indent === '')
      drafts.push({
        descriptors: keysOf(rest.slice(0, -1)),
        line: index + 1,
        fields: new Map(),
        requirements: new Map(),
      });
    else if (indent.length === 2 && !rest.endsWith(':')) {
      const space = rest.indexOf(' ');
      drafts.at(-1)?.fields.set(rest.slice(0, space), parseScalar(rest.slice(space + 1)));
    }
  }
  return { version: '1', entries: drafts.map(classicEntry) };
}

function classicEntry({ descriptors, line, fields }: Draft): LockEntry {
  const resolved = fields.get('resolved');
  const range = rangeOf(descriptors[0] ?? '');
  const source = originOf(resolved ?? range);
  const isGit = originOf(range).origin === 'git' || source.origin === 'git';
  // The part after `#` is the SHA-1 of an archive or the commit of a repository.
  const hash = /#([0-9a-f]{40})$/.exec(resolved ?? '')?.[1];
  const archiveCommit = /codeload\.github\.com\/.*\/([0-9a-f]{40})$/.exec(resolved ?? '')?.[1];
  const integrity = fields.get('integrity') ?? hash ?? archiveCommit;
  return {
    name: nameOf(descriptors[0] ?? ''),
    version: fields.get('version') ?? '',
    origin:
      isGit || archiveCommit ? 'git' : source.origin === 'url' && !/^https?:/.test(range) ? 'registry' : source.origin,
    line,
    descriptors,
    ...(resolved && { resolved }),
    ...(integrity && { integrity }),
  };
}

async function readBerry(text: string): Promise<LockContent> {
  const drafts: Draft[] = [];
  let [version, block, count] = ['', '', 0];
  for (const { indent, key, value, line } of parseYamlLines(text)) {
    if (++count % linesPerYield === 0) await yieldToLoop();
    const draft = drafts.at(-1);
    if (indent === 0) {
      block = '';
      drafts.push({ descriptors: key.split(/,\s*/), line, fields: new Map(), requirements: new Map() });
    } else if (indent === 2) {
      block = value === '' ? key : '';
      draft?.fields.set(key, value);
      if (draft?.descriptors[0] === '__metadata' && key === 'version') version = value;
    } else if (block === 'dependencies') draft?.requirements.set(key, value);
  }
  const packages = drafts.filter(({ descriptors }) => descriptors[0] !== '__metadata');
  const members = packages.filter((draft) => folderOf(draft) !== undefined);
  return {
    version,
    entries: packages.map(berryEntry),
    requirements: new Map(members.map((draft) => [folderOf(draft) ?? '', draft.requirements])),
  };
}

function berryEntry(draft: Draft): LockEntry {
  const { descriptors, line, fields } = draft;
  const resolution = fields.get('resolution') ?? descriptors[0] ?? '';
  const range = rangeOf(resolution);
  const source = originOf(range.replace(/^(npm|patch|workspace):/, ''));
  const checksum = fields.get('checksum') ?? source.integrity;
  const origin = /^workspace:/.test(range) ? 'workspace' : /^(npm|patch):/.test(range) ? 'registry' : source.origin;
  return {
    name: nameOf(resolution),
    version: fields.get('version') ?? '',
    origin,
    line,
    descriptors,
    ...(origin !== 'registry' && { resolved: range }),
    ...(checksum && { integrity: checksum }),
    // Packages for another platform are not fetched, so they have no checksum.
    ...(fields.has('conditions') && { optional: true }),
  };
}

/** Returns the folder of a workspace member, or undefined for any other package. */
function folderOf({ fields }: Draft): string | undefined {
  const folder = /@workspace:(.*)$/.exec(fields.get('resolution') ?? '')?.[1];
  return folder === '.' ? '' : folder;
}

const keysOf = (text: string): string[] => text.split(/,\s*/).map((key) => parseScalar(key));
const nameOf = (text: string): string => text.slice(0, Math.max(text.indexOf('@', 1), 0)) || text;
const rangeOf = (text: string): string => text.slice(text.indexOf('@', 1) + 1);
