import { closeSync, openSync, readSync } from 'node:fs';

/** Maximum size of a table that is read from a file. */
const maxTableBytes = 64 * 1024 * 1024;
const sectionNames = { runtime: '.PyRuntime', symbols: ['.dynsym', '.symtab'] } as const;
const symbolBytes = 24;
/** Types of an ELF file and of a program header. */
const sharedObject = 3;
const loadedSegment = 1;

interface Section {
  readonly name: string;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** Addresses in an ELF file that lead to Python's state, before the file is loaded. */
export interface ElfFile {
  /** Address of the section that Python 3.11 and later reserve for their state. */
  readonly runtimeSection?: number;
  /** Addresses of the symbols `_PyRuntime` and `Py_Version`. */
  readonly runtimeSymbol?: number;
  readonly versionSymbol?: number;
  /** True if the file is loaded at any address. */
  readonly isRelocated: boolean;
  /** Address in the file of the segment that begins the file. */
  readonly firstAddress: number;
}

/**
 * Reads an ELF file of 64 bits, little-endian (see elf(5)). Returns undefined for other files. Throws the error of the system
 * if the file cannot be read.
 */
export function readElfFile(path: string): ElfFile | undefined {
  const file = openSync(path, 'r');
  try {
    return parseElf((offset, length) => readAt(file, offset, length));
  } finally {
    closeSync(file);
  }
}

type Reader = (offset: number, length: number) => Buffer;

function parseElf(read: Reader): ElfFile | undefined {
  const header = read(0, 64);
  if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
    return undefined;
  const sections = readSections(header, read);
  const symbols = readSymbols(sections, read, ['_PyRuntime', 'Py_Version']);
  const runtimeSection = sections.find(({ name }) => name === sectionNames.runtime)?.address;
  const [runtimeSymbol, versionSymbol] = [symbols.get('_PyRuntime'), symbols.get('Py_Version')];
  return {
    ...(runtimeSection === undefined ? {} : { runtimeSection }),
    ...(runtimeSymbol === undefined ? {} : { runtimeSymbol }),
    ...(versionSymbol === undefined ? {} : { versionSymbol }),
    isRelocated: header.readUInt16LE(16) === sharedObject,
    firstAddress: readFirstAddress(header, read),
  };
}

function readSections(header: Buffer, read: Reader): readonly Section[] {
  const [entryBytes, count, namesIndex] = [header.readUInt16LE(58), header.readUInt16LE(60), header.readUInt16LE(62)];
  const table = read(longAt(header, 40), entryBytes * count);
  if (entryBytes < 64 || table.length < entryBytes * count || namesIndex >= count) return [];
  const names = read(longAt(table, namesIndex * entryBytes + 24), longAt(table, namesIndex * entryBytes + 32));
  return Array.from({ length: count }, (_, index) => {
    const start = index * entryBytes;
    return {
      name: textAt(names, table.readUInt32LE(start)),
      address: longAt(table, start + 16),
      offset: longAt(table, start + 24),
      size: longAt(table, start + 32),
      link: table.readUInt32LE(start + 40),
    };
  });
}

function readSymbols(
  sections: readonly Section[],
  read: Reader,
  wanted: readonly string[],
): ReadonlyMap<string, number> {
  const addresses = new Map<string, number>();
  for (const section of sections) {
    const strings = sections[section.link];
    if (!strings || !sectionNames.symbols.some((name) => name === section.name)) continue;
    const [table, names] = [read(section.offset, section.size), read(strings.offset, strings.size)];
    const byPosition = new Map(wanted.map((name) => [names.indexOf(`\0${name}\0`, 0, 'latin1') + 1, name]));
    for (let start = 0; start + symbolBytes <= table.length; start += symbolBytes) {
      const name = byPosition.get(table.readUInt32LE(start));
      const address = longAt(table, start + 8);
      // An undefined symbol has no address: the file uses it from another one.
      if (name !== undefined && address > 0 && !addresses.has(name)) addresses.set(name, address);
    }
  }
  return addresses;
}

function readFirstAddress(header: Buffer, read: Reader): number {
  const [entryBytes, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
  const table = read(longAt(header, 32), entryBytes * count);
  for (let start = 0; start + 56 <= table.length; start += entryBytes) {
    const isFirst = table.readUInt32LE(start) === loadedSegment && longAt(table, start + 8) === 0;
    if (isFirst) return longAt(table, start + 16);
  }
  return 0;
}

function readAt(file: number, offset: number, length: number): Buffer {
  if (!(length > 0) || length > maxTableBytes) return Buffer.alloc(0);
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}

function longAt(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}

function textAt(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start, Math.max(start, bytes.indexOf(0, start)));
}
