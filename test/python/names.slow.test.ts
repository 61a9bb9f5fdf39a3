/** Checks the names of Python functions: those of `__qualname__`, without the marks of local scopes. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInterpreters, minorOf } from './interpreters.ts';
import { runProfiled } from './profiled-python.ts';

const program = `import functools
def shout(function):
    @functools.wraps(function)
    def wrapper(*args): return function(*args)
    return wrapper
@shout
@shout
def talk(): return 1
class Outer:
    class Inner:
        @staticmethod
        def deep():
            class Local:
                def method(self):
                    def last(): return 2
                    return last()
            return Local().method()
def declare():
    global declared
    def declared(): return 3
if True:
    def conditional(
        n,
    ):
        return n
talk(); Outer.Inner.deep(); declare(); declared(); conditional(1)
`;

/** Lines of \`def\`, by name. */
const expected: Readonly<Record<string, number>> = {
  shout: 2,
  'shout.wrapper': 4,
  talk: 8,
  'Outer.Inner.deep': 12,
  'Outer.Inner.deep.Local.method': 14,
  'Outer.Inner.deep.Local.method.last': 15,
  declare: 18,
  declared: 20,
  conditional: 22,
};

const generic = `def first[T](x: T) -> T: return x
class Box[T]:
    def get(self, x: T) -> T:
        def inner[U: (int, str)](y: U) -> U: return y
        return inner(x)
    class Inside[V]:
        async def wait[W](self): return 1
    def default[X](self, x=[1]): return x
type Pair[T] = tuple[T, T]
for _ in range(3): first(1)
Box().get(1)
Box().default()
try: Box.Inside().wait().send(None)
except StopIteration: pass
print(Pair.__value__)
`;

async function linesByName(python: string, text: string): Promise<Record<string, number | undefined>> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'names-')));
  try {
    writeFileSync(join(folder, 'main.py'), text);
    const { received, code, stderr } = await runProfiled(python, ['main.py'], { cwd: folder });
    assert.equal(code, 0, stderr);
    const definitions = [...received.totals.values()].map(({ definition }) => definition);
    return Object.fromEntries(definitions.map(({ name, line }) => [name, line]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('Name of a Python function', () => {
  for (const { path, version } of findInterpreters()) {
    it(`is its qualified name in Python ${version}`, async () => {
      const lines = await linesByName(path, program);
      // Before Python 3.11, code does not know that a name was declared global.
      if (minorOf(version) < 11) {
        lines['declared'] = lines['declare.declared'];
        delete lines['declare.declared'];
      }
      assert.deepEqual(lines, expected);
    });

    if (minorOf(version) < 12) continue;
    it(`does not contain the scope of type parameters in Python ${version}`, async () => {
      assert.deepEqual(await linesByName(path, generic), {
        first: 1,
        'Box.get': 3,
        'Box.get.inner': 4,
        'Box.Inside.wait': 7,
        'Box.default': 8,
      });
    });
  }
});
