/** Python programs whose output must not change by a single byte. Each one could notice the probe in a different way. */

export interface UnnoticedProgram {
  /** Completes the test title "behaves the same with …". */
  readonly what: string;
  /** Default: `main.py`. */
  readonly args?: readonly string[];
  /** Texts by path; includes `main.py` unless `args` are given. */
  readonly files: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Minimum minor version of Python 3. */
  readonly minMinorVersion?: number;
  /** A function of the program that must have been counted; absent if the probe cannot see the program. */
  readonly expectedFunction?: string;
}

const library = `"""A module."""
import functools
def fails(text):
    """Fails."""
    return int(text)
def outer(text):
    try:
        return fails(text)
    finally:
        functools.partial(str, text)()
class Box:
    'A box.'
    __slots__ = ('__value',)
    def __init__(self, value=1, *, key=None): self.__value = value
    @property
    def value(self): return self.__value
    @staticmethod
    def make(): return Box(2)
    @classmethod
    def named(cls, name): return cls.__name__ + name
    def __eq__(self, other): return self.value == other.value
    def __hash__(self): return hash(self.value)
class Big(Box):
    def __init__(self):
        super().__init__(3)
    @functools.lru_cache(maxsize=None)
    def cached(self, n): return n + self.value
def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up
`;

const calls = 'import lib\nprint(lib.Big().cached(3), lib.Box.make().value, lib.Box.named("x"))\n';

