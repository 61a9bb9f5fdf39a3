/** Content of a created file, and of the members of an archive, so that two builds of it can be compared. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { hashOf } from '../../../../detection/files/content-hash.ts';

export interface ArtifactContent {
  readonly hash: string;
  readonly bytes: number;
  /** Hashes or checksums of the members by name, if the file is an archive. */
  readonly members?: ReadonlyMap<string, string>;
}

/** Formats that are ZIP or tar archives. */
const zipName = /\.(?:whl|zip|jar|war|ear|nupkg|vsix|egg|aar|apk)$/;
const tarName = /\.(?:tar|gem|crate|tgz|tar\.gz)$/;

export async function readArtifact(file: string): Promise<ArtifactContent> {
  const content = await readFile(file);
  const members = zipName.test(file) ? readZip(content) : tarName.test(file) ? readTar(unzip(content)) : undefined;
  return { hash: hashOf(content), bytes: content.length, ...(members ? { members } : {}) };
}

/** Returns the content of a file that is compressed with gzip, whose header contains a time, or the same content. */
function unzip(content: Buffer): Buffer {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return gunzipSync(content);
  } catch {
    return content;
  }
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const entryLength = 46;

/** Reads the central directory of a ZIP archive. Returns undefined if the content is not one. */
export function readZip(content: Buffer): Map<string, string> | undefined {
  let end = content.length - endLength;
  while (end >= 0 && content.readUInt32LE(end) !== endSignature) end--;
  if (end < 0) return undefined;
  const members = new Map<string, string>();
  let offset = content.readUInt32LE(end + 16);
  while (offset + entryLength <= end && content.readUInt32LE(offset) === entrySignature) {
    const lengths = [28, 30, 32].map((position) => content.readUInt16LE(offset + position));
    const [nameLength = 0, extraLength = 0, commentLength = 0] = lengths;
    const name = content.toString('utf8', offset + entryLength, offset + entryLength + nameLength);
    members.set(name, `${content.readUInt32LE(offset + 16)}:${content.readUInt32LE(offset + 24)}`);
    offset += entryLength + nameLength + extraLength + commentLength;
  }
  return members;
}

const blockLength = 512;

/** Reads a tar archive. Members that are compressed or archives themselves are compared by what they contain. */
export function readTar(content: Buffer): Map<string, string> | undefined {
  const members = new Map<string, string>();
  let offset = 0;
  while (offset + blockLength <= content.length && content[offset] !== 0) {
    if (content.toString('latin1', offset + 257, offset + 262) !== 'ustar') return undefined;
    const name = textAt(content, offset, 100);
    const length = Number.parseInt(textAt(content, offset + 124, 12), 8) || 0;
    const data = content.subarray(offset + blockLength, offset + blockLength + length);
    const inner = name.endsWith('.tar.gz') ? readTar(unzip(data)) : undefined;
    for (const [innerName, hash] of inner ?? []) members.set(`${name}/${innerName}`, hash);
    // The checksums of members differ if the times in these do.
    if (!inner && !name.startsWith('checksums.')) members.set(name, hashOf(unzip(data)));
    offset += blockLength + Math.ceil(length / blockLength) * blockLength;
  }
  return members;
}

function textAt(content: Buffer, offset: number, length: number): string {
  const text = content.toString('utf8', offset, offset + length);
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)).trim();
}

/** Names of the archive's members that list the hashes of the others, and so differ whenever another one does. */
const listOfHashes = /\.dist-info\/RECORD$|^META-INF\/MANIFEST\.MF$/;

/**
 * Compares two builds of a file. Returns `same`, also if only the times in an archive differ, or the names of the members
 * that differ, which are empty for a file that is not an archive.
 */
export function compareArtifacts(first: ArtifactContent, second: ArtifactContent): 'same' | readonly string[] {
  if (first.hash === second.hash) return 'same';
  if (!first.members || !second.members) return [];
  const names = [...new Set([...first.members.keys(), ...second.members.keys()])].sort();
  const different = names.filter((name) => first.members?.get(name) !== second.members?.get(name));
  if (different.length === 0) return 'same';
  const sources = different.filter((name) => !listOfHashes.test(name));
  return sources.length > 0 ? sources : different;
}
