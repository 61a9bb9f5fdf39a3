/** Small programs with calls that a rule resolves, and similar calls that it must not resolve. */

export interface PythonRule {
  readonly what: string;
  readonly file: string;
  readonly source: string;
  /** Expected target or tier of the call that starts last in the line with a text. */
  readonly calls: Readonly<Record<string, string>>;
}

export const pythonRules: readonly PythonRule[] = [
  {
    what: 'leads to the method that runs instead of a stub for type checkers',
    file: 'stubs.py',
    source: `
from typing import TYPE_CHECKING
class Gate:
    def lift(self, *args): pass
    def drop(self): pass
class Barrier(Gate):
    if TYPE_CHECKING:
        def lift(self, height: int) -> "Gate": ...
        def fold(self) -> "Gate": ...
    if CHECKING:
        def drop(self): pass
    def run(self):
        self.lift(1)  # call
        self.lift(1).drop()
        self.fold()
        self.drop()
        super().lift(2)
if TYPE_CHECKING:
    def horn(): ...
    class Lamp: ...
horn()  # module
Lamp()
`,
    calls: {
      'self.lift(1)  # call': 'Gate.lift',
      'self.lift(1).drop()': 'Gate.drop',
      'self.fold()': 'local',
      'self.drop()': 'Barrier.drop',
      'super().lift(2)': 'Gate.lift',
      'horn()  # module': 'local',
      'Lamp()': 'local',
    },
  },
  {
    what: 'of a value of a protocol that can be called may reach any function',
    file: 'protocols.py',
    source: `
from typing import Protocol
class Sorter(Protocol):
    def __call__(self, item): ...
    def reset(self): ...
class Scale:
    def __call__(self, item): pass
def weigh(sorter: Sorter, scale: Scale):
    sorter(1)
    scale(2)
    sorter.reset()
`,
    calls: { 'sorter(1)': 'local', 'scale(2)': 'Scale.__call__', 'sorter.reset()': 'Sorter.reset' },
  },
  {
    what: 'of a parameter may reach another function than its default',
    file: 'defaults.py',
    source: `
def plain(text): pass
class Ink:
    def dry(self): pass
black = Ink()
def write(draw=plain, pen=Ink, ink=black, size=len):
    draw("a")
    pen("b")
    pen().dry()
    ink.dry()
draw = plain
draw("c")
`,
    calls: {
      'draw("a")': 'local',
      'pen("b")': 'local',
      'pen().dry()': 'Ink.dry',
      'ink.dry()': 'Ink.dry',
      'draw("c")': 'plain',
    },
  },
  {
    what: 'of a member of several base classes leads to the first one in the resolution order',
    file: 'bases.py',
    source: `
import socketserver
from typing import Generic, TypeVar
T = TypeVar("T")
class Root:
    def grow(self): pass
    def wilt(self): pass
class Left(Root):
    pass
class Right(Root):
    def grow(self): pass
class Bush(Left, Right):
    def run(self):
        self.grow()  # diamond
        self.wilt()  # shared
class Named(Generic[T], Root):
    def run(self):
        self.wilt()  # generic
class Served(socketserver.BaseRequestHandler, Root):
    def run(self):
        self.grow()  # external first
        super().__init__()
class Unknown(missing, Root):
    def run(self):
        self.grow()  # unknown first
class Apart(Left, Bush):
    def run(self):
        super(Left, self).grow()
`,
    calls: {
      'self.grow()  # diamond': 'Right.grow',
      'self.wilt()  # shared': 'Root.wilt',
      'self.wilt()  # generic': 'Root.wilt',
      'self.grow()  # external first': 'Root.grow',
      'super().__init__()': 'external',
      'self.grow()  # unknown first': 'unresolved',
      'super(Left, self).grow()': 'Root.grow',
    },
  },
  {
    what: 'on a value that a generator of a coroutine awaits has the value',
    file: 'coroutines.py',
    source: `
import types
from tornado import gen
class Cup:
    def fill(self): pass
@gen.coroutine
def brew():
    yield gen.sleep(1)
    raise gen.Return(Cup())
@gen.coroutine
def serve():
    cup = yield brew()
    cup.fill()
async def drink():
    cup = await brew()
    cup.fill()  # awaited
def plain():
    other = yield Cup()
    other.fill()
@types.coroutine
def raw():
    third = yield Cup()
    third.fill()
`,
    calls: {
      'cup.fill()': 'Cup.fill',
      'cup.fill()  # awaited': 'Cup.fill',
      'other.fill()': 'unresolved',
      'third.fill()': 'unresolved',
    },
  },
  {
    what: 'on the result of cast has the type, unless the workspace defines that function',
    file: 'casts.py',
    source: `
import typing
from typing import cast
class Mast:
    def hoist(self): pass
def rig(value):
    a = cast(Mast, value)
    a.hoist()
    b = typing.cast("Mast", value)
    b.hoist()
class Wheel:
    def cast(self, kind, value): pass
def turn(value):
    c = Wheel().cast(Mast, value)
    c.hoist()
`,
    calls: { 'a.hoist()': 'Mast.hoist', 'b.hoist()': 'Mast.hoist', 'c.hoist()': 'unique' },
  },
  {
    what: 'in a with statement has the value that closing and nullcontext manage',
    file: 'managers.py',
    source: `
import contextlib
from contextlib import closing
class Drain:
    def flush_all(self): pass
def clean():
    with closing(Drain()) as a:
        a.flush_all()
    with contextlib.nullcontext(Drain()) as b:
        b.flush_all()
    with contextlib.suppress(Drain()) as c:
        c.flush_all()
`,
    calls: { 'a.flush_all()': 'Drain.flush_all', 'b.flush_all()': 'Drain.flush_all', 'c.flush_all()': 'external' },
  },
  {
    what: 'depends on the conditions that tell the class of a variable',
    file: 'conditions.py',
    source: `
class Oak:
    def fell(self): pass
class Elm:
    def fell(self): pass
def a(x):
    if not isinstance(x, Oak):
        return
    x.fell()  # after
def b(x):
    if not isinstance(x, Oak):
        print(x)
    x.fell()  # not left
def c(x):
    if not isinstance(x, Elm):
        print(x)
    else:
        x.fell()  # else
def d(x):
    if isinstance(x, Oak) and x.fell():
        pass
def e(x):
    if isinstance(x, (Oak, Oak)):
        x.fell()  # tuple
    if isinstance(x, (Oak, Elm)):
        x.fell()  # either
def f(x, y):
    if not isinstance(x, Oak) or not isinstance(y, Elm):
        raise TypeError
    y.fell()  # both
def g(x, y):
    if not isinstance(x, Oak) and y:
        return
    x.fell()  # perhaps
`,
    calls: {
      'x.fell()  # after': 'Oak.fell',
      'x.fell()  # not left': 'ambiguous',
      'x.fell()  # else': 'Elm.fell',
      'and x.fell()': 'Oak.fell',
      'x.fell()  # tuple': 'Oak.fell',
      'x.fell()  # either': 'ambiguous',
      'y.fell()  # both': 'Elm.fell',
      'x.fell()  # perhaps': 'ambiguous',
    },
  },
  {
    what: 'on the result of an operator has the result of its method',
    file: 'operators.py',
    source: `
class Meter:
    def __add__(self, other):
        return Meter()
    def __rmul__(self, other) -> "Area": ...
    def show(self): pass
class Area:
    def show(self): pass
def run(m: Meter, n: int, u):
    (m + m).show()
    (2 * m).show()
    (n * m).show()
    (n + 1).show()
    (u + m).show()
    (m - m).show()
    [each.show() for each in [m] + [m]]
`,
    calls: {
      '(m + m).show()': 'Meter.show',
      '(2 * m).show()': 'Area.show',
      '(n * m).show()': 'Area.show',
      '(n + 1).show()': 'external',
      '(u + m).show()': 'ambiguous',
      '(m - m).show()': 'ambiguous',
      'each.show()': 'Meter.show',
    },
  },
  {
    what: 'on a new instance has the class that it was created of',
    file: 'creation.py',
    source: `
class Seed:
    @classmethod
    def sow(cls):
        return cls()
    @classmethod
    def swap(cls):
        return Seed()
    def rest(self): pass
class Bean(Seed):
    def climb(self): pass
    @classmethod
    def raw(cls):
        bean = super().__new__(cls)
        bean.climb()
        other = object.__new__(Seed)
        other.rest()
Bean.sow().climb()
Seed.sow().climb()
Bean.swap().climb()
`,
    calls: {
      'bean.climb()': 'Bean.climb',
      'other.rest()': 'Seed.rest',
      'Bean.sow().climb()': 'Bean.climb',
      'Seed.sow().climb()': 'unresolved',
      'Bean.swap().climb()': 'unresolved',
    },
  },
  {
    what: 'of a function that decorators register several times has no target',
    file: 'dispatch.py',
    source: `
from multipledispatch import dispatch
@dispatch(int)
def area(x): pass
@dispatch(str)
def area(x): pass
@dispatch(int)
def once(x): pass
area(1)
once(1)
`,
    calls: { 'area(1)': 'local', 'once(1)': 'once' },
  },
  {
    what: 'of a function that another branch replaces may reach either one',
    file: 'replaced.py',
    source: `
from shop import cached
def slow(): pass
def quick(): pass
if fast:
    def sell(): pass
else:
    sell = quick
def buy(): pass
buy = cached(buy)
def run():
    sell()
    buy()
    quick()
`,
    calls: { '    sell()': 'ambiguous', '    buy()': 'buy', '    quick()': 'quick' },
  },
];
