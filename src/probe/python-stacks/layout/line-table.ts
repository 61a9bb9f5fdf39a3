import type { CodeLayout } from './python-layout.ts';

/** Line of each range of instructions of a code object, in ascending order. */
export interface LineRange {
  /** Offset in bytes behind the last instruction. */
  readonly end: number;
  /** Undefined for instructions without a line. */
  readonly line: number | undefined;
}

/** Decodes the line table of a code object. */
export function decodeLineTable(
  kind: CodeLayout['lineTableKind'],
  table: Buffer,
  firstLine: number,
): readonly LineRange[] {
  switch (kind) {
    case 'lnotab':
      return decodeLnotab(table, firstLine);
    case 'line ranges':
      return decodeRanges(table, firstLine);
    case 'locations':
      return decodeLocations(table, firstLine);
  }
}

/** Returns the line of the instruction at an offset in bytes. */
export function lineAt(ranges: readonly LineRange[], offset: number): number | undefined {
  let [low, high] = [0, ranges.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as LineRange).end > offset) high = middle;
    else low = middle + 1;
  }
  return ranges[low]?.line;
}

/** Before 3.10: pairs of an unsigned increment of the offset and a signed one of the line (`Objects/lnotab_notes.txt`). */
function decodeLnotab(table: Buffer, firstLine: number): LineRange[] {
  const ranges: LineRange[] = [];
  let [line, start] = [firstLine, 0];
  for (let index = 0; index + 1 < table.length; index += 2) {
    const step = table.readUInt8(index);
    if (step > 0) {
      start += step;
      ranges.push({ end: start, line });
    }
    line += table.readInt8(index + 1);
  }
  return [...ranges, { end: Number.POSITIVE_INFINITY, line }];
}

/** 3.10 (PEP 626): pairs of the length of a range and a signed increment of the line, of which -128 means no line. */
function decodeRanges(table: Buffer, firstLine: number): LineRange[] {
  const ranges: LineRange[] = [];
  let [line, end] = [firstLine, 0];
  for (let index = 0; index + 1 < table.length; index += 2) {
    const change = table.readInt8(index + 1);
    end += table.readUInt8(index);
    if (change !== -128) line += change;
    ranges.push({ end, line: change === -128 ? undefined : line });
  }
  return ranges;
}

/** Codes of entries of a location table: see `Objects/locations.md` of 3.11. */
const [oneLine0, oneLine2, noColumns, long, noLocation] = [10, 12, 13, 14, 15];

/**
 * From 3.11 on (PEP 657): entries whose first byte holds a code and a length in code units. Other bytes do not have the highest
 * bit, so that the columns can be skipped.
 */
function decodeLocations(table: Buffer, firstLine: number): LineRange[] {
  const ranges: LineRange[] = [];
  let [line, end, index] = [firstLine, 0, 0];
  while (index < table.length) {
    const head = table.readUInt8(index++);
    const code = (head >> 3) & 15;
    if (code === long || code === noColumns) line += decodeSigned(table, index);
    else if (code >= oneLine0 && code <= oneLine2) line += code - oneLine0;
    end += ((head & 7) + 1) * 2;
    ranges.push({ end, line: code === noLocation ? undefined : line });
    while (index < table.length && table.readUInt8(index) < 128) index++;
  }
  return ranges;
}

/** Decodes a number whose bytes hold six bits each, the lowest first. The lowest bit of the number is its sign. */
function decodeSigned(table: Buffer, start: number): number {
  let [value, shift] = [0, 0];
  for (let index = start; index < table.length; index++, shift += 6) {
    const byte = table.readUInt8(index);
    value += (byte & 63) << shift;
    if ((byte & 64) === 0) break;
  }
  return (value & 1) === 1 ? -(value >> 1) : value >> 1;
}
