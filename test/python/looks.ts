/** Python programs that look at themselves, or are looked at by a tool, in ways that could show the probe. */

export interface Look {
  /** Completes the test title "shows nothing of the probe to …". */
  readonly what: string;
  readonly main: string;
  /** Arguments of Python. Default: `main.py`. */
  readonly args?: readonly string[];
  readonly input?: string;
  /** Further texts by path, and variables of the environment. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Programs that run afterwards without the probe and print what the first one has left. */
  readonly after?: readonly (readonly string[])[];
  readonly minMinorVersion?: number;
  readonly maxMinorVersion?: number;
  /** True if the tool is a Debian package of `/usr/bin/python3`. */
  readonly isDebian?: boolean;
  /** A sentence that must be among the notices. */
  readonly notice?: RegExp;
  /** A function that must have been counted in spite of the look. */
  readonly counted?: string;
}

/** Functions of many shapes, in the workspace of every program. `work.run()` calls them all. */
export const work = `"""Functions to look at."""
import functools


def plain(n):
    return n + 1


def branches(n):
    if n > 2:
        return 'big'
    elif n:
        for i in range(n):
            if i == 1:
                break
        else:
            n = 5
    while n > 0:
        n -= 1
        if n == 1:
            continue


def cleans(n):
    try:
        with open('/dev/null') as file:
            return file.read() or 10 // n
    except ZeroDivisionError as error:
        return str(error)
    finally:
        n = None


def fails(text):
    count = len(text)
    raise KeyError(text)


def outer(n):
    def inner(m=1):
        nonlocal n
        n += m
        return n
    return inner() + inner(2)


def recursive(n):
    return 0 if n == 0 else 1 + recursive(n - 1)


async def waits(n):
    return n and await waits(n - 1)


def silent(): pass


def yields(n):
    for i in range(n):
        yield i


def decorate(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper


@decorate
def decorated(a, b=2, *, c=3):
    """Adds."""
    return a + b + c


class Box:
    size = 1

    def __init__(self, value):
        self.value = value

    @property
    def double(self):
        return self.value * 2

    @classmethod
    def make(cls):
        return cls(cls.size)


def run():
    results = [plain(1), [branches(n) for n in range(4)], cleans(1), cleans(0), outer(3), recursive(4), silent()]
    try:
        fails('key')
    except KeyError as error:
        results.append(repr(error))
    try:
        waits(2).send(None)
    except StopIteration as error:
        results.append(error.value)
    results += [list(yields(2)), decorated(1), Box(2).double, Box.make().value]
    return results
`;

const functions =
  '[work.plain, work.branches, work.cleans, work.outer, work.waits, work.decorated.__wrapped__, work.Box.__init__, main]';

/** Looks that read code objects as data; all in one program, because reading needs no tool. */
const reads = `import copy, dis, gc, inspect, io, marshal, os, pickle, sys, traceback, types, weakref, work
def main(n):
    """Main."""
    total = n
    for part in range(n): total += part
    return total
def show(*values): print(*values, sep='\\n')
work.run(); main(3)
for function in ${functions}:
    code = function.__code__
    show(function.__qualname__, len(marshal.dumps(code)), code.co_code.hex(), code.co_stacksize, code.co_names,
         code.co_varnames, code.co_firstlineno, code.co_flags, code.co_nlocals, code.co_cellvars,
         [type(constant).__name__ for constant in code.co_consts], hash(code) == hash(code), list(dis.findlinestarts(code)))
    show(function.__code__ is code, marshal.loads(marshal.dumps(code)) == code, copy.copy(function) is function,
         code.replace(co_name='other').co_name, weakref.ref(function)() is function, sys.getsizeof(code), sys.getsizeof(function))
    out = io.StringIO()
    dis.dis(function, file=out)
    show(out.getvalue().replace(hex(id(code)), ''), inspect.getsource(function), inspect.signature(function))
    show(inspect.getclosurevars(function)[1:], pickle.dumps(function).hex(), inspect.iscoroutinefunction(function))
    show([type(value).__name__ for value in gc.get_referents(function)], dict(inspect.getmembers(function))['__code__'] is code)
    clone = types.FunctionType(code, function.__globals__, 'clone', function.__defaults__, function.__closure__)
    show(clone.__code__ == function.__code__)
outer = work.outer.__code__
show([constant.co_name for constant in outer.co_consts if hasattr(constant, 'co_name')])
work.silent.__code__ = (lambda: 'replaced').__code__
work.decorated.__wrapped__.__code__ = work.decorated.__wrapped__.__code__.replace(co_name='renamed')
show(main(4), work.run(), work.decorated.__wrapped__.__code__.co_name)
`;