export const programs: readonly UnnoticedProgram[] = [
  {
    what: 'objects, closures and caches',
    files: {
      'lib.py': library,
      'main.py': `import lib, inspect, pickle
def main(a, *rest, b: int = 2, **more) -> int:
    """Main."""
    up = lib.counter(); up()
    print(up(), lib.Big().cached(1), lib.Box.make() == lib.Box(2), lib.Box.named('!'), {lib.Box(): 1}[lib.Box()])
    return a + b
print(main(1, 2, b=3, c=4), main.__doc__, main.__name__, main.__qualname__, main.__defaults__, main.__kwdefaults__)
print(main.__annotations__, inspect.signature(main), main.__code__.co_firstlineno, main.__code__.co_argcount)
print(inspect.getsource(main), pickle.dumps(main) == pickle.dumps(main), lib.__doc__, lib.Box.__doc__)
print(sorted(globals()), sorted(vars(lib))[-5:])
`,
    },
    expectedFunction: 'lib.py:Big.cached',
  },
  {
    what: 'an uncaught exception',
    files: { 'lib.py': library, 'main.py': 'import lib\ndef main():\n    lib.outer("x")\n\nmain()\n' },
    expectedFunction: 'lib.py:fails',
  },
  {
    what: 'exceptions with causes, contexts and notes',
    files: {
      'main.py': `import sys, traceback
def first():
    raise KeyError('k')
def second():
    try:
        first()
    except KeyError as error:
        raise ValueError('v') from error
def third():
    try: second()
    finally: print(sys.exc_info()[0])
def fourth():
    try: third()
    except ValueError:
        print(traceback.format_exc())
        try: first()
        except KeyError: pass
        raise
    else: print('no')
fourth()
`,
    },
    expectedFunction: 'main.py:fourth',
  },
  {
    what: 'an endless recursion',
    files: {
      'main.py': `import sys
def down(n):
    return down(n + 1)
def caught():
    try: down(0)
    except RecursionError as error: return str(error)[:32]
print(caught())
print(caught())
`,
    },
    expectedFunction: 'main.py:down',
  },
  {
    what: 'an endless recursion that is not caught',
    files: { 'main.py': 'def down(n):\n    return down(n + 1)\n\ndown(0)\n' },
    // Python 3.8 counts the calls of the probe towards the recursion limit, so the last line of the traceback differs.
    minMinorVersion: 9,
    expectedFunction: 'main.py:down',
  },
  {
    what: 'sys.exit with a number',
    files: { 'main.py': 'import sys\ndef f(): sys.exit(3)\nf()\n' },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'sys.exit with a message',
    files: { 'main.py': 'import sys\ndef f(): sys.exit("over")\nf()\n' },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'os._exit',
    files: { 'main.py': 'import os\ndef f(): return 4\nprint(f(), flush=True)\nos._exit(f())\n' },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'SIGTERM',
    files: {
      'main.py': 'import os, signal\ndef f(): return 4\nprint(f(), flush=True)\nos.kill(os.getpid(), signal.SIGTERM)\n',
    },
  },
  {
    what: 'SIGINT',
    files: {
      'main.py': 'import os, signal, time\ndef f():\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(5)\nf()\n',
    },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'a signal handler that ends a sleep',
    files: {
      'main.py': `import signal, time
class Late(Exception): pass
def ring(number, frame): raise Late(frame.f_code.co_name)
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.1)
def rest():
    time.sleep(5)
try: rest()
except Late as error: print('late', error)
`,
    },
    expectedFunction: 'main.py:rest',
  },
  {
    what: 'a command',
    args: ['-c', 'import lib; print(lib.Box(3).value, __name__); lib.fails("y")'],
    files: { 'lib.py': library },
    expectedFunction: 'lib.py:fails',
  },
  {
    what: 'a module',
    args: ['-m', 'pack', 'x'],
    files: {
      'pack/__init__.py': '',
      'pack/__main__.py': 'import sys\ndef f(): return sys.argv[1:], __name__, __spec__.name\nprint(f())\nf(1)\n',
    },
    expectedFunction: '__main__.py:f',
  },
  {
    what: 'a script on the standard input',
    args: ['-'],
    input: calls,
    files: { 'lib.py': library },
    expectedFunction: 'lib.py:Box.make',
  },
  {
    what: 'a program that reads its input',
    input: 'a\nb\n',
    files: { 'main.py': 'import sys\ndef f(): return sys.stdin.read()\nprint(f(), input.__name__)\n' },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'a folder with __main__.py',
    args: ['app'],
    files: { 'app/__main__.py': 'import sys\ndef f(): return __file__, sys.argv\nprint(f(), sys.path[0])\n' },
    expectedFunction: '__main__.py:f',
  },
  {
    what: 'a syntax error in a module',
    files: { 'wrong.py': 'def f(:\n', 'main.py': 'def f():\n    import wrong\nf()\n' },
    expectedFunction: 'main.py:f',
  },
  { what: 'a syntax error in the main file', files: { 'main.py': 'def f():\n  return )\n' } },
  {
    what: 'a missing module',
    files: { 'lib.py': 'import nowhere_at_all\n', 'main.py': 'def f():\n    import lib\nf()\n' },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'a module that fails while it is imported',
    files: { 'lib.py': 'def f(): return 1 / 0\nf()\n', 'main.py': 'import lib\n' },
    expectedFunction: 'lib.py:f',
  },
  {
    what: 'warnings of the compiler and of the program',
    args: ['-W', 'always', 'main.py'],
    files: {
      'lib.py':
        'import warnings\ndef f(x):\n    return x is 1, "\\d"\ndef g():\n    warnings.warn("old", DeprecationWarning, stacklevel=2)\n',
      'main.py': 'import lib\ndef f():\n    print(lib.f(1)); lib.g(); lib.g()\nf()\n',
    },
    expectedFunction: 'lib.py:g',
  },
  {
    what: 'development mode',
    args: ['-X', 'dev', 'main.py'],
    files: { 'lib.py': library, 'main.py': calls },
    expectedFunction: 'lib.py:Box.make',
  },
  {
    what: 'warnings as errors',
    args: ['-W', 'error', 'main.py'],
    files: { 'lib.py': library, 'main.py': calls },
    expectedFunction: 'lib.py:Box.make',
  },
  {
    what: 'optimized code without docstrings',
    args: ['-OO', 'main.py'],
    files: {
      'lib.py': library,
      'main.py': `${calls}def f():\n    'doc'\n    assert False\nf()\nprint(f.__doc__, lib.__doc__)\n`,
    },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'isolated mode, which no probe can enter',
    args: ['-I', 'main.py'],
    files: { 'main.py': 'print("alone")\n' },
  },
  {
    what: 'introspection',
    files: {
      'main.py': `import sys, threading, os, gc
def names(a, b=2):
    c = 3
    return sorted(locals()), sorted(dir()), sorted(vars()), eval('a + c')
def frame():
    here = sys._getframe()
    return here.f_code.co_name, here.f_lineno, here.f_back.f_code.co_name, here.f_back.f_lineno
def traced():
    return sys.gettrace(), sys.getprofile(), threading.gettrace() if hasattr(threading, 'gettrace') else None
def opened():
    return os.open(os.devnull, os.O_RDONLY)
print(names(1), frame(), traced(), opened())
print([thread.name for thread in threading.enumerate()], threading.active_count(), threading.main_thread().name)
print(sys.path[1:2], sys.argv, [finder for finder in sys.meta_path if 'pipescope' in repr(finder)], sys.getrecursionlimit())
print('sitecustomize' in sys.modules, [name for name in ('json', 're', 'socket', 'threading_', 'ast', 'collections') if name in sys.modules])
`,
    },
    expectedFunction: 'main.py:frame',
  },
  {
    what: 'modules with names of the standard library',
    files: {
      'json.py': 'def f(): return "mine"\n',
      'socket.py': 'def f(): return "mine too"\n',
      'ast.py': 'x = 3\n',
      'main.py': 'import json, socket, ast\nprint(json.f(), socket.f(), ast.x)\n',
    },
    expectedFunction: 'json.py:f',
  },
  {
    what: 'successful and failing calls of exec',
    files: {
      'main.py': `import os, sys
def step(): pass
step()
if len(sys.argv) < 2: os.execv(sys.executable, [sys.executable, 'main.py', 'again'])
try: os.execvp('of-no-such-name', ['x'])
except FileNotFoundError as error: print(error, flush=True)
os.execve('nowhere', ['x'], {})
`,
    },
    expectedFunction: 'main.py:step',
  },
  {
    what: 'threads',
    files: {
      'main.py': `import threading
from concurrent.futures import ThreadPoolExecutor
total = []
def work(n):
    for _ in range(1000): step(n)
    return n
def step(n): total.append(n)
with ThreadPoolExecutor(4) as pool: print(list(pool.map(work, range(8))), len(total))
thread = threading.Thread(target=work, args=(1,), daemon=False)
thread.start()
print(threading.active_count() in (1, 2))
`,
    },
    expectedFunction: 'main.py:step',
  },
  {
    what: 'a daemon thread that is still busy at the end',
    files: {
      'main.py': `import threading, time
def step(): pass
def forever():
    while True: step()
threading.Thread(target=forever, daemon=True).start()
time.sleep(0.2)
print('end')
`,
    },
    expectedFunction: 'main.py:step',
  },
  {
    what: 'coroutines',
    files: {
      'main.py': `import asyncio
async def nap(n):
    await asyncio.sleep(0.01)
    return n
async def fails():
    raise ValueError('later')
async def numbers():
    for n in range(3):
        yield n
async def main():
    print(await asyncio.gather(*(nap(n) for n in range(5))), [n async for n in numbers()])
    task = asyncio.ensure_future(nap(9)); await asyncio.sleep(0); task.cancel()
    try: await task
    except asyncio.CancelledError: print('cancelled')
    await fails()
asyncio.run(main())
`,
    },
    expectedFunction: 'main.py:nap',
  },
  {
    what: 'generators and context managers',
    files: {
      'main.py': `import contextlib
def numbers():
    try:
        got = yield 1
        print('got', got)
        yield from range(2)
    finally: print('closed')
@contextlib.contextmanager
def around():
    print('in')
    try: yield 5
    except KeyError: print('swallowed')
    print('out')
class Steps:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
with around() as n: raise KeyError(n)
generator = numbers(); print(next(generator), generator.send('x')); generator.close(); print(list(Steps()))
`,
    },
    expectedFunction: 'main.py:Steps.__next__',
  },
  {
    what: 'a fork',
    args: ['-W', 'always', 'main.py'],
    files: {
      'main.py': `import os, sys
def child(): return 7
def parent(): return 8
number = os.fork()
if number == 0:
    child()
    os._exit(child())
print(os.WEXITSTATUS(os.waitpid(number, 0)[1]), parent())
number = os.fork()
if number == 0:
    print('child', child(), flush=True)
    sys.exit(5)
print(os.WEXITSTATUS(os.waitpid(number, 0)[1]), parent())
`,
    },
    expectedFunction: 'main.py:child',
  },
  ...(['fork', 'spawn', 'forkserver'] as const).map((method) => ({
    what: `a process pool with the start method ${method}`,
    files: {
      'lib.py': 'def twice(n): return 2 * n\n',
      'main.py': `import multiprocessing, lib
def square(n): return lib.twice(n) * n
if __name__ == '__main__':
    context = multiprocessing.get_context('${method}')
    with context.Pool(2) as pool: print(pool.map(square, range(6)))
    process = context.Process(target=square, args=(3,)); process.start(); process.join(); print(process.exitcode)
`,
    },
    expectedFunction: 'main.py:square',
  })),
  {
    what: 'another Python as a child process',
    files: {
      'lib.py': library,
      'main.py': `import subprocess, sys\ndef f(): return subprocess.run([sys.executable, '-c', 'import lib; print(lib.Box.make().value); lib.fails("z")'], capture_output=True, text=True)\ndone = f()\nprint(done.returncode, done.stdout, done.stderr, subprocess.run([sys.executable, '-S', '-E', '-c', 'print(1)']).returncode)\n`,
    },
    expectedFunction: 'lib.py:fails',
  },
  {
    what: 'another sitecustomize',
    env: { PYTHONPATH: 'site' },
    files: {
      'site/sitecustomize.py': 'import builtins\nbuiltins.mine = "mine"\nprint("hello from site")\n',
      'main.py': 'import sys\ndef f(): return mine, sys.modules["sitecustomize"].__file__[-20:]\nprint(f())\n',
    },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'another sitecustomize that fails',
    env: { PYTHONPATH: 'site' },
    files: { 'site/sitecustomize.py': 'raise ValueError("broken")\n', 'main.py': 'def f(): return 1\nprint(f())\n' },
    expectedFunction: 'main.py:f',
  },
  {
    what: 'doctest',
    args: ['-m', 'doctest', '-v', 'lib.py'],
    files: { 'lib.py': 'def f(n):\n    """\n    >>> f(2)\n    4\n    """\n    return 2 * n\n' },
    expectedFunction: 'lib.py:f',
  },
  {
    what: 'another tracer',
    args: ['-m', 'trace', '--count', '--summary', '--missing', '-C', 'counts', 'main.py'],
    files: { 'main.py': 'def f(n):\n    return n\nprint(sum(map(f, range(9))))\n' },
  },
  {
    what: 'code that runs at exit',
    files: {
      'main.py':
        'import atexit\ndef f(): print("last")\natexit.register(f)\nclass Gone:\n    def __del__(self): print("gone")\ninstance = Gone()\nprint("end")\n',
    },
    expectedFunction: 'main.py:f',
  },
];
