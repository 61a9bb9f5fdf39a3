/** Tests which value a name has at a call: reassignment, patterns, loops, properties and names of modules. */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { createWorkspace, detect } from './run-detection.ts';

interface Case {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** Expected target or tier of the call in each line, by callee and line. */
  readonly calls: Readonly<Record<string, string>>;
}

const shapes = 'class A:\n    def m(self): pass\n    def n(self): return B()\n\nclass B:\n    def m(self): pass\n\n';
const classes = 'export class A { m() {} next(): B { return new B(); } }\nexport class B { m() {} }\n';

const cases: readonly Case[] = [
  {
    what: 'a reassigned variable of Python has its last value',
    files: {
      'a.py': `${shapes}def f(flag):\n    x = A()\n    x.m()\n    x = B()\n    x.m()\n    if flag:\n        x = A()\n        x.m()\n    x.m()\n`,
    },
    calls: { 'x.m:10': 'a.py#A.m', 'x.m:12': 'a.py#B.m', 'x.m:15': 'a.py#A.m', 'x.m:16': 'ambiguous' },
  },
  {
    what: 'a nested function may run before or after a reassignment',
    files: { 'a.py': `${shapes}x = A()\ndef f():\n    x.m()\nx = B()\n` },
    calls: { 'x.m:10': 'ambiguous' },
  },
  {
    what: 'match, with, except, for and walrus bind names of Python',
    files: {
      'b.py': 'def alpha(): pass\ndef rest(): pass\ndef err(): pass\n',
      'a.py':
        'from b import alpha, rest, err\ndef f(v):\n    match v:\n        case [alpha, *rest]:\n            alpha()\n            rest()\n        case {"k": err, **rest}:\n            err()\n    alpha()\ndef g(v):\n    with v as alpha:\n        alpha()\n    if (rest := v):\n        rest()\n    for err in v:\n        err()\ndef h():\n    alpha()\n',
    },
    calls: {
      'alpha:5': 'local',
      'rest:6': 'local',
      'err:8': 'local',
      'alpha:12': 'local',
      'rest:14': 'local',
      'err:16': 'local',
      'alpha:18': 'b.py#alpha',
    },
  },
  {
    what: 'default values are evaluated outside of the function',
    files: { 'a.py': 'def make(): pass\ndef f(make=make()):\n    make()\ng = lambda make=make(): make()\n' },
    calls: { 'make:2': 'a.py#make', 'make:3': 'local' },
  },
  {
    what: 'a property of Python that is called is not the target itself',
    files: {
      'a.py':
        'class Made:\n    pass\n\nclass W:\n    @property\n    def func(self):\n        return self.pick\n    def pick(self): pass\n    @property\n    def other(self):\n        return unknown\n    def run(self):\n        self.func()\n        self.other()\n',
    },
    calls: { 'self.func:13': 'a.py#W.pick', 'self.other:14': 'local' },
  },
  {
    what: 'a decorator whose name ends in property makes a property of Python',
    files: {
      'a.py':
        'from lazy import memo_property\nclass W:\n    @memo_property\n    def func(self):\n        return self.pick\n    def pick(self): pass\n    def run(self):\n        self.func()\n',
    },
    calls: { 'self.func:8': 'a.py#W.pick' },
  },
  {
    what: 'a method that returns its receiver returns an instance of the subclass in Python',
    files: {
      'a.py':
        'class Base:\n    def add(self):\n        return self\nclass Late(Base):\n    def end(self): pass\n    def run(self):\n        self.add().end()\n        super().add().end()\nLate().add().add().end()\n',
    },
    calls: {
      'self.add().end:7': 'a.py#Late.end',
      'super().add().end:8': 'a.py#Late.end',
      'Late().add().add().end:9': 'a.py#Late.end',
    },
  },
  {
    what: 'a method that returns its receiver returns an instance of the subclass',
    files: {
      'a.ts':
        'class Base { add() { return this; } }\nclass Late extends Base {\nend() {}\nrun() {\nthis.add().end();\nsuper.add().end();\n} }\nnew Late().add().add().end();\n',
    },
    calls: {
      'this.add().end:5': 'a.ts#Late.end',
      'super.add().end:6': 'a.ts#Late.end',
      'new Late().add().add().end:8': 'a.ts#Late.end',
    },
  },
  {
    what: 'type variables of Generic and Protocol stand for the type arguments',
    files: {
      'a.py': `${shapes}from typing import Generic, Iterable, Protocol, TypeVar\nK = TypeVar("K")\nV = TypeVar("V")\nclass Index(Generic[K, V]):\n    def first(self) -> V: ...\n    def keys(self) -> Iterable[K]: ...\nclass Box(Protocol[K]):\n    def open(self) -> K: ...\ndef f(index: "Index[A, B]", box: Box[A]):\n    index.first().m()\n    for key in index.keys():\n        key.m()\n    box.open().m()\n`,
    },
    calls: { 'index.first().m:17': 'a.py#B.m', 'key.m:19': 'a.py#A.m', 'box.open().m:20': 'a.py#A.m' },
  },
  {
    what: 'containers of Python have items of their type',
    files: {
      'a.py': `${shapes}from typing import Dict, Iterable, List, Optional\ndef f(xs: List[A], d: "Dict[str, B]", o: Optional[A] = None):\n    for x in xs:\n        x.m()\n    [y.m() for y in xs]\n    xs[0].n().m()\n    for k, v in d.items():\n        v.m()\n    for i, z in enumerate(xs):\n        z.m()\n    o.m()\n    d["k"].m()\n`,
    },
    calls: {
      'x.m:11': 'a.py#A.m',
      'y.m:12': 'a.py#A.m',
      'xs[].n().m:13': 'a.py#B.m',
      'v.m:15': 'a.py#B.m',
      'z.m:17': 'a.py#A.m',
      'o.m:18': 'a.py#A.m',
      'd[].m:19': 'a.py#B.m',
    },
  },
  {
    what: 'arrays, maps, sets and promises have items of their type',
    files: {
      'c.ts': classes,
      'a.ts':
        "import { A, B } from './c';\nasync function f(bs: B[], m: Map<string, A>, s: Set<B>, p: Promise<A[]>) {\nfor (const b of bs) b.m();\nbs.forEach((b) => b.m());\nbs[0].m();\nbs.filter((x) => x.m()).map((x) => new A())[0].m();\nm.get('k')?.next().m();\nfor (const [k, v] of m) v.m();\nfor (const x of s) x.m();\n(await p)[0].m();\np.then((list) => list.at(-1)!.m());\nconst [first = bs[1], ...others] = bs; first.m();\n(await Promise.all(bs.map(async (b) => b)))[0].m();\n}\n",
    },
    calls: {
      'b.m:3': 'c.ts#B.m',
      'b.m:4': 'c.ts#B.m',
      'bs[].m:5': 'c.ts#B.m',
      'x.m:6': 'c.ts#B.m',
      'v.m:8': 'c.ts#A.m',
      'x.m:9': 'c.ts#B.m',
      'first.m:12': 'c.ts#B.m',
    },
  },
  {
    what: 'type arguments, callbacks and inferred results carry types',
    files: {
      'c.ts': classes,
      'a.ts':
        "import { A, B } from './c';\nclass Repo<T> { constructor(readonly type: new () => T) {} one(): T { return new this.type(); } each(go: (item: T) => void) { go(this.one()); } }\nfunction repo<T>(type: new () => T) { return new Repo<T>(type); }\nfunction make(flag: boolean) { return flag ? new A() : new A(); }\nfunction f(x: A | undefined, y: unknown) {\nnew Repo<B>(B).one().m();\nmake(true).next().m();\nnew Repo<A>(A).each((item) => item.m());\nif (y instanceof B) y.m();\nx?.m();\n(y as A).m();\n}\ninterface Handler { on: (b: B) => void; off?(): void }\nfunction g(h: Handler) { h.on(new B()); }\n",
    },
    calls: {
      'make().next().m:7': 'c.ts#B.m',
      'item.m:8': 'c.ts#A.m',
      'y.m:9': 'c.ts#B.m',
      'x.m:10': 'c.ts#A.m',
      '(as A).m:11': 'c.ts#A.m',
      'h.on:14': 'a.ts#Handler.on',
    },
  },
  {
    what: 'a parameter `this` declares the type of this, but not that of nested functions',
    files: {
      'c.ts': classes,
      'a.ts':
        "import { A, B } from './c';\nfunction f(this: A) {\nthis.m();\n[1].map(() => this.m());\nfunction g() { this.m(); }\nclass C extends B { go() {\nthis.m();\n} }\n}\n",
    },
    calls: { 'this.m:3': 'c.ts#A.m', 'this.m:4': 'c.ts#A.m', 'this.m:5': 'ambiguous', 'this.m:7': 'c.ts#B.m' },
  },
  {
    what: 'package.json maps subpath imports, with conditions, patterns, lists and nested packages',
    files: {
      'package.json':
        '{"name":"root","imports":{"#db":"./src/db.js","#lib/*":["./src/lib/*.js"],"#env":{"browser":"./src/none.js","default":"./src/env.js"}},"exports":{".":"./src/db.js","./env":"./dist/env.js"}}',
      'src/db.js': 'export function open() {}\n',
      'src/env.js': 'export function env() {}\n',
      'src/lib/deep/x.js': 'export function x() {}\n',
      'inner/package.json': '{"name":"inner","imports":{"#db":"./own.js"}}',
      'inner/own.js': 'export function open() {}\n',
      'inner/a.js': "import { open } from '#db';\nopen();\n",
      'a.js':
        "import { open } from '#db';\nimport { x } from '#lib/deep/x';\nimport { env } from '#env';\nimport { open as self } from 'root';\nimport { env as env2 } from 'root/env';\nimport { none } from '#none';\nopen();\nx();\nenv();\nself();\nenv2();\nnone();\n",
    },
    calls: {
      'open:2': 'inner/own.js#open',
      'open:7': 'src/db.js#open',
      'x:8': 'src/lib/deep/x.js#x',
      'env:9': 'src/env.js#env',
      'self:10': 'src/db.js#open',
      'env2:11': 'src/env.js#env',
      'none:12': 'external',
    },
  },
  {
    what: 'tsconfig.json inherits paths and replaces the folder of the configuration',
    files: {
      'base/tsconfig.json': '{"compilerOptions":{"paths":{"~/*":["\x24{configDir}/src/*"],"@base":["./shared.ts"]}}}',
      'base/shared.ts': 'export function shared() {}\n',
      'app/tsconfig.json': '{"extends":"../base/tsconfig.json"}',
      'app/src/x.ts': 'export function x() {}\n',
      'app/a.ts': "import { x } from '~/x';\nimport { shared } from '@base';\nx();\nshared();\n",
    },
    calls: { 'x:3': 'app/src/x.ts#x', 'shared:4': 'base/shared.ts#shared' },
  },
];

describe('values of names at calls', () => {
  for (const { what, files, calls } of cases) {
    it(`${what}`, async () => {
      const workspace = createWorkspace(files);
      try {
        const run = await detect({ workspace });
        assert.deepEqual(run.errors, []);
        const found = new Map(run.calls.map(({ callee, line, target, tier }) => [`${callee}:${line}`, target ?? tier]));
        const actual = Object.keys(calls).map((key) => [
          key,
          found.get(key) ?? `missing in ${[...found.keys()].join(' ')}`,
        ]);
        assert.deepEqual(Object.fromEntries(actual), calls);
      } finally {
        rmSync(workspace, { recursive: true });
      }
    });
  }
});
