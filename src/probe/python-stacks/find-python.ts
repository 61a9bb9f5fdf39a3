import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type Address, ForeignMemory, UnreadableMemory } from './foreign-memory.ts';
import { debugOffsetsBytes, parseDebugOffsets } from './layout/debug-offsets.ts';
import { type ElfFile, readElfFile } from './layout/elf-file.ts';
import { layoutTable } from './layout/layout-table.ts';
import type { PythonLayout } from './layout/python-layout.ts';

/** A running Python whose stacks can be read. */
export interface FoundPython {
  readonly memory: ForeignMemory;
  /** Address of `_PyRuntime`. */
  readonly runtime: Address;
  readonly layout: PythonLayout;
  /** For example `3.13`. */
  readonly version: string;
  readonly isFreeThreaded: boolean;
}

/**
 * Reason for which stacks cannot be read. `starting` processes may become readable: they have not initialized Python yet.
 */
export type Unreadable =
  | { readonly reason: 'ended' | 'forbidden' | 'not python' | 'starting' }
  | { readonly reason: 'unknown version'; readonly version: string };

interface MappedFile {
  readonly path: string;
  readonly start: number;
}

/** Names of executables and libraries of Python, which end in its version or not. */
const pythonName = /^(?:lib)?python(?:\d[\d.]*[a-z]*)?(?:\.so[\d.]*)?$/;
const versionInName = /python(\d)\.(\d+)/;
/** Folders and suffixes of Python's own modules, in builds whose executable does not name its version. */
const versionInMaps = /\/python3\.(\d+)\/|\.cpython-3(\d+)-/;

/** Finds the Python that a process runs. The caller closes its memory. */
export function findPython(pid: number): FoundPython | Unreadable {
  let memory: ForeignMemory | undefined;
  try {
    const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
    // The memory of a process of another user can be mapped without permission to read it.
    memory = new ForeignMemory(pid);
    const python = findIn(pid, maps, memory);
    if ('memory' in python) return python;
    memory.close();
    return python;
  } catch (error) {
    memory?.close();
    return { reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): 'ended' | 'forbidden' | 'starting' {
  if (error instanceof UnreadableMemory) return 'starting';
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'ended';
}

function findIn(pid: number, maps: string, memory: ForeignMemory): FoundPython | Unreadable {
  const executable = readlinkSync(`/proc/${pid}/exe`);
  let unknown: Unreadable = { reason: 'not python' };
  for (const { path, start } of mappedFiles(maps)) {
    const isExecutable = path === executable;
    if (!isExecutable && !pythonName.test(basename(path).replace(/ \(deleted\)$/, ''))) continue;
    const elf = readCached(isExecutable ? `/proc/${pid}/exe` : `/proc/${pid}/root${path}`);
    const address = elf?.runtimeSection ?? elf?.runtimeSymbol;
    if (!elf || address === undefined) continue;
    const offset = elf.isRelocated ? start - elf.firstAddress : 0;
    const candidate = identify({ memory, runtime: address + offset, elf, offset, path, maps });
    if ('memory' in candidate) return candidate;
    unknown = candidate;
  }
  return unknown;
}

interface Candidate {
  readonly memory: ForeignMemory;
  readonly runtime: Address;
  readonly elf: ElfFile;
  readonly offset: number;
  readonly path: string;
  readonly maps: string;
}

function identify({ memory, runtime, elf, offset, path, maps }: Candidate): FoundPython | Unreadable {
  const described = parseDebugOffsets(memory.copy(runtime, debugOffsetsBytes));
  if (described) {
    const [version, { layout, isFreeThreaded }] = [formatVersion(described.version), described];
    return layout ? { memory, runtime, layout, version, isFreeThreaded } : { reason: 'unknown version', version };
  }
  const hexVersion =
    elf.versionSymbol === undefined ? undefined : memory.read(elf.versionSymbol + offset, 4).readUInt32LE(0);
  const minor = hexVersion === undefined ? minorVersionIn(path, maps) : (hexVersion >>> 16) & 0xff;
  const layout = minor === undefined ? undefined : layoutTable.get(minor);
  if (layout) return { memory, runtime, layout, version: `3.${minor}`, isFreeThreaded: false };
  return { reason: 'unknown version', version: minor === undefined ? '' : `3.${minor}` };
}

/** @param version as `PY_VERSION_HEX` */
function formatVersion(version: number): string {
  return `${version >>> 24}.${(version >>> 16) & 0xff}`;
}

function minorVersionIn(path: string, maps: string): number | undefined {
  const [, major, minor] = versionInName.exec(basename(path)) ?? [];
  if (major === '3') return Number(minor);
  const [, folder, suffix] = versionInMaps.exec(maps) ?? [];
  const digits = folder ?? suffix;
  return digits === undefined ? undefined : Number(digits);
}

/** Returns the first mapping of each file; see proc(5) for the format. */
function mappedFiles(maps: string): readonly MappedFile[] {
  const files = new Map<string, number>();
  for (const [, start = '', path = ''] of maps.matchAll(/^([0-9a-f]+)-[0-9a-f]+ \S+ 0+ \S+ \d+\s+(\/.*)$/gm)) {
    if (!files.has(path)) files.set(path, Number.parseInt(start, 16));
  }
  return [...files].map(([path, start]) => ({ path, start }));
}

const maxCachedFiles = 50;
const elfFiles = new Map<string, ElfFile | undefined>();

/** Reads each file once, because many processes run the same one. */
function readCached(path: string): ElfFile | undefined {
  const { dev, ino, mtimeMs, size } = statSync(path);
  const key = `${dev} ${ino} ${mtimeMs} ${size}`;
  if (elfFiles.has(key)) return elfFiles.get(key);
  if (elfFiles.size >= maxCachedFiles) elfFiles.clear();
  const elf = readElfFile(path);
  elfFiles.set(key, elf);
  return elf;
}
