/** Names that are defined by the languages and their runtimes instead of by the workspace. */

const page =
  'window document navigator location history localStorage sessionStorage alert confirm prompt requestAnimationFrame cancelAnimationFrame getComputedStyle matchMedia Element HTMLElement Node Event MouseEvent KeyboardEvent Image FileReader XMLHttpRequest Worker IntersectionObserver ResizeObserver MutationObserver DOMParser CustomEvent';
const node = 'require module exports __dirname __filename process Buffer import NodeJS';
const types =
  'string number boolean bigint symbol void undefined null Function Array ReadonlyArray Record Iterable Iterator AsyncIterable AsyncIterator Generator AsyncGenerator IterableIterator ReadonlyMap ReadonlySet ArrayLike Exclude Extract Omit Pick Parameters ReturnType InstanceType';
const python =
  'abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip __import__ __build_class__ BaseException Exception ArithmeticError AssertionError AttributeError BlockingIOError BrokenPipeError BufferError ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError EOFError EnvironmentError FileExistsError FileNotFoundError FloatingPointError GeneratorExit IOError ImportError IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplemented NotImplementedError OSError OverflowError PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeWarning UserWarning ValueError Warning DeprecationWarning FutureWarning PendingDeprecationWarning ZeroDivisionError BaseExceptionGroup ExceptionGroup None True False Ellipsis __name__ __file__ __doc__';

const globals: Readonly<Record<'ecmascript' | 'python', ReadonlySet<string>>> = {
  ecmascript: new Set([...Object.getOwnPropertyNames(globalThis), ...`${page} ${node} ${types}`.split(' ')]),
  python: new Set(python.split(' ')),
};

export function isGlobal(language: string, name: string): boolean {
  return globals[language === 'python' ? 'python' : 'ecmascript'].has(name);
}

/** Returns whether built-in types have methods of this name, so that a call may not reach a method of the workspace. */
export function isCommonMethod(name: string): boolean {
  return commonMethods.has(name);
}

const builtins: readonly object[] = [
  ...[Object, Function, Array, String, Number, Boolean, Promise, Map, Set, WeakMap, RegExp, Date, Math, JSON, Symbol],
  ...[Error, Buffer, URL, console, Reflect, Uint8Array, EventTarget, AbortController],
];
const commonMethods = new Set([
  ...builtins.flatMap((type) => [
    ...Object.getOwnPropertyNames(type),
    ...('prototype' in type ? Object.getOwnPropertyNames(type.prototype) : []),
  ]),
  ...'on once off emit pipe write end addListener removeListener removeAllListeners querySelector querySelectorAll appendChild removeChild preventDefault stopPropagation getContext getBoundingClientRect focus blur click scrollIntoView setAttribute getAttribute createElement getElementById dispose close open start stop be equal expect it describe next return throw send abort'.split(
    ' ',
  ),
  ...'append extend insert remove pop clear index count sort reverse copy get items keys values update setdefault discard union join split strip lstrip rstrip replace format startswith endswith encode decode lower upper read readline seek find search match group groups sub findall compile isinstance exists mkdir is_file is_dir resolve relative_to joinpath read_text write_text put recv run wait cancel result set acquire release info debug warning error exception critical add'.split(
    ' ',
  ),
]);
