import Module from 'node:module';
import vm from 'node:vm';
import { pathOf } from '../source/code-owner.ts';
import type { ModuleKind, TransformCode } from './module-hooks.ts';
import { findRunnerSourceMap } from './runner-source-map.ts';

interface VmHookOptions {
  readonly transform: TransformCode;
  /** Makes instrumented code work in another context. Returns false if that is not possible. */
  readonly prepareContext: (context: object) => boolean;
}

/** Options of the functions of `node:vm` that matter here. */
interface CompileOptions {
  readonly filename?: unknown;
  readonly identifier?: unknown;
  readonly lineOffset?: unknown;
  readonly columnOffset?: unknown;
  readonly cachedData?: unknown;
  readonly produceCachedData?: unknown;
  readonly parsingContext?: unknown;
  readonly context?: unknown;
}

interface Hooks extends VmHookOptions {
  /** Compiles the original of an instrumented script or function. */
  readonly originals: WeakMap<object, () => object>;
  /** The context in which a script ran last, if there is one. */
  readonly contexts: WeakRef<object>[];
}

type Parameters = readonly unknown[];
type Call = (parameters: Parameters) => object;
type Builtins = Record<string, unknown>;
/** Meaning of the parameters of a function of `node:vm`. */
interface CallShape {
  readonly kind: ModuleKind;
  readonly optionsIndex: number;
  readonly fileOption: 'filename' | 'identifier';
  /** Returns the context in which the code will run, if it is not the current one. */
  readonly contextOf?: (parameters: Parameters, options: CompileOptions) => unknown;
}

/** Test runners that load the user's code through `node:vm`. */
const testRunners = /\b(jest|vitest|vite|vite-node|wallaby|stryker)\b/;
/** Properties with which Node reports the use of a code cache. */
const cacheProperties = ['cachedData', 'cachedDataProduced', 'cachedDataRejected'] as const;

/** Returns true if the program was started with a tool that runs the user's code through `node:vm`. */
export function hasTestRunner(): boolean {
  const commandLine = [process.argv[1], ...process.execArgv].join(' ').replaceAll('_', ' ');
  return testRunners.test(commandLine) || 'JEST_WORKER_ID' in process.env;
}

/**
 * Transforms code that the program compiles with `node:vm` under the path of one of its files, as Jest and Vitest do. Code
 * that is not changed is compiled by the same call as without the hooks.
 */
export function hookVm(options: VmHookOptions): void {
  const builtins = vm as unknown as Builtins;
  const originals = new WeakMap<object, () => object>();
  const contexts: WeakRef<object>[] = [];
  const compile = { ...options, originals, contexts };
  const inContext = { kind: 'script', optionsIndex: 2, fileOption: 'filename' } as const;
  replace(builtins, 'Script', compile, { kind: 'script', optionsIndex: 1, fileOption: 'filename' });
  replace(builtins, 'compileFunction', compile, {
    kind: 'commonjs',
    optionsIndex: 2,
    fileOption: 'filename',
    contextOf: (_parameters, { parsingContext }) => parsingContext,
  });
  replace(builtins, 'SourceTextModule', compile, {
    kind: 'module',
    optionsIndex: 1,
    fileOption: 'identifier',
    contextOf: (_parameters, { context }) => context,
  });
  replaceRun(builtins, 'runInThisContext', compile, { ...inContext, optionsIndex: 1 });
  replaceRun(builtins, 'runInContext', compile, { ...inContext, contextOf: ([, context]) => context });
  replaceRun(builtins, 'runInNewContext', compile, { ...inContext, contextOf: newContextOf });
  replaceScriptRun(vm.Script.prototype as unknown as Builtins, compile);
  Module.syncBuiltinESMExports();
}

/** Options that Node reads when it turns an object into a context. */
const contextOptions = ['contextName', 'contextOrigin', 'contextCodeGeneration', 'microtaskMode'];

/** Turns the object into a context already, because the timer must be in it. Returns null if that would lose an option. */
function newContextOf([, context]: Parameters, options: CompileOptions): unknown {
  const isDefault = contextOptions.every((name) => Reflect.get(options, name) === undefined);
  return isDefault && typeof context === 'object' && context !== null ? vm.createContext(context) : null;
}

/** Returns the parameters with transformed code, or undefined if the code stays as it is. */
function changeParameters(parameters: Parameters, shape: CallShape, hooks: Hooks): unknown[] | undefined {
  const [code] = parameters;
  const given = parameters[shape.optionsIndex];
  const options = (typeof given === 'string' ? { filename: given } : (given ?? {})) as CompileOptions;
  const name = options[shape.fileOption];
  const file = typeof code === 'string' && typeof name === 'string' ? pathOf(name) : undefined;
  if (typeof code !== 'string' || file === undefined) return undefined;
  const placement = {
    line: Number(options.lineOffset ?? 0),
    column: Number(options.columnOffset ?? 0),
    sourceMapUrl: findRunnerSourceMap(name as string, [
      globalThis,
      ...hooks.contexts.flatMap((context) => context.deref() ?? []),
    ]),
  };
  const transformed = hooks.transform(code, file, shape.kind, placement);
  if (transformed === code) return undefined;
  const context = shape.contextOf?.(parameters, options);
  if (context === null || (context !== undefined && !hooks.prepareContext(context as object))) return undefined;
  const changed = [...parameters];
  changed[0] = transformed;
  // The cache belongs to the original code. Data of `options` without a name, such as symbols, is kept.
  changed[shape.optionsIndex] = { ...options, cachedData: undefined, produceCachedData: false };
  return changed;
}

