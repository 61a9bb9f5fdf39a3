/** Checks which functions the Python probe finds, what it says of those that it cannot, and where it steps aside. */
import { strict as assert } from 'node:assert';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { debianPython } from '../fixtures/guest-tools.ts';
import { assertUnnoticed, createFolder } from './assert-unnoticed.ts';
import { findInterpreters, minorOf } from './interpreters.ts';
import { probeFolder, type ReceivedBatches, runPlain, runProfiled } from './profiled-python.ts';

const noBytecode = { PYTHONDONTWRITEBYTECODE: '1' };
const noticesOf = (received: ReceivedBatches): readonly string[] =>
  received.batches.flatMap(({ notices = [] }) => notices);
const countsOf = (received: ReceivedBatches): Record<string, number> =>
  Object.fromEntries([...received.totals].map(([name, { count }]) => [name, count]));

/** Functions of the main file that no name of the module leads to, or that are called before their statement has ended. */
const registries = `import functools
class Registry:
    def __init__(self): self.kept = [[]]
    def __call__(self, function): self.kept[0].append({'call': function})
def at_once(function):
    function(); function()
    return function
registry, pairs = Registry(), []
@registry
def listed(): return 1
@at_once
@functools.wraps(registry)
def called(): return 2
@functools.singledispatch
def shown(value): return 'any'
@shown.register(int)
def _(value): return 'number'
class Shape:
    def area(n): return n * n
    unit = area(1)
    @at_once
    def check(): pass
    def __init_subclass__(cls): cls().ready()
    def ready(self): pass
class Circle(Shape): pass
for i in range(3):
    def repeated(): return i
    pairs.append(repeated)
    repeated()
    if i < 2:
        continue
    def rare(): return 0
    rare()
for _ in range(7): registry.kept[0][0]['call']()
print(shown(1), shown('x'), [function() for function in pairs])
def last(): return 3
last()
`;

