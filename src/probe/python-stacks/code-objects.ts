import { type Address, addressAt, type ForeignMemory, sizeAt, UnreadableMemory } from './foreign-memory.ts';
import { decodeLineTable, type LineRange, lineAt } from './layout/line-table.ts';
import type { PythonLayout } from './layout/python-layout.ts';

/** Function, module or class body, as its code object describes it. */
export interface PythonCode {
  /** Qualified from 3.11 on. */
  readonly name: string;
  readonly file: string;
  /** Line of the first decorator or of the definition. */
  readonly firstLine: number;
}

interface ReadCode extends PythonCode {
  /** Addresses of the parts, by which it is recognized. */
  readonly parts: string;
  readonly lineTable: Address;
  /** Length of the instructions in bytes; undefined if they are in another object. */
  readonly instructionBytes: number | undefined;
  readMs: number;
  lines?: readonly LineRange[];
}

const maxTextLength = 4096;
const maxInstructions = 1 << 24;
const maxLineTableBytes = 1 << 22;
const maxCodes = 50_000;
/** Time after which a code object is read again, because another one may have its address. */
const maxAgeMs = 250;
const typeName = 'code';

/** Reads the code objects of a process, and remembers them by their address. */
export class CodeObjects {
  readonly #memory: ForeignMemory;
  readonly #layout: PythonLayout;
  readonly #codes = new Map<Address, ReadCode>();
  /** Address of the type of code objects. */
  #type: Address | undefined;

  constructor(memory: ForeignMemory, layout: PythonLayout) {
    this.#memory = memory;
    this.#layout = layout;
  }

  /** Returns the code object at an address. Throws UnreadableMemory if there is none. */
  at(address: Address): PythonCode {
    return this.#at(address);
  }

  /**
   * Returns the offset in bytes of an instruction. Throws UnreadableMemory if it is not one of the code object.
   *
   * @param instruction what a frame holds: see `FrameLayout.instruction`
   */
  offsetOf(address: Address, instruction: Address): number {
    const { instructions } = this.#layout.code;
    const { instructionBytes } = this.#at(address);
    if (instructions === undefined || instructionBytes === undefined) return instruction;
    const offset = instruction - (address + instructions);
    // Before its first instruction, a frame points to the one before.
    if (offset < -2 || offset > instructionBytes) throw new UnreadableMemory();
    return Math.max(0, offset);
  }

  /** Returns the line of the instruction at an offset, if it has one. */
  lineOf(address: Address, offset: number): number | undefined {
    const code = this.#at(address);
    code.lines ??= this.#readLines(code);
    return lineAt(code.lines, offset);
  }

  #at(address: Address): ReadCode {
    const existing = this.#codes.get(address);
    const nowMs = performance.now();
    if (existing && nowMs - existing.readMs < maxAgeMs) return existing;
    const { code, object } = this.#layout;
    const bytes = this.#memory.read(address, code.size);
    const type = addressAt(bytes, object.type);
    const name = addressAt(bytes, code.qualifiedName ?? code.name);
    const file = addressAt(bytes, code.file);
    const firstLine = bytes.readInt32LE(code.firstLine);
    const lineTable = addressAt(bytes, code.lineTable);
    // The number of code units is the variable part of the size of the object.
    const isSeparate = code.instructions === undefined;
    const instructionBytes = isSeparate ? undefined : 2 * sizeAt(bytes, this.#layout.bytes.size, maxInstructions);
    this.#checkType(type);
    const parts = `${name} ${file} ${firstLine} ${lineTable}`;
    if (existing?.parts === parts) {
      existing.readMs = nowMs;
      return existing;
    }
    const read: ReadCode = {
      name: this.#readText(name),
      file: this.#readText(file),
      firstLine,
      parts,
      lineTable,
      instructionBytes,
      readMs: nowMs,
    };
    if (this.#codes.size >= maxCodes) this.#codes.clear();
    this.#codes.set(address, read);
    return read;
  }

  #checkType(type: Address): void {
    if (type === this.#type) return;
    if (this.#type !== undefined) throw new UnreadableMemory();
    const name = this.#memory.readAddress(type + this.#layout.object.typeName);
    if (this.#memory.read(name, typeName.length + 1).toString('latin1') !== `${typeName}\0`)
      throw new UnreadableMemory();
    this.#type = type;
  }

  #readText(address: Address): string {
    const { text } = this.#layout;
    const head = this.#memory.read(address, text.compact);
    const length = sizeAt(head, text.length, maxTextLength);
    const { kind, isAscii } = parseTextState(head.readUInt32LE(text.state));
    const bytes = this.#memory.read(address + (isAscii ? text.ascii : text.compact), length * kind);
    if (kind === 1) return bytes.toString('latin1');
    if (kind === 2) return bytes.toString('utf16le');
    const points = Array.from({ length }, (_, index) => bytes.readUInt32LE(4 * index));
    if (points.some((point) => point > 0x10ffff)) throw new UnreadableMemory();
    return String.fromCodePoint(...points);
  }

  #readLines({ lineTable, firstLine }: ReadCode): readonly LineRange[] {
    const { bytes, code } = this.#layout;
    const size = sizeAt(this.#memory.read(lineTable, bytes.data), bytes.size, maxLineTableBytes);
    return decodeLineTable(code.lineTableKind, this.#memory.copy(lineTable + bytes.data, size), firstLine);
  }
}

/** Number of bits before `kind` in `PyASCIIObject.state`: 2, or more in 3.14 and in builds without a lock. */
const kindShifts = [2, 8, 16] as const;

/** Returns the bytes of a character. After `kind`, which has three bits, follow `compact` and `ascii`. */
function parseTextState(state: number): { readonly kind: 1 | 2 | 4; readonly isAscii: boolean } {
  for (const shift of kindShifts) {
    const kind = (state >>> shift) & 7;
    const isCompact = ((state >>> (shift + 3)) & 1) === 1;
    if (isCompact && (kind === 1 || kind === 2 || kind === 4))
      return { kind, isAscii: ((state >>> (shift + 4)) & 1) === 1 };
  }
  throw new UnreadableMemory();
}
