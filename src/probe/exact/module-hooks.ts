/** Where a program's code can be seen before it runs, without standing on its stack: traces of errors look as they did. */
import Module from 'node:module';
import { pathOf } from '../source/code-owner.ts';

/** Whether a text is a module is sometimes known only from what stands in it. */
export type Kind = 'module' | 'commonjs' | 'either';

/** Code of a file to the code that runs instead. */
export type Change = (code: string, file: string, kind: Kind) => string;

interface Loaded {
  readonly format?: string | null | undefined;
  readonly source?: string | ArrayBuffer | NodeJS.TypedArray | null | undefined;
  readonly shortCircuit?: boolean;
}

type Load = (url: string, context: object, next: (url: string, context: object) => Loaded) => Loaded;

interface Modern {
  registerHooks?: (hooks: { readonly load: Load }) => unknown;
  stripTypeScriptTypes?: (code: string) => string;
}

interface Compiler {
  _compile: (this: unknown, code: string, file: string, ...rest: unknown[]) => unknown;
}

/** What Node calls the texts that it runs; the second part says that types are still in it. */
const formats = /^(module|commonjs|either|)-?(typescript)?$/;

/** Compilers that hand their result to Node's own loader, behind its hooks. */
const compilers = /ts-node|swc|esbuild-register|babel|sucrase/;

/** One that leaves its maps with Node, so that its result need not be seen but to be wrapped. */
const known = /\btsx\b/;

/** Whether this program was started with a compiler whose maps are seen nowhere else. */
export function isCompiled(): boolean {
  return compilers.test(started());
}

function started(): string {
  return [process.argv[1], ...process.execArgv, process.env['NODE_OPTIONS']].join(' ');
}

export function hookLoading(change: Change): void {
  const module = Module as unknown as Modern & { readonly prototype: Compiler };
  const register = module.registerHooks;
  if (!register || isCompiled() || known.test(started())) hookCompile(module.prototype, change);
  if (!register) return;
  const load: Load = (url, context, next) => {
    const loaded = next(url, context);
    const file = url.startsWith('file:') ? pathOf(url) : undefined;
    const [, kind, typed] = formats.exec(loaded.format ?? 'either') ?? [];
    if (!file || kind === undefined || loaded.source === null || loaded.source === undefined) return loaded;
    const code =
      typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    const plain = typed ? withoutTypes(module, code) : code;
    const changed = plain && change(plain, file, (kind === '' ? 'either' : kind) as Kind);
    if (changed === undefined || changed === plain) return loaded;
    // Without a kind Node finds out by itself, and takes away types that are no more.
    return { ...loaded, ...(kind === 'module' || kind === 'commonjs' ? { format: kind } : {}), source: changed };
  };
  register.call(module, { load });
  // The last that registers is asked first, and so sees what the others have made.
  module.registerHooks = function (this: unknown, hooks) {
    const result = register.call(this, hooks);
    register.call(this, { load });
    return result;
  };
  Module.syncBuiltinESMExports();
}

function hookCompile(prototype: Compiler, change: Change): void {
  const compile = prototype._compile;
  prototype._compile = function (code, file, ...rest) {
    return compile.call(this, change(code, file, rest[0] === 'module' ? 'module' : 'commonjs'), file, ...rest);
  };
}

/** Types give way to blanks, so every position stays. Node says once that this is new; here nobody asked for it. */
function withoutTypes(module: Modern, code: string): string | undefined {
  const warn = process.emitWarning;
  try {
    process.emitWarning = () => undefined;
    return module.stripTypeScriptTypes?.(code);
  } catch {
    return undefined;
  } finally {
    process.emitWarning = warn;
  }
}
