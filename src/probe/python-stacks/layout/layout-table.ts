import type { PythonLayout } from './python-layout.ts';

const oldText = { length: 16, state: 32, ascii: 48, compact: 72 } as const;
const bytes = { size: 16, data: 32 } as const;
const object = { type: 8, typeName: 24 } as const;
/** Before 3.11. */
const oldThread = { next: 8, id: 176, frame: 24 } as const;
const oldCode = { size: 176, name: 112, file: 104, firstLine: 40, lineTable: 120 } as const;

const before310: PythonLayout = {
  runtime: { interpreters: 32 },
  interpreter: { next: 0, threads: 8 },
  thread: oldThread,
  frame: {
    size: 128,
    previous: 24,
    code: 32,
    instruction: 104,
    instructionKind: 'bytes',
    running: { offset: 116, value: 1 },
  },
  code: { ...oldCode, lineTableKind: 'lnotab' },
  text: oldText,
  bytes,
  object,
};

/**
 * Layouts of the versions that do not describe themselves, by minor version of Python 3. Computed with `offsetof` from the
 * headers of 3.8.18, 3.9.18, 3.10.13, 3.11.7 and 3.12.1; a minor version keeps its layout.
 */
export const layoutTable: ReadonlyMap<number, PythonLayout> = new Map<number, PythonLayout>([
  [8, before310],
  [9, before310],
  [
    10,
    {
      runtime: { interpreters: 32 },
      interpreter: { next: 0, threads: 8 },
      thread: oldThread,
      frame: {
        size: 128,
        previous: 24,
        code: 32,
        instruction: 96,
        instructionKind: 'units',
        running: { offset: 108, value: 0 },
      },
      code: { ...oldCode, lineTableKind: 'line ranges' },
      text: oldText,
      bytes,
      object,
    },
  ],
  [
    11,
    {
      runtime: { interpreters: 40 },
      interpreter: { next: 0, threads: 16 },
      thread: { next: 8, id: 152, nativeId: 160, frame: 56, frameInHolder: 8 },
      frame: {
        size: 80,
        previous: 48,
        code: 32,
        instruction: 56,
        instructionKind: 'address',
        stackTop: 64,
        isEntry: 68,
      },
      code: {
        size: 192,
        name: 120,
        qualifiedName: 128,
        file: 112,
        firstLine: 72,
        lineTable: 136,
        lineTableKind: 'locations',
        instructions: 184,
      },
      text: oldText,
      bytes,
      object,
    },
  ],
  [
    12,
    {
      runtime: { interpreters: 40 },
      interpreter: { next: 0, threads: 72 },
      thread: { next: 8, id: 136, nativeId: 144, frame: 56, frameInHolder: 0 },
      frame: {
        size: 80,
        previous: 8,
        code: 0,
        instruction: 56,
        instructionKind: 'address',
        stackTop: 64,
        owner: { offset: 70, lowestOfC: 3 },
      },
      code: {
        size: 200,
        name: 120,
        qualifiedName: 128,
        file: 112,
        firstLine: 68,
        lineTable: 136,
        lineTableKind: 'locations',
        instructions: 192,
      },
      text: { length: 16, state: 32, ascii: 40, compact: 56 },
      bytes,
      object,
    },
  ],
]);