/** Replaces a function or class that compiles code and returns the result. */
function replace(builtins: Builtins, name: string, hooks: Hooks, shape: CallShape): void {
  const target = builtins[name];
  if (typeof target !== 'function') return;
  const compile = (parameters: Parameters, call: Call): object | undefined => {
    const changed = changeParameters(parameters, shape, hooks);
    if (!changed) return undefined;
    let result: object;
    try {
      result = call(changed);
    } catch {
      // Compile the original, so that its error is reported.
      return undefined;
    }
    let original: object | undefined;
    const compileOriginal = (): object => {
      original ??= call(parameters);
      return original;
    };
    hooks.originals.set(result, compileOriginal);
    imitateCache(result, compileOriginal, parameters[shape.optionsIndex] as CompileOptions);
    return result;
  };
  const proxy = new Proxy(target, createHandler(compile));
  builtins[name] = proxy;
  const prototype: unknown = target.prototype;
  for (const holder of [prototype, prototype && Object.getPrototypeOf(prototype)]) {
    if (holder) replaceMethod(holder as Builtins, 'createCachedData', (self) => hooks.originals.get(self)?.() ?? self);
  }
  if (prototype) Object.defineProperty(prototype, 'constructor', { value: proxy, writable: true, configurable: true });
}

/** Lets the program see the code cache of the original code. */
function imitateCache(result: object, compileOriginal: () => object, options: CompileOptions | undefined): void {
  if (options?.cachedData !== undefined || options?.produceCachedData === true) {
    for (const name of cacheProperties) {
      const descriptor = Object.getOwnPropertyDescriptor(compileOriginal(), name);
      if (descriptor) Object.defineProperty(result, name, descriptor);
    }
  }
}

/** Replaces a function that compiles code and runs it at once. */
function replaceRun(builtins: Builtins, name: string, hooks: Hooks, shape: CallShape): void {
  const target = builtins[name];
  if (typeof target !== 'function') return;
  builtins[name] = new Proxy(
    target,
    createRunHandler((_self, parameters) => changeParameters(parameters, shape, hooks) ?? parameters),
  );
}

/** Replaces the method that runs a script in another context, where there may be no timer yet. */
function replaceScriptRun(prototype: Builtins, { prepareContext, originals, contexts }: Hooks): void {
  replaceMethod(prototype, 'runInContext', (self, [context]) => {
    if (typeof context === 'object' && context !== null) contexts[0] = new WeakRef(context);
    const compileOriginal = originals.get(self);
    const isReady = vm.isContext(context as object) && prepareContext(context as object);
    return compileOriginal && !isReady ? compileOriginal() : self;
  });
}

/** Replaces a method by one that is called on the object that \`choose\` returns. */
function replaceMethod(holder: Builtins, name: string, choose: (self: object, parameters: Parameters) => object): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  const method: unknown = descriptor?.value;
  if (typeof method !== 'function') return;
  const value = new Proxy(
    method,
    createRunHandler((_self, parameters) => parameters, choose),
  );
  Object.defineProperty(holder, name, { ...descriptor, value });
}

/** Creates the traps of a class or function that compiles code. Errors of the compiler do not show that they were here. */
function createHandler(
  compile: (parameters: Parameters, call: Call) => object | undefined,
): ProxyHandler<object & (() => unknown)> {
  const create = vm.runInThisContext(
    `((compile, withoutTrace, apply, construct) => ({
      apply(target, self, parameters) {
        const result = compile(parameters, (changed) => apply(target, self, changed));
        if (result) return result;
        const restore = withoutTrace();
        try { return apply(target, self, parameters); } catch (error) { throw withoutTrace(error); } finally { restore(); }
      },
      construct(target, parameters, newTarget) {
        const result = compile(parameters, (changed) => construct(target, changed, newTarget));
        if (result) return result;
        const restore = withoutTrace();
        try { return construct(target, parameters, newTarget); } catch (error) { throw withoutTrace(error); } finally { restore(); }
      },
    }))`,
    trapFile,
  ) as (...parameters: Parameters) => ProxyHandler<object & (() => unknown)>;
  return create(compile, withoutTrace, Reflect.apply, Reflect.construct);
}

/** Name of the code of traps whose frames are removed from stack traces. */
const trapFile = 'pipescope:trap';
/** Name of the code of traps under which the program runs. Tools hide its frames like those of Node's own files. */
const runTrapFile = 'node:vm';

/** Without an error, lets the next stack trace have one more frame. Removes the frame of the trap from an error. */
function withoutTrace(error?: unknown): unknown {
  if (error === undefined) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = limit + 1;
    return () => {
      Error.stackTraceLimit = limit;
    };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  if (typeof stack !== 'string' || !stack.includes(trapFile)) return error;
  const value = stack
    .split('\n')
    .filter((line) => !line.includes(trapFile))
    .join('\n');
  Object.defineProperty(error, 'stack', { value, writable: true, configurable: true, enumerable: false });
  return error;
}

function createRunHandler(
  change: (self: object, parameters: Parameters) => Parameters,
  choose: (self: object, parameters: Parameters) => object = (self) => self,
): ProxyHandler<object & (() => unknown)> {
  const create = vm.runInThisContext(
    '((change, choose, apply) => ({ apply: (target, self, parameters) => apply(target, choose(self, parameters), change(self, parameters)) }))',
    runTrapFile,
  ) as (...parameters: Parameters) => ProxyHandler<object & (() => unknown)>;
  return create(change, choose, Reflect.apply);
}
