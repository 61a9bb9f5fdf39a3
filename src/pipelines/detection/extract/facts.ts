/**
 * What one file says by itself: its definitions, scopes and calls, without a look at any other file.
 *
 * Facts are plain JSON, so that they pass between threads and are kept on disk between runs; all that needs more than
 * one file is worked out from them again in each run.
 */

/** Goes up whenever the same source gives other facts: facts of another version are not read. */
export const factsVersion = 3;

export type CallForm = 'call' | 'new' | 'tag' | 'decorator';

/** `callee` is an index into `callees`, `scope` one into `scopes`; offsets in UTF-16 code units, lines from 1. */
export type Call = readonly [
  start: number,
  end: number,
  line: number,
  column: number,
  scope: number,
  callee: number,
  form: CallForm,
];

export type DefinitionForm =
  | 'function'
  | 'method'
  | 'class'
  | 'interface'
  | 'enum'
  | 'namespace'
  /** Object literal with a name. */
  | 'object'
  /** Name for a type. */
  | 'alias';

/**
 * Something with a name that calls can reach or that names belong to.
 *
 * Types are dotted names as written (`ns.Widget`) without their arguments; expressions are callee texts, see `chain.ts`.
 */
export interface Definition {
  readonly name: string;
  readonly form: DefinitionForm;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly endLine: number;
  /** Definition around this one, or -1. */
  readonly parent: number;
  /** Scope that the name and the types of this definition are looked up in. */
  readonly scope: number;
  readonly bases?: string[];
  /** Type that a call of it, or a look at it where `getter` is set, gives. */
  readonly returns?: string;
  readonly getter?: true;
  readonly static?: true;
  readonly members?: [name: string, definition: number][];
  readonly fields?: [name: string, field: Variable][];
}

/** A name whose value is known by its type or by the expression that it starts with, or not at all. */
export interface Variable {
  readonly type?: string;
  readonly value?: string;
  /** Scope of `type` and `value`. */
  readonly scope: number;
}

export type Binding =
  | { readonly definition: number }
  /** `name` is `*` for the module itself. */
  | { readonly from: string; readonly name: string }
  /** First parameter of a method: an instance of this class. */
  | { readonly self: number }
  /** The class itself: first parameter of a class method. */
  | { readonly owner: number }
  | Variable;

export interface Scope {
  /** -1 for the file's own scope. */
  readonly parent: number;
  readonly kind: 'module' | 'function' | 'class' | 'block';
  /** Definition whose code this is, or -1. */
  readonly definition: number;
  /** Class that `this` is of, or -1. */
  readonly owner: number;
  /** `this` is the class itself. */
  readonly static?: true;
  readonly names: [name: string, binding: Binding][];
}

/**
 * When a module is needed: `static` as the file is loaded, `deferred` later and perhaps never (in a function, or by
 * `import()`), `optional` where its absence is provided for, `type` only by compilers.
 */
export type ImportForm = 'static' | 'deferred' | 'optional' | 'type';

export interface Import {
  /** The module as written; Python's dots stand before it. */
  readonly from: string;
  readonly line: number;
  readonly form: ImportForm;
  /** Python's `from … import`: each may be a module too. */
  readonly names?: readonly string[];
}

export interface Facts {
  readonly language: string;
  readonly definitions: Definition[];
  readonly scopes: Scope[];
  readonly calls: Call[];
  readonly callees: string[];
  /** Names given to others: a name of the file's own scope, or a definition. `=` is the module's whole value. */
  readonly exports: [name: string, local: string | number][];
  /** Names handed on: `*` as name hands on all, as what is imported the module itself. */
  readonly reexports: [name: string, from: string, imported: string][];
  readonly imports: Import[];
  /** First broken place, where the source does not parse as a whole. */
  readonly syntaxError?: string;
}

/** Why a file, or a part of it, is missing in the result. */
export type FileErrorType =
  | 'syntax_error'
  | 'timeout'
  | 'too_deep'
  | 'too_large'
  | 'binary'
  | 'unreadable'
  | 'wasm_fault'
  | 'worker_died'
  | 'stopped';

export interface FileError {
  readonly type: FileErrorType;
  readonly message: string;
}

/** A file that could not be worked on; its `code` is the type that it is counted under. */
export class FileFault extends Error {
  readonly code: FileErrorType;

  constructor(code: FileErrorType, message: string) {
    super(message);
    this.code = code;
  }
}