/** Frames that are running or have failed, seen from outside. */
const frames = `import inspect, linecache, sys, traceback, work
def parent(n, m=2):
    note = 'local'
    return child(n) + m
def child(n):
    frame = sys._getframe()
    while frame:
        code = frame.f_code
        print(code.co_name, code.co_filename == __file__, frame.f_lineno, sorted(frame.f_locals), code.co_varnames, code.co_flags)
        print(hash(code) == hash(code), code.co_firstlineno, frame.f_trace if frame.f_back else None, inspect.getframeinfo(frame)[1:4])
        frame = frame.f_back
    return n
def deep(n):
    value = [n]
    try:
        work.fails('x') if n == 0 else deep(n - 1)
    finally:
        value.append(sys.exc_info()[0].__name__)
parent(1)
parent(1)
for _ in range(3):
    try: deep(2)
    except KeyError as error:
        text = traceback.TracebackException.from_exception(error, capture_locals=True).format()
        print(*[line for line in text if '0x' not in line])
        tb = error.__traceback__
        while tb:
            lines = [tb.tb_lineno, tb.tb_frame.f_lineno] if sys.version_info >= (3, 10) else [tb.tb_lineno]
            print(tb.tb_frame.f_code.co_name, *lines, sorted(tb.tb_frame.f_locals)[:5])
            if hasattr(tb.tb_frame.f_code, 'co_positions'):
                print(list(tb.tb_frame.f_code.co_positions())[tb.tb_lasti // 2])
            tb = tb.tb_next
def depth(n):
    try: return depth(n + 1)
    except RecursionError: return n
limit = {depth(0) for _ in range(3)}
# Python 3.8 counts calls of the probe.
print(len(limit), limit if sys.version_info >= (3, 9) else None)
`;

const tracer = (set: string): string => `import sys, threading, work
seen = []
def tracer(frame, event, arg):
    if 'work.py' in frame.f_code.co_filename or 'main.py' in frame.f_code.co_filename or event.startswith('c_'):
        name = getattr(arg, '__name__', None) if event.startswith('c_') else frame.f_code.co_name
        seen.append((event, name, frame.f_lineno, sorted(frame.f_locals) if event != 'c_call' else None))
    return tracer
def main(n):
    work.run()
    ${set}(tracer)
    sys._getframe().f_trace = tracer
    for _ in range(2):
        work.run()
        n += 1
    try:
        late(n)
    except ZeroDivisionError:
        pass
    return n
def late(n):
    return n / 0
main(1)
${set}(None)
work.run()
print(*seen, sep='\\n')
`;

