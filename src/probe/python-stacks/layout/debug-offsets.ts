/** The table with which Python 3.13 and later describe their own layout: `_Py_DebugOffsets` at the start of `_PyRuntime`. */
import type { PythonLayout } from './python-layout.ts';

const cookie = 'xdebugpy';
/** Bytes to read of the table; larger than the part that is used in every version. */
export const debugOffsetsBytes = 1024;

/** `free_threaded` is 1 if threads run Python code at the same time. All other values are offsets or sizes. */
const common = {
  runtime: 'size finalizing interpreters_head',
  thread: 'size prev next interp current_frame thread_id native_thread_id datastack_chunk status',
  object: 'size ob_type',
  type: 'size tp_name tp_repr tp_flags',
  tuple: 'size ob_item ob_size',
  list: 'size ob_item ob_size',
  dict: 'size ma_keys ma_values',
  float: 'size ob_fval',
  long: 'size lv_tag ob_digit',
  bytes: 'size ob_size ob_sval',
  unicode: 'size state length asciiobject_size',
} as const;

const interpreter313 =
  'size id next threads_head gc imports_modules sysdict builtins ceval_gil gil gil_enabled gil_locked gil_holder';
const interpreter314 = `${interpreter313.replace(' gc', ' threads_main gc')} code_object_generation tlbc_generation`;
const frame313 = 'size previous executable instr_ptr localsplus owner';
const code313 =
  'size filename name qualname linetable firstlineno argcount localsplusnames localspluskinds co_code_adaptive';

type Section = readonly [name: string, fields: string];

/** Order of the values by minor version, as in `pycore_runtime.h` of 3.13 and `pycore_debug_offsets.h` of 3.14. */
const tables: ReadonlyMap<number, readonly Section[]> = new Map([
  [13, sections({ interpreter: interpreter313, frame: frame313, code: code313, set: undefined })],
  [
    14,
    sections({
      interpreter: interpreter314,
      frame: `${frame313} stackpointer tlbc_index`,
      code: `${code313} co_tlbc`,
      set: 'size used table mask',
    }),
  ],
]);

interface Changing {
  readonly interpreter: string;
  readonly frame: string;
  readonly code: string;
  readonly set: string | undefined;
}

function sections({ interpreter, frame, code, set }: Changing): readonly Section[] {
  const { runtime, thread, object, type, tuple, list, ...rest } = common;
  const all = {
    runtime,
    interpreter,
    thread,
    frame,
    code,
    object,
    type,
    tuple,
    list,
    ...(set ? { set } : {}),
    ...rest,
  };
  return Object.entries(all);
}

export interface DescribedPython {
  /** As `PY_VERSION_HEX`. */
  readonly version: number;
  readonly isFreeThreaded: boolean;
  /** Undefined if the order of the values in this version is not known. */
  readonly layout: PythonLayout | undefined;
}

/** Returns undefined if these bytes are not a table. */
export function parseDebugOffsets(bytes: Buffer): DescribedPython | undefined {
  if (bytes.toString('latin1', 0, cookie.length) !== cookie) return undefined;
  const version = Number(bytes.readBigUInt64LE(8));
  const minor = (version >>> 16) & 0xff;
  const table = tables.get(minor);
  return {
    version,
    isFreeThreaded: bytes.readUInt8(16) === 1,
    layout: table && toLayout(readFields(table, bytes), minor),
  };
}

function readFields(table: readonly Section[], bytes: Buffer): (section: string, field: string) => number {
  const values = new Map<string, number>();
  let position = 24;
  for (const [section, fields] of table) {
    for (const field of fields.split(' ')) {
      values.set(`${section}.${field}`, Number(bytes.readBigUInt64LE(position)));
      position += 8;
    }
  }
  return (section, field) => values.get(`${section}.${field}`) ?? 0;
}

function toLayout(field: (section: string, name: string) => number, minor: number): PythonLayout {
  return {
    runtime: { interpreters: field('runtime', 'interpreters_head') },
    interpreter: { next: field('interpreter', 'next'), threads: field('interpreter', 'threads_head') },
    thread: {
      next: field('thread', 'next'),
      id: field('thread', 'thread_id'),
      nativeId: field('thread', 'native_thread_id'),
      frame: field('thread', 'current_frame'),
    },
    frame: {
      size: field('frame', 'size'),
      previous: field('frame', 'previous'),
      code: field('frame', 'executable'),
      instruction: field('frame', 'instr_ptr'),
      instructionKind: 'address',
      // `stacktop` is not described: it is an `int`, followed by two others of two bytes.
      ...(minor === 13 ? { stackTop: field('frame', 'localsplus') - 8 } : {}),
      // FRAME_OWNED_BY_CSTACK in 3.13, FRAME_OWNED_BY_INTERPRETER and FRAME_OWNED_BY_CSTACK in 3.14.
      owner: { offset: field('frame', 'owner'), lowestOfC: 3 },
    },
    code: {
      size: field('code', 'size'),
      name: field('code', 'name'),
      qualifiedName: field('code', 'qualname'),
      file: field('code', 'filename'),
      firstLine: field('code', 'firstlineno'),
      lineTable: field('code', 'linetable'),
      lineTableKind: 'locations',
      instructions: field('code', 'co_code_adaptive'),
    },
    text: {
      length: field('unicode', 'length'),
      state: field('unicode', 'state'),
      ascii: field('unicode', 'asciiobject_size'),
      // PyCompactUnicodeObject adds `utf8_length` and `utf8`.
      compact: field('unicode', 'asciiobject_size') + 16,
    },
    bytes: { size: field('bytes', 'ob_size'), data: field('bytes', 'ob_sval') },
    object: { type: field('object', 'ob_type'), typeName: field('type', 'tp_name') },
  };
}
