/**
 * Offsets in bytes of what a reader needs in the objects of CPython, for processors of 64 bits. The names in comments are those
 * of CPython's headers.
 */
export interface PythonLayout {
  /** `_PyRuntimeState.interpreters.head` */
  readonly runtime: { readonly interpreters: number };
  /** `PyInterpreterState`: `next`, and `threads.head` or, before 3.11, `tstate_head`. */
  readonly interpreter: { readonly next: number; readonly threads: number };
  readonly thread: ThreadLayout;
  readonly frame: FrameLayout;
  readonly code: CodeLayout;
  /** `PyASCIIObject`: `length`, `state`, and the sizes of `PyASCIIObject` and `PyCompactUnicodeObject`, which precede the text. */
  readonly text: { readonly length: number; readonly state: number; readonly ascii: number; readonly compact: number };
  /** `PyBytesObject`: `ob_size` and `ob_sval`. */
  readonly bytes: { readonly size: number; readonly data: number };
  /** `PyObject.ob_type` and `PyTypeObject.tp_name`. */
  readonly object: { readonly type: number; readonly typeName: number };
}

/** `PyThreadState` */
export interface ThreadLayout {
  readonly next: number;
  /** Identifies the thread for the thread library: `pthread_t`. */
  readonly id: number;
  /** Number of the thread in the system. Absent before 3.11. */
  readonly nativeId?: number;
  /** `frame` before 3.11, `cframe` in 3.11 and 3.12, and later `current_frame`. */
  readonly frame: number;
  /** `_PyCFrame.current_frame`, if the thread refers to a `_PyCFrame`. */
  readonly frameInHolder?: number;
}

/** `PyFrameObject` before 3.11, later `_PyInterpreterFrame`. */
export interface FrameLayout {
  readonly size: number;
  readonly previous: number;
  readonly code: number;
  /**
   * Position of the current instruction: `f_lasti`, which is an index of code units from 3.10 on, or the address
   * `prev_instr` or `instr_ptr`.
   */
  readonly instruction: number;
  readonly instructionKind: 'bytes' | 'units' | 'address';
  /** Value that a frame on a stack has at an offset: `f_executing` is 1 in 3.8 and 3.9, `f_state` is 0 in 3.10. */
  readonly running?: { readonly offset: number; readonly value: number };
  /**
   * `stacktop`, which is -1 while the frame runs, or while C code runs that it has called. Absent before 3.11, and in 3.14.
   */
  readonly stackTop?: number;
  /** `is_entry` in 3.11: 1 if C code has called this frame. Later, a frame of C code is in between. */
  readonly isEntry?: number;
  /** `owner`, and the lowest value of frames that belong to C code (`FRAME_OWNED_BY_CSTACK` and above). */
  readonly owner?: { readonly offset: number; readonly lowestOfC: number };
}

/** `PyCodeObject` */
export interface CodeLayout {
  readonly size: number;
  readonly name: number;
  /** Absent before 3.11. */
  readonly qualifiedName?: number;
  readonly file: number;
  readonly firstLine: number;
  /** `co_lnotab` or `co_linetable`, and how it is encoded. */
  readonly lineTable: number;
  readonly lineTableKind: 'lnotab' | 'line ranges' | 'locations';
  /** `co_code_adaptive`; absent if the instructions are in an object of their own. */
  readonly instructions?: number;
}
