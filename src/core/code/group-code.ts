import type { CodeGroup, CodeKind, CodeTimes } from '../../protocol/code-times.ts';
import { plural } from '../../protocol/plural.ts';
import type { MeasurementSource } from '../../protocol/snapshot.ts';
import type { CodePlace } from './code-place.ts';
import { splitFolders } from './split-folders.ts';

/** Time of the code of one place. */
export interface PlaceTime {
  readonly place: CodePlace;
  readonly timeNs: number;
  readonly source: MeasurementSource;
}

/** Maximum number of groups that are not united from smaller ones. */
const maxGroups = 6;
/** Groups with a smaller share are united. */
const minShare = 0.01;

interface Candidate extends Omit<CodeGroup, 'members'> {
  readonly member: string;
  readonly isFolder: boolean;
}

/**
 * Groups the time of code by the folders of the workspace that show best where it goes, by package and by runtime. The largest
 * groups are listed; smaller ones of a kind are united.
 */
export function groupCode(times: Iterable<PlaceTime>): CodeTimes {
  const candidates = listCandidates([...times].filter(({ timeNs }) => timeNs > 0));
  const totalNs = candidates.reduce((sum, { cpuNs }) => sum + cpuNs, 0);
  const ranked = candidates.filter(({ cpuNs }) => cpuNs > 0).sort((left, right) => right.cpuNs - left.cpuNs);
  const listed = ranked.slice(0, maxGroups).filter(({ cpuNs }) => cpuNs >= minShare * totalNs);
  const small = ranked.slice(listed.length);
  const united = [
    unite(small, 'workspace'),
    unite(small, 'package'),
    // The runtime has few parts, so they share a row with what has no owner.
    unite(small, 'runtime', 'other'),
  ].flat();
  return { totalNs, groups: [...listed.map(toGroup), ...united] };
}

function listCandidates(times: readonly PlaceTime[]): Candidate[] {
  const files = new Map<string, number>();
  const candidates = new Map<string, Candidate>();
  let fileSource: MeasurementSource = 'measured';
  for (const { place, timeNs, source } of times) {
    const { kind, name, isNamed } = place;
    if (kind === 'workspace' && !isNamed) {
      files.set(name, (files.get(name) ?? 0) + timeNs);
      if (source !== 'measured') fileSource = source;
      continue;
    }
    const key = `${kind}\0${name}`;
    const cpuNs = (candidates.get(key)?.cpuNs ?? 0) + timeNs;
    candidates.set(key, { kind, name, member: name, isFolder: true, cpuNs, source });
  }
  const common = commonFolder([...files.keys()]);
  const rows = splitFolders(files).map(({ path, isFolder, timeNs }): Candidate => {
    // A folder above all files names them no better than the workspace does.
    const name = path.startsWith(common) ? path.slice(common.length) : path || 'workspace';
    return { kind: 'workspace', name, member: path, isFolder, cpuNs: timeNs, source: fileSource };
  });
  return [...candidates.values(), ...rows];
}

/** Returns the folder that contains all files, with a `/` at its end, if they are absolute: as those of a profile are. */
function commonFolder(files: readonly string[]): string {
  const [first = '', ...others] = files;
  if (!/^(?:\/|[a-z][a-z+.-]*:)/i.test(first)) return '';
  let folder = first.slice(0, first.lastIndexOf('/') + 1);
  while (folder !== '' && !others.every((file) => file.startsWith(folder))) {
    folder = folder.slice(0, folder.slice(0, -1).lastIndexOf('/') + 1);
  }
  return folder;
}

function toGroup({ kind, name, member, cpuNs, source }: Candidate): CodeGroup {
  return { kind, name, members: [member], cpuNs, source };
}

function unite(small: readonly Candidate[], ...kinds: readonly [CodeKind, ...CodeKind[]]): readonly CodeGroup[] {
  const parts = small.filter(({ kind }) => kinds.includes(kind));
  const [first] = parts;
  if (!first) return [];
  if (parts.length === 1) return [toGroup(first)];
  const cpuNs = parts.reduce((sum, part) => sum + part.cpuNs, 0);
  const source = parts.find((part) => part.source !== 'measured')?.source ?? 'measured';
  const members = parts.slice(0, maxMembers).map(({ member }) => member);
  return [{ kind: kinds[0], name: nameOfUnited(parts, kinds[0]), members, cpuNs, source, united: parts.length }];
}

/** Maximum number of members that a united group lists; a run can have hundreds of packages. */
const maxMembers = 20;

function nameOfUnited(parts: readonly Candidate[], kind: CodeKind): string {
  if (kind === 'package') return plural(parts.length, 'smaller package');
  if (kind !== 'workspace') return plural(parts.length, 'smaller part', 'smaller parts of the runtime');
  const folders = parts.filter(({ isFolder }) => isFolder).length;
  if (folders === parts.length) return plural(folders, 'smaller folder');
  return folders === 0 ? plural(parts.length, 'smaller file') : `${parts.length} smaller folders and files`;
}

/** @param folder path without a slash at its end, except the root; the empty path contains everything */
function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder === '' || folder === '/' ? folder : `${folder}/`);
}

/** Returns the group that contains a place, or undefined if its code has no time. */
export function groupOfPlace({ groups }: CodeTimes, { kind, name }: CodePlace): CodeGroup | undefined {
  const isRest = (group: CodeGroup): boolean =>
    group.united !== undefined && (group.kind === kind || (kind === 'other' && group.kind === 'runtime'));
  const listed = groups.filter((group) => group.kind === kind && group.united === undefined);
  const owner = listed
    .filter(({ members: [member = ''] }) => {
      return name === member || (kind === 'workspace' && isInside(name, member));
    })
    .sort((left, right) => (right.members[0] ?? '').length - (left.members[0] ?? '').length)[0];
  return owner ?? groups.find(isRest);
}
