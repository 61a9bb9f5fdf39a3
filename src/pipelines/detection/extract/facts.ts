/**
 * Facts of one file: its definitions, scopes, calls and imports. They do not depend on any other file.
 *
 * Facts are plain data, so that they can be sent between threads and cached on disk (see `encodeFacts`). Parts may be shared:
 * the same variable can be the value of several scopes and branches. Everything that depends on several files is computed
 * from the facts in each run.
 */

import type { Expression, ExpressionNode } from './facts/expression.ts';

/** Must be increased when the same source yields different facts. Cached facts of another version are discarded. */
export const factsVersion = 9;

export type CallForm = 'call' | 'new' | 'tag' | 'decorator';

/**
 * A call. `callee` is an index in `callees` and `scope` is an index in `scopes`. Offsets and columns are in UTF-16 code
 * units. Lines and columns start at 1.
 */
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
  /** Named object literal. */
  | 'object'
  /** Type alias, or an object type without a name. */
  | 'alias'
  /** Function without a name, which is only recorded if its value is needed to resolve other calls. */
  | 'lambda';

/** Forms of definitions that only serve to resolve calls. */
const internalForms: ReadonlySet<DefinitionForm> = new Set<DefinitionForm>(['object', 'alias', 'lambda']);

/** Returns whether a definition is written to the result and counted. */
export function isListed({ form, name }: { readonly form: DefinitionForm; readonly name: string }): boolean {
  return name !== '' && !internalForms.has(form);
}

/** A parameter of a function. `rest` parameters collect the remaining arguments. */
export interface Parameter {
  readonly name: string;
  readonly type?: string;
  readonly form?: 'optional' | 'rest';
}

export interface TypeParameter {
  readonly name: string;
  readonly constraint?: string;
  readonly initial?: string;
}

/**
 * A construct that can be called or has members.
 *
 * Types are texts as written, without comments and line breaks. `{#12}` stands for an object type with the definition 12.
 */
export interface FactsDefinition {
  readonly name: string;
  readonly form: DefinitionForm;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly endLine: number;
  /** Index of the enclosing definition, or -1. */
  readonly parent: number;
  /** Index of the scope in which the name and types of this definition are looked up. */
  readonly scope: number;
  /** Index of the scope of the body, in which parameters and type parameters are bound. */
  readonly body?: number;
  /** Types of the base classes or base interfaces, or of what an alias stands for. */
  readonly bases?: string[];
  /** Computed base class, such as `mixin(Widget)`. */
  readonly computedBase?: Variable;
  readonly typeParameters?: TypeParameter[];
  readonly parameters?: Parameter[];
  /** Declared type of the value that a call returns, or of the property's value if `getter` is set. */
  readonly returns?: string;
  /** Values that the function returns; only recorded if it declares no type. */
  readonly results?: Variable[];
  /** Signatures of an overloaded function. */
  readonly overloads?: number[];
  /** True for an interface or object type with a call signature, which `parameters` and `returns` describe. */
  readonly callable?: true;
  /** Type of the instances that an interface with a construct signature creates. */
  readonly constructs?: string;
  /** True if a call returns a promise or a coroutine of the value. */
  readonly async?: true;
  /** True if a call returns an iterator of the results. */
  readonly generator?: true;
  /** True if a call returns a context manager of Python, which yields the results. */
  readonly manager?: true;
  /** True for a generator of Python that a decorator runs as a coroutine, so that `yield` awaits a value. */
  readonly coroutine?: true;
  /** True for one of several functions of the same name that decorators replace, as for multiple dispatch. */
  readonly registered?: true;
  /** True for a function or class that only type checkers see, because it is defined if `TYPE_CHECKING` is true. */
  readonly stub?: true;
  /** True if a decorator may replace the function by another one. */
  readonly replaced?: true;
  /** Value of the name after decorators were applied. */
  readonly decorated?: Variable;
  /** True for a signature of an overloaded Python function. */
  readonly overload?: true;
  /** True for a pytest fixture. */
  readonly fixture?: true;
  readonly getter?: true;
  readonly static?: true;
  readonly members?: [name: string, definition: number][];
  readonly fields?: [name: string, field: Variable][];
}

/** A variable, of which the type or the initial value may be known. */
export interface Variable {
  readonly type?: string;
  readonly value?: Expression;
  /** Index of the scope in which `type` and `value` are looked up. */
  readonly scope: number;
  /** Later assignments, which matter for code that runs at an unknown time, such as nested functions. */
  readonly later?: Variable[];
  /** True for a field of a class itself. */
  readonly static?: true;
  /** Values of the branches that lead to here. */
  readonly branches?: Binding[];
}

export type Binding =
  | { readonly definition: number }
  /** An import; `name` is `*` for the module itself. */
  | { readonly from: string; readonly name: string }
  /** First parameter of a method, which is an instance of this class. */
  | { readonly self: number }
  /** First parameter of a class method, which is this class itself. */
  | { readonly owner: number }
  /** A type parameter. */
  | { readonly constraint: string; readonly scope: number }
  | Variable;

export interface LexicalScope {
  /** Index of the enclosing scope, or -1 for the module scope. */
  readonly parent: number;
  /**
   * A `flow` scope reaches from an assignment to the end of its block and is not visible in nested functions. Its parent
   * is that of the previous assignment in the block, or else the scope of the block.
   */
  readonly kind: 'module' | 'function' | 'class' | 'block' | 'flow';
  /** Index of the definition that the code belongs to, or -1. */
  readonly definition: number;
  /** Index of the class that `this` refers to, or -1. */
  readonly owner: number;
  /** True if `this` is the class itself instead of an instance. */
  readonly static?: true;
  readonly names: [name: string, binding: Binding][];
}

/**
 * When a module is needed:
 * - `static`: when the file is loaded
 * - `deferred`: later or never, because the import is in a function or an `import()` expression
 * - `optional`: the code handles the case that the module is missing
 * - `type`: only by compilers
 */
export type ImportForm = 'static' | 'deferred' | 'optional' | 'type';

export interface Import {
  /** Module specifier as written, including the leading dots of a relative Python import. */
  readonly from: string;
  readonly line: number;
  readonly form: ImportForm;
  /** Names in Python's `from … import`, each of which may also be a module. */
  readonly names?: readonly string[];
}

export interface Facts {
  readonly language: string;
  readonly definitions: FactsDefinition[];
  readonly scopes: LexicalScope[];
  readonly calls: Call[];
  readonly callees: string[];
  /** Values of the callees that are not plain names, by index of the callee. */
  readonly calleeValues: Readonly<Record<number, Expression>>;
  readonly expressions: ExpressionNode[];
  /** Exported names with a name in the module scope or a definition index. The name `=` is the module's whole value. */
  readonly exports: [name: string, local: string | number][];
  /** Re-exported names. A `name` of `*` re-exports all names; an `imported` of `*` re-exports the module itself. */
  readonly reexports: [name: string, from: string, imported: string][];
  readonly imports: Import[];
  /** Modules that the file describes in `declare module` blocks, with the definition that has their names. */
  readonly ambientModules?: [specifier: string, definition: number][];
  /** Description of the first syntax error. */
  readonly syntaxError?: string;
}

/** Reason why a file or a part of it is missing in the result. */
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

/** Error for a file that could not be analyzed. The probe counts errors by their `code`. */
export class ExtractionError extends Error {
  readonly code: FileErrorType;

  constructor(code: FileErrorType, message: string) {
    super(message);
    this.code = code;
  }
}