export const looks: readonly Look[] = [
  { what: 'a program that reads its code', main: reads, counted: 'work.py:plain' },
  { what: 'a program that walks its frames', main: frames, counted: 'work.py:fails' },
  {
    what: 'a tracer that starts in a running function',
    main: tracer('sys.settrace'),
    notice: /^Functions are not counted while the program traces itself\.$/,
    counted: 'work.py:recursive',
  },
  {
    what: 'a profiler that starts in a running function',
    main: tracer('sys.setprofile'),
    notice: /while the program profiles itself/,
    counted: 'work.py:recursive',
  },
  {
    what: 'a tracer of instructions',
    main: `import sys, work
seen = []
def tracer(frame, event, arg):
    frame.f_trace_opcodes = True
    if 'work.py' in frame.f_code.co_filename: seen.append((event, frame.f_lineno, frame.f_lasti))
    return tracer
work.run()
sys.settrace(tracer)
work.run()
sys.settrace(None)
print(*seen, sep='\\n')
`,
  },
  {
    what: 'a tracer that starts between two definitions',
    main: `import sys, work
seen = []
def tracer(frame, event, arg):
    frame.f_trace_opcodes = True
    if 'lib' not in frame.f_code.co_filename: seen.append((event, frame.f_code.co_name, frame.f_lineno, frame.f_lasti))
    return tracer
def early(n): return n
early(1); work.run()
sys.settrace(tracer)
early(2); work.run()
def late(n): return n
late(3)
sys.settrace(None)
def last(n): return n
print(*seen, last(4), sep='\\n')
`,
    notice: /while the program traces itself/,
    counted: 'main.py:early',
  },
  {
    what: 'a tracer of all threads',
    main: `import sys, threading, work
seen = []
def tracer(frame, event, arg):
    if 'work.py' in frame.f_code.co_filename: seen.append((event, frame.f_code.co_name, frame.f_lineno))
    return tracer
work.run()
threading.settrace(tracer)
thread = threading.Thread(target=work.run)
thread.start(); thread.join()
print(*seen, sep='\\n')
`,
    notice: /while threading traces this program/,
  },
  {
    what: 'a tracer in a module that is imported late',
    main: `import os, time, work
work.run(); time.sleep(0.15)
import late
late.start()
work.run(); time.sleep(0.15)
if os.fork() == 0: os._exit(0)
os.wait()
late.stop()
print(*late.seen, sep='\\n')
`,
    files: {
      'late.py': `import sys, _thread
seen, main, mon = [], _thread.get_ident(), getattr(sys, 'monitoring', None)
def see(name, code):
    # Modules that another thread imports, and threads of Python itself, are not of interest.
    if 'importlib' not in code.co_filename: seen.append((name, code.co_name, _thread.get_ident() == main))
def tracer(frame, event, arg):
    see(event, frame.f_code)
    return tracer
def start():
    if mon:
        mon.use_tool_id(1, 'late')
        mon.register_callback(1, mon.events.PY_RETURN, lambda code, *_: see('monitored', code))
        mon.register_callback(1, mon.events.LINE, lambda code, *_: see('line', code))
        mon.set_events(1, mon.events.PY_RETURN | mon.events.LINE)
    sys.settrace(tracer)
def stop():
    sys.settrace(None)
    if mon:
        mon.set_events(1, 0)
        mon.free_tool_id(1)
`,
    },
    notice: /while late (traces|monitors) this program/,
    counted: 'work.py:plain',
  },
  {
    what: 'the debugger that a running function starts',
    main: `import work
def main(n):
    work.plain(n)
    total = n
    breakpoint()
    total += work.plain(n)
    return total
print(main(2))
`,
    input: 'p sorted(locals())\nw\nn\nn\nn\nn\ns\nargs\nc\n',
    notice: /while bdb traces this program/,
  },
  {
    what: 'pdb',
    args: ['-m', 'pdb', 'main.py'],
    main: 'import work\ndef main(n):\n    return work.branches(n)\nprint(main(2))\n',
    input: 'b work.branches\nc\nn\nn\nn\nn\nn\nn\nr\nlocals()\nup\nc\nq\n',
    notice: /while bdb traces this program/,
  },
  {
    what: 'bdb',
    main: `import bdb, work
class Steps(bdb.Bdb):
    def user_line(self, frame): print(frame.f_code.co_name, frame.f_lineno)
    def user_return(self, frame, value): print('return', frame.f_code.co_name, frame.f_lineno)
    def user_exception(self, frame, info): print('exception', frame.f_code.co_name, frame.f_lineno)
Steps().runcall(work.cleans, 0)
Steps().runcall(work.branches, 2)
`,
  },
  {
    what: 'the module trace',
    args: ['-m', 'trace', '--count', '--missing', '--summary', '-C', 'counts', 'main.py'],
    main: 'import work\nprint(work.run())\n',
    after: [['-c', 'import glob; print(*[open(path).read() for path in sorted(glob.glob("counts/*"))])']],
    notice: /while trace traces this program/,
  },
  {
    what: 'the module trace with calls',
    args: ['-m', 'trace', '--trackcalls', '--ignore-dir', '/usr:/root', 'main.py'],
    main: 'import work\nprint(work.run())\n',
  },
  {
    what: 'cProfile',
    args: ['-m', 'cProfile', '-o', 'stats', 'main.py'],
    main: 'import work\nprint(work.run())\n',
    after: [
      [
        '-c',
        'import pstats; print(*sorted((key, value[:2]) for key, value in pstats.Stats("stats").stats.items()), sep="\\n")',
      ],
    ],
    notice: /while cProfile (profiles|monitors) this program/,
  },
  {
    what: 'a profile of a part',
    main: `import cProfile, profile, pstats, work
def main():
    for kind in (cProfile, profile):
        profiler = kind.Profile()
        work.run()
        profiler.runcall(work.run)
        profiler.create_stats()
        print(*sorted((key, value[:2]) for key, value in profiler.stats.items()), sep='\\n')
    profiler = cProfile.Profile()
    profiler.enable()
    ended(1)
    stop(profiler)
    print(*sorted((key, value[:2]) for key, value in pstats.Stats(profiler).stats.items()), sep='\\n')
def ended(n): return n
def stop(profiler):
    profiler.disable()
main()
`,
    counted: 'main.py:main',
  },
  {
    what: 'a monitoring tool',
    minMinorVersion: 12,
    main: `import sys, work
mon, seen = sys.monitoring, []
def record(name): return lambda code, *args: seen.append((name, code.co_name, *map(str, args))) if 'work.py' in code.co_filename else None
work.run()
mon.use_tool_id(mon.COVERAGE_ID, 'my coverage')
events = [name for name in dir(mon.events) if name.isupper() and name not in ('NO_EVENTS', 'C_RAISE', 'C_RETURN')]
for name in events: mon.register_callback(mon.COVERAGE_ID, getattr(mon.events, name), record(name))
mon.set_events(mon.COVERAGE_ID, sum(getattr(mon.events, name) for name in events))
work.run()
mon.set_events(mon.COVERAGE_ID, 0)
mon.free_tool_id(mon.COVERAGE_ID)
print(*[entry for entry in seen if not any('0x' in part for part in entry)], sep='\\n')
print([mon.get_tool(number) for number in range(6)])
`,
    notice: /while my coverage monitors this program/,
  },
  {
    what: 'a program with an audit hook',
    main: `import sys, work
seen = []
def later(n): return n
sys.addaudithook(lambda event, args: seen.append((event, [type(value).__name__ for value in args])))
later.__code__
later(1)
work.recursive(3)
exec('import colorsys')
print(*seen, sep='\\n')
`,
    notice: /after the program has added an audit hook/,
  },
  {
    what: 'tracemalloc from the start',
    args: ['-X', 'tracemalloc', 'main.py'],
    main: `import gc, tracemalloc, work
work.run()
gc.disable(); gc.collect()
before = tracemalloc.take_snapshot()
kept = [work.plain(300) for _ in range(100)]
filters = [tracemalloc.Filter(True, work.__file__), tracemalloc.Filter(True, __file__)]
after = tracemalloc.take_snapshot()
for stat in after.filter_traces(filters).compare_to(before.filter_traces(filters), 'lineno'):
    if stat.traceback[0].lineno == 6: print(stat.size_diff, stat.count_diff, kept[0])
`,
    notice: /while tracemalloc records this program/,
  },
  {
    what: 'a library that compares bytecode with the source',
    maxMinorVersion: 10,
    main: `import sys
with open('executing.py', 'w') as file: file.write('''
import sys
def compare():
    code = sys._getframe(1).f_code
    compiled = compile(open(code.co_filename).read(), code.co_filename, 'exec', dont_inherit=True)
    for constant in compiled.co_consts:
        if getattr(constant, 'co_name', None) == code.co_name: print(constant.co_code == code.co_code, constant == code)
''')
def early(n): return n
early(1)
from executing import compare
def late(n):
    compare()
    return n
late(2)
`,
    notice: /beside the package executing/,
    counted: 'main.py:early',
  },
  {
    what: 'coverage of branches',
    isDebian: true,
    args: ['-m', 'coverage', 'run', '--branch', 'main.py'],
    main: 'import work\nprint(work.run())\n',
    after: [['-m', 'coverage', 'report', '-m']],
    notice: /while coverage traces this program/,
  },
  {
    what: 'coverage that starts before the probe',
    isDebian: true,
    files: Object.fromEntries(
      [9, 10, 11, 12, 13].map((minor) => [
        `user/lib/python3.${minor}/site-packages/start.pth`,
        "import sys; sys.path.append('/usr/lib/python3/dist-packages'); import coverage; coverage.process_startup()\n",
      ]),
    ),
    env: { PYTHONUSERBASE: 'user', COVERAGE_PROCESS_START: 'settings', COVERAGE_RCFILE: 'settings' },
    main: 'import work\nprint(work.run())\n',
    after: [['-s', '-m', 'coverage', 'report', '-m']],
    notice: /while coverage traces this program/,
  },
  {
    what: 'coverage that a function starts',
    isDebian: true,
    main: `import coverage, work
def main(n):
    work.plain(n)
    cover = coverage.Coverage(branch=True, data_file=None)
    cover.start()
    if n:
        work.run()
    cover.stop()
    cover.report(show_missing=True)
main(1)
`,
  },
  {
    what: 'line_profiler',
    isDebian: true,
    main: `from line_profiler import LineProfiler
import work
profiler = LineProfiler()
for function in (work.branches, work.cleans, work.recursive): profiler.add_function(function)
profiler.runcall(work.run)
for key, lines in sorted(profiler.get_stats().timings.items()): print(key, [line[:2] for line in lines])
`,
  },
  {
    what: 'pytest with local variables',
    isDebian: true,
    args: ['-m', 'pytest', '-q', '-l', '-p', 'no:cacheprovider', 'main.py'],
    main: `import work
def test_local():
    items = [1, 2]
    assert work.outer(len(items)) == len(items)
def test_deep():
    work.fails('deep')
`,
    counted: 'work.py:outer',
  },
  {
    what: 'functions that are pickled by value',
    isDebian: true,
    main: `import cloudpickle, sys, work
def double(x):
    return 2 * x
double(1)
cloudpickle.register_pickle_by_value(work)
with open('pickled', 'wb') as out: cloudpickle.dump((double, work.outer, work.Box, work.decorated), out)
print(double(2), len(cloudpickle.dumps(double)))
`,
    after: [
      ['-c', 'import pickle; a, b, c, d = pickle.load(open("pickled", "rb")); print(a(21), b(2), c(3).double, d(4))'],
    ],
    counted: 'main.py:double',
  },
];
