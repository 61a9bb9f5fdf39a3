/** Checks that the tests of Python's standard library pass as before if every function in all modules is instrumented. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { findInterpreters } from '../python/interpreters.ts';
import { moduleFolders } from '../python/profiled-python.ts';

const suites = [
  'grammar',
  'generators',
  'coroutines',
  'asyncgen',
  'exceptions',
  'raise',
  'with',
  'contextlib',
  'scope',
].concat(
  ['listcomps', 'functools', 'json', 'dataclasses', 'decimal', 'ast', 'tokenize', 'argparse', 'enum', 'copy'],
  ['contextlib_async', 'asyncio.test_locks', 'asyncio.test_queues', 'asyncio.test_timeouts', 'asyncio.test_taskgroups'],
);

/** Runs the suites and prints the failed tests. With a mode, all modules that are imported from then on are instrumented. */
const program = `import importlib._bootstrap_external as loaders, io, sys, unittest
mode, folders, suites = sys.argv.pop(1), sys.argv.pop(1).split(':'), sys.argv[1:]
sys.path[:0] = folders
from pipescope_wrap import instrument
from pipescope_meter import Meter
del sys.path[:len(folders)]
count = 0
def meter_for(name, line, code):
    global count
    count += 1
    meter = Meter(0, 'functions', name, line=line)
    if mode == 'masked': meter.set_level(2)
    if mode == 'closed': meter.close()
    return meter
load = loaders.SourceFileLoader.get_code
def get_code(self, name):
    code = load(self, name)
    return code if code is None else instrument(code, meter_for).code
if mode != 'plain': loaders.SourceFileLoader.get_code = get_code
loaded = {'re', 'contextlib', 'functools', 'collections', 'enum', 'types', 'inspect', 'warnings', 'abc', 'operator'}
for name in list(sys.modules):
    if name.split('.')[0] in loaded: del sys.modules[name]
suite = unittest.TestSuite()
for name in suites:
    try: suite.addTests(unittest.defaultTestLoader.loadTestsFromName('test.test_' + name))
    except Exception as error: print(name, error)
result = unittest.TextTestRunner(verbosity=0, stream=io.StringIO()).run(suite)
print('tests', result.testsRun, *sorted(str(test) for test, _ in result.failures + result.errors), sep='\\n')
print(count, file=sys.stderr)
`;

function failures(python: string, mode: string): string {
  const args = ['-B', '-c', program, mode, moduleFolders.join(':'), ...suites];
  return execFileSync(python, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 });
}

describe('The standard library with instrumented functions', () => {
  for (const { path, version } of findInterpreters()) {
    it(`passes and fails the same tests in Python ${version}`, () => {
      const plain = failures(path, 'plain');
      assert.ok(Number(plain.split('\n').find((line) => /^\d+$/.test(line))) > 1000, plain.slice(0, 2000));
      for (const mode of ['timed', 'masked', 'closed']) assert.equal(failures(path, mode), plain, mode);
    });
  }
});