describe('Life of the Python probe', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function profile(python: string, args: readonly string[], files: Readonly<Record<string, string>>, exact = '') {
    folder = createFolder(files);
    const [file = '', name = ''] = exact.split(':');
    const options = { cwd: folder, env: noBytecode, exact: exact ? [{ file, name }] : [] };
    const { received, ...result } = await runProfiled(python, args, options);
    assert.deepEqual(received.errors, []);
    return { ...result, received };
  }

  for (const { path, version } of findInterpreters()) {
    it(`counts functions that only registries hold or decorators call in Python ${version}`, async () => {
      const { received } = await profile(path, ['main.py'], { 'main.py': registries });
      const counts = countsOf(received);
      const expected = { listed: 7, called: 2, shown: 1, 'Shape.area': 1, 'Shape.check': 2, 'Shape.ready': 1 };
      for (const [name, count] of Object.entries({ ...expected, _: 1, repeated: 6, rare: 1, last: 1, at_once: 2 }))
        assert.equal(counts[`main.py:${name}`], count, name);
    });
  }

  const [{ path: python } = { path: 'python3' }] = findInterpreters();

  it('counts tests, fixtures and helpers that pytest rewrites, and leaves its messages as they are', async () => {
    const files = {
      'shop.py': 'def price(n): return n * 2\n',
      'conftest.py': 'import pytest\n@pytest.fixture\ndef basket(): return make()\ndef make(): return [1, 2]\n',
      'test_shop.py': `import shop
def helper(n): return shop.price(n)
def test_all(basket):
    for n in basket: assert helper(n) == n * 2
class TestClass:
    def setup_method(self): self.n = 3
    def test_wrong(self): assert helper(self.n) == [self.n, 'other']
`,
      'test_broken.py': 'def test_it(:\n',
    };
    const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--continue-on-collection-errors'];
    const { received, stdout } = await profile(debianPython, args, files);
    const names = ['test_shop.py:test_all', 'test_shop.py:helper', 'test_shop.py:TestClass.setup_method'];
    const more = ['test_shop.py:TestClass.test_wrong', 'conftest.py:basket', 'conftest.py:make', 'shop.py:price'];
    const counts = countsOf(received);
    assert.deepEqual(
      [...names, ...more].map((name) => counts[name]),
      [1, 3, 1, 1, 1, 1, 3],
    );
    const plain = await runPlain(debianPython, args, { cwd: folder, env: noBytecode });
    const withoutTime = (text: string): string => text.replace(/ in [\d.]+s/, '').replaceAll(/0x[0-9a-f]+/g, '0x');
    assert.equal(withoutTime(stdout), withoutTime(plain.stdout));
    assert.match(stdout, /assert 6 == \[3, 'other'\]/);
  });

  it('counts every call in modules that custom loaders, archives and runpy load', async () => {
    const source = 'def f(n): return n\nx = f(1)\ndef g(): return f(2)\n';
    const { received } = await profile(python, ['main.py'], {
      'a.py': source,
      'main.py': `import runpy, sys, zipfile
with zipfile.ZipFile('z.zip', 'w') as archive: archive.write('a.py', 'zipped.py')
sys.path.append('z.zip')
import zipped; zipped.g()
for _ in range(2): runpy.run_path('a.py')['g']()
runpy.run_module('a', run_name='other')['g']()
`,
    });
    const counts = countsOf(received);
    assert.deepEqual([counts['zipped.py:f'], counts['a.py:f'], counts['a.py:g']], [2, 6, 3]);
  });

  const silences: readonly (readonly [
    what: string,
    args: readonly string[],
    main: string,
    notice: RegExp,
    exact?: string,
  ])[] = [
    ['a command', ['-c', 'def f(): pass\nf()'], '', /Functions of a command \(-c\) are not counted/],
    ['code that exec() runs', ['main.py'], 'exec("def f(): pass")\n', /^main\.py calls exec\(\)/],
    [
      'a name that does not exist',
      ['main.py'],
      'def f(): pass\nf()\n',
      /^No function matches main\.py:g \(--exact\)/,
      'main.py:g',
    ],
    [
      'a generator',
      ['main.py'],
      'def g(): yield 1\nprint(*g())\n',
      /^No function matches main\.py:g.*Generators/,
      'main.py:g',
    ],
    [
      'an error of the probe itself',
      ['main.py'],
      `import gc, time
def f(): return 1
next(item for item in gc.get_objects() if type(item).__name__ == 'Guest').on_tick.append(lambda: 1 / 0)
time.sleep(0.3)
print(f())
`,
      /^The Python probe stopped in process \d+ \(main\.py\): ZeroDivisionError: division by zero/,
    ],
  ];
  for (const [what, args, main, notice, exact] of silences) {
    it(`says that ${what} cannot be measured`, async () => {
      const { received, stderr, code } = await profile(python, args, { 'main.py': main }, exact);
      assert.deepEqual([stderr, code], ['', 0]);
      assert.equal(noticesOf(received).filter((text) => notice.test(text)).length, 1, noticesOf(received).join('\n'));
    });
  }

  for (const { path, version } of findInterpreters().filter(({ version }) => minorOf(version) <= 10)) {
    it(`says which functions have too many try statements in Python ${version}`, async () => {
      const main = `def many(n):\n${'    try: n += 1\n    except ValueError: pass\n'.repeat(20)}    return n\ndef few(n): return n\nprint(many(few(1)))\n`;
      const { received, stdout } = await profile(path, ['main.py'], { 'main.py': main });
      assert.deepEqual([stdout, countsOf(received)], ['21\n', { 'main.py:few': 1 }]);
      assert.match(
        noticesOf(received).join('\n'),
        /^many of main\.py is not counted: too many try or with statements\./,
      );
    });
  }

  it('says nothing about a program that it measures completely', async () => {
    const { received } = await profile(python, ['main.py'], { 'main.py': registries }, 'main.py:last');
    assert.deepEqual(noticesOf(received), []);
  });

  it('leaves an installed copy of itself alone', async () => {
    folder = createFolder({ 'main.py': 'def f(): return 5\nprint(f())\n' });
    const copy = join(folder, '.vscode/extensions/pipescope/dist/python');
    mkdirSync(copy, { recursive: true });
    cpSync(probeFolder, copy, { recursive: true });
    const { received, stdout, stderr } = await runProfiled(python, ['main.py'], {
      cwd: folder,
      env: { PYTHONPATH: copy },
    });
    assert.deepEqual([stdout, stderr, countsOf(received)], ['5\n', '', { 'main.py:f': 1 }]);
    // The copy itself as the probe, in a workspace that contains it.
    const env = { PIPESCOPE_SOCKET: join(folder, 'none'), PIPESCOPE_WISHES: JSON.stringify({ workspace: folder }) };
    const own = await runPlain(python, ['main.py'], { cwd: folder, env: { ...env, PYTHONPATH: copy } });
    assert.deepEqual([own.stdout, own.stderr, own.code], ['5\n', '', 0]);
  });

  const patches = [
    ['gevent', 'from gevent import monkey\nmonkey.patch_all()'],
    ['eventlet', 'import eventlet\neventlet.monkey_patch()'],
  ] as const;
  for (const [library, patch] of patches) {
    it(`lets a program on ${library} start processes of every kind`, async () => {
      const main = `${patch}
import os, signal, subprocess, sys, threading, time
def work(n):
    time.sleep(0.01)
    return n + 1
def blocked(): return sorted(signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(work(1), subprocess.run(['echo', 'x'], stdout=-1).stdout, blocked())
number = os.fork()
if number == 0:
    work(2)
    os._exit(work(3))
print(os.waitpid(number, 0)[1], work(4), blocked(), threading.active_count())
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
time.sleep(0.3)
print(subprocess.run([sys.executable, '-c', 'print(1)'], stdout=-1).stdout)
`;
      const received = await assertUnnoticed(debianPython, { what: library, files: { 'main.py': main } });
      assert.equal(received.totalOf('main.py:work').count, 8);
    });
  }

  it('starts its own thread in a process that was patched before', async () => {
    const files = {
      'base/lib/python3.11/site-packages/first.pth': 'import gevent.monkey; gevent.monkey.patch_all()\n',
    };
    const main =
      'import os, time\ndef work(): time.sleep(0.4)\nwork()\nif os.fork() == 0: os._exit(3)\nprint(os.wait()[1])\nwork()\n';
    const env = { PYTHONUSERBASE: 'base' };
    const received = await assertUnnoticed(debianPython, {
      what: 'a .pth file',
      files: { ...files, 'main.py': main },
      env,
    });
    assert.equal(received.totalOf('main.py:work').count, 2);
  });

  for (const version of ['2.7.18', '3.6.15', '3.7.16']) {
    it(`steps aside in Python ${version}`, async function () {
      const old = join(homedir(), `.pyenv/versions/${version}/bin/python`);
      if (!existsSync(old)) this.skip();
      const main = `import sys, threading, site
print(sorted(sys.modules)); print(sys.path[1:]); print(threading.active_count())
import lib; print(lib.f(), sys.modules['sitecustomize'].mine if 'sitecustomize' in sys.modules else 'none')
lib.g()
`;
      const files = { 'main.py': main, 'lib.py': 'def f(): return 1\ndef g(): return 1 / 0\n' };
      await assertUnnoticed(old, { what: version, files });
      const site = { 'site/sitecustomize.py': 'mine = 5\n' };
      const received = await assertUnnoticed(old, {
        what: 'its sitecustomize',
        files: { ...files, ...site },
        env: { PYTHONPATH: 'site' },
      });
      assert.equal(received.batches.length, 0);
    });
  }

  it('sends what happens after a fork although the environment was cleared', async () => {
    const main = `import os, time
def parent(): pass
def child(): pass
parent()
os.environ.clear()
if os.fork() == 0:
    child()
    time.sleep(0.1)
    os._exit(0)
os.wait()
`;
    const { received } = await profile(python, ['main.py'], { 'main.py': main });
    assert.deepEqual([received.totalOf('main.py:parent').count, received.totalOf('main.py:child').count], [1, 1]);
    assert.ok(received.batches.at(-1)?.bye);
  });
});
