import Module from 'node:module';
import { pathOf } from '../source/code-owner.ts';

/** Kind of a text; `either` if only its content shows its module system. */
export type ModuleKind = 'module' | 'commonjs' | 'either' | 'script';

/** Position of the first character of a text, as the inspector reports it; line and column count from 0. */
export interface CodePlacement {
  readonly line: number;
  readonly column: number;
  /** Source map that the loader keeps apart from the text. */
  readonly sourceMapUrl?: string | undefined;
}

/** Returns the code to run instead of the code of a file. */
export type TransformCode = (code: string, file: string, kind: ModuleKind, placement?: CodePlacement) => string;

interface LoadResult {
  readonly format?: string | null | undefined;
  readonly source?: string | ArrayBuffer | NodeJS.TypedArray | null | undefined;
  readonly shortCircuit?: boolean;
}

type Load = (url: string, context: object, next: (url: string, context: object) => LoadResult) => LoadResult;

/** Functions of `node:module` that older Node versions lack. */
interface ModernModule {
  registerHooks?: (hooks: { readonly load: Load }) => unknown;
  stripTypeScriptTypes?: (code: string, options: object) => string;
}

interface Compiler {
  _compile: (this: unknown, code: string, file: string, ...rest: unknown[]) => unknown;
}

/** Node's names for the formats of source text; the suffix `typescript` means that types have not been stripped. */
const formats = /^(module|commonjs|either|)-?(typescript)?$/;

/** Compilers that pass their result directly to Node's CommonJS loader, past its load hooks. */
const compilers = /ts-node|swc|esbuild-register|babel|sucrase/;

/** Compiler that leaves its source maps with Node; its result must be hooked only for instrumentation. */
const compilersWithMaps = /\btsx\b/;

/** Returns true if the program was started with a compiler whose source maps are visible only in its output. */
export function hasCompiler(): boolean {
  return compilers.test(commandLine());
}

function commandLine(): string {
  return [process.argv[1], ...process.execArgv, process.env['NODE_OPTIONS']].join(' ');
}

/**
 * Transforms all code of the program before it runs. The hooks are not on the stack while that code runs, so the stack
 * traces of errors do not change. Returns false if this version of Node does not let ES modules be transformed.
 */
export function hookModuleLoading(transform: TransformCode): boolean {
  const module = Module as unknown as ModernModule & { readonly prototype: Compiler };
  const register = module.registerHooks;
  if (!register || hasCompiler() || compilersWithMaps.test(commandLine())) hookCompile(module.prototype, transform);
  if (!register) return false;
  const load: Load = (url, context, next) => {
    const loaded = next(url, context);
    const file = url.startsWith('file:') ? pathOf(url) : undefined;
    const [, kind, typed] = formats.exec(loaded.format ?? 'either') ?? [];
    if (!file || kind === undefined || loaded.source === null || loaded.source === undefined) return loaded;
    const source =
      typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    // If the types cannot be stripped, the parser names what it does not understand.
    const code = typed ? (stripTypes(module, source, url) ?? source) : source;
    const transformed = transform(code, file, (kind === '' ? 'either' : kind) as ModuleKind);
    if (transformed === code) return loaded;
    // If the kind is unknown, keep the format. Node detects the kind, and there are no types left to strip.
    return { ...loaded, ...(kind === 'module' || kind === 'commonjs' ? { format: kind } : {}), source: transformed };
  };
  register.call(module, { load });
  // Node calls the hook registered last first. Register again after each other hook, so that its result is seen here.
  module.registerHooks = function (this: unknown, hooks) {
    const result = register.call(this, hooks);
    register.call(this, { load });
    return result;
  };
  Module.syncBuiltinESMExports();
  return true;
}

function hookCompile(prototype: Compiler, transform: TransformCode): void {
  const compile = prototype._compile;
  prototype._compile = function (code, file, ...rest) {
    return compile.call(this, transform(code, file, rest[0] === 'module' ? 'module' : 'commonjs'), file, ...rest);
  };
}

/**
 * Removes types: replaced by spaces, or with a source map if Node does the same. Suppresses Node's warning that this is
 * experimental.
 */
function stripTypes(module: ModernModule, code: string, sourceUrl: string): string | undefined {
  const warn = process.emitWarning;
  try {
    process.emitWarning = () => undefined;
    const isTransform = /--experimental-transform-types/.test(commandLine());
    const options = isTransform ? { mode: 'transform', sourceMap: true, sourceUrl } : { mode: 'strip' };
    return module.stripTypeScriptTypes?.(code, options);
  } catch {
    return undefined;
  } finally {
    process.emitWarning = warn;
  }
}
