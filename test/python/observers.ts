/** Python programs that look at what the probe could leave in a process: modules, threads, files, finalizers. */
import type { UnnoticedProgram } from './programs.ts';

const functions = `def twice(n): return 2 * n
class Sum:
    @staticmethod
    def upTo(n): return [twice(i) for i in range(n)]
start = twice(1)
`;

export const observers: readonly UnnoticedProgram[] = [
  {
    what: 'a search through all modules while it runs',
    files: {
      'main.py': `import sys, time
def count(module): return len(getattr(module, '__dict__', ()))
total, end = 0, time.time() + 0.6
while time.time() < end:
    for name, module in sys.modules.items():
        total += count(module)
        time.sleep(0.0001)
print(total > 0)
`,
    },
    expectedFunction: 'main.py:count',
  },
  {
    what: 'a list of all that Python knows',
    files: {
      'main.py': `import sys
def names(): return [name for name in sys.modules if name != 'atexit']
before = names()
import threading, gc, signal, os, atexit
print(before, names())
print(sys.path, sorted(sys.path_importer_cache), [str(finder).split(' at ')[0] for finder in sys.meta_path], sys.getswitchinterval())
print([thread.name for thread in threading.enumerate()], threading.active_count(), threading.main_thread().ident == threading.get_ident())
print(gc.get_threshold(), gc.isenabled(), gc.callbacks, gc.get_freeze_count(), gc.get_debug())
print([signal.getsignal(number) for number in (1, 2, 10, 13, 14, 15, 17, 27)], signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(os.open(os.devnull, os.O_RDONLY), os.dup(1), sys.flags, sys.warnoptions, sys._xoptions, sys.dont_write_bytecode)
import json, socket, functools, itertools, collections, enum, re, opcode, weakref, struct, copyreg, pickle, copy
print(json.loads('{"a": [1, 2.5]}'), functools.lru_cache()(len)('abc'), re.sub('b+', 'x', 'abbc'), functools.partial(max, 1)(2))
print(pickle.loads(pickle.dumps(collections.OrderedDict(a=collections.deque([1])))), copy.deepcopy([re.compile('a')]))
left, right = socket.socketpair()
print(left.send(b'x'), right.recv(9), left.fileno() < 50)
print(sorted(name for name in sys.modules if 'pipescope' in name), sorted(name for name in vars(os) if 'pipescope' in name))
`,
    },
    expectedFunction: 'main.py:names',
  },
  {
    what: 'finalizers that work in one thread only',
    files: {
      'main.py': `import gc, sqlite3, sys, time, weakref, _thread
main, calls = _thread.get_ident(), []
class Store:
    def __init__(self):
        self.itself, self.filling = self, [[] for _ in range(5)]
        self.connection = sqlite3.connect(':memory:')
    def __del__(self): self.connection.close()
class Watched:
    def __init__(self):
        self.itself = self
        watches.append(weakref.ref(self, called))
def called(reference):
    if _thread.get_ident() != main: print('called in another thread', file=sys.stderr)
    calls.append(1)
watches = []
for thresholds in ((700, 10, 10), (9, 3, 2)):
    gc.set_threshold(*thresholds)
    end = time.time() + 0.6
    while time.time() < end:
        Store()
        Watched()
        if len(watches) > 300: del watches[:]
        time.sleep(0.0005)
print(len(calls) > 0, gc.get_threshold())
`,
    },
    expectedFunction: 'main.py:called',
  },
  {
    what: 'descriptors that are closed and used again',
    files: {
      'main.py': `import os, sys, time
def write(name, text):
    with open(name, 'w') as file: file.write(text)
os.closerange(3, 1000)
# The numbers that the probe had now belong to files of the program.
kept = [os.open('file%d' % number, os.O_CREAT | os.O_RDWR) for number in range(3, 420)]
write('other', 'text')
time.sleep(0.6)
print({os.fstat(number).st_size for number in kept}, len({os.fstat(number).st_ino for number in kept}), kept[:3])
if os.fork() == 0:
    write('child', 'text')
    sys.exit(len({os.fstat(number).st_ino for number in kept}) % 256)
print(os.wait()[1], len({os.fstat(number).st_ino for number in kept}))
`,
    },
  },
  {
    what: 'a daemon without environment that closes all files',
    files: {
      'main.py': `import os, sys, time
def work(n): return n + 1
def last(): return 4
work(1)
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.environ.clear()
        os.dup2(write, 2)
        os.closerange(3, 1000)
        total = sum(map(work, range(5)))
        time.sleep(0.3)
        os.write(2, b'%d' % (total + last()))
        os._exit(3)
    os._exit(0)
os.close(write)
print(os.wait()[1], os.read(read, 99), os.read(read, 99))
`,
    },
    expectedFunction: 'main.py:last',
  },
  {
    what: 'children of every kind',
    files: {
      'main.py': `import os, pty, subprocess, sys
def work(n): return n + 1
number = os.posix_spawn(sys.executable, [sys.executable, '-c', 'print("spawned", flush=True)'], os.environ)
print(os.waitpid(number, 0)[1], work(1), flush=True)
number, terminal = pty.fork()
if number == 0:
    work(2)
    os._exit(5)
print(os.waitpid(number, 0)[1], work(3), flush=True)
print(subprocess.run([sys.executable, '-c', 'print(1)'], preexec_fn=lambda: work(1), capture_output=True).stdout)
print(subprocess.run(['cat'], input=b'x', stdout=-1, close_fds=False).stdout, subprocess.check_output('echo $0', shell=True))
print(os.popen('echo popen').read(), os.system('exit 3'), os.spawnv(os.P_WAIT, '/bin/true', ['true']))
`,
    },
    expectedFunction: 'main.py:work',
  },
  {
    what: 'modules of every kind of loader',
    files: {
      'plain.py': functions,
      'main.py': `import importlib.abc, importlib.util, os, py_compile, runpy, sys, traceback, zipfile
class Loader(importlib.abc.Loader):
    def exec_module(self, module): exec(compile(open('plain.py').read(), os.path.abspath('plain.py'), 'exec'), module.__dict__)
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        return importlib.util.spec_from_file_location(name, os.path.abspath('plain.py'), loader=Loader()) if name == 'foreign' else None
sys.meta_path.append(Finder())
with zipfile.ZipFile('packed.zip', 'w') as archive: archive.writestr('zipped.py', open('plain.py').read())
sys.path.append('packed.zip')
open('compiled.py', 'w').write(open('plain.py').read())
py_compile.compile('compiled.py', cfile='compiled.pyc'); os.remove('compiled.py')
import foreign, zipped, compiled
print(foreign.Sum.upTo(2), zipped.Sum.upTo(3), compiled.Sum.upTo(4), runpy.run_path('plain.py')['Sum'].upTo(5)[-1])
open('wrong.py', 'w').write('def f(:')
open('late.py', 'w').write('def f(): return 1 / 0\\nf()\\n')
for path in ('missing.py', 'wrong.py', 'late.py'):
    try: runpy.run_path(path)
    except (OSError, SyntaxError, ZeroDivisionError): traceback.print_exc()
`,
    },
    expectedFunction: 'zipped.py:Sum.upTo',
  },
  {
    what: 'the import of another copy of the probe',
    files: {
      // A workspace may contain the installed extension, for example the home folder of the user.
      'extension/load/pipescope_functions.py': 'def other(): return 1\n',
      'extension/guest/pipescope_guest.py': 'def mine(): return 2\n',
      'main.py': `import sys
sys.path.insert(0, 'extension')
def use(): return 3
import importlib.util
spec = importlib.util.spec_from_file_location('copied', 'extension/guest/pipescope_guest.py')
module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)
print(use(), module.mine())
`,
    },
    expectedFunction: 'main.py:use',
  },
];
