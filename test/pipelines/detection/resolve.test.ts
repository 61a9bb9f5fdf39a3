/** Tests small workspaces whose calls have known targets. */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { resolvedTiers, unresolvedTiers } from '../../../src/pipelines/detection/resolve/resolve-call.ts';
import { createWorkspace, detect } from './run-detection.ts';

interface Case {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** Expected tier, or tier and target, by callee. */
  readonly calls: Readonly<Record<string, string>>;
}

const cases: readonly Case[] = [
  {
    what: 'functions of the same file, declared before or after the call',
    files: { 'a.ts': 'function f() { g(); }\nfunction g() { f(); nowhere(); console.log(parseInt("1")); }\n' },
    calls: {
      g: 'scope a.ts#g',
      f: 'scope a.ts#f',
      nowhere: 'unresolved',
      'console.log': 'external',
      parseInt: 'external',
    },
  },
  {
    what: 'shadowing by parameters, blocks and local functions',
    files: {
      'a.ts':
        'function f() {}\nfunction p(f: any) { f.x(); { const g = 1; } }\nfunction q(h: () => void) { h(); }\nfunction r() { function f2() {} f2(); { let f2 = (n: number) => n; f2(1); } }\nfunction h() {}\n',
    },
    calls: { h: 'local', 'f.x': 'unresolved', f2: 'scope a.ts#r.f2' },
  },
  {
    what: 'named, renamed, default, namespace and external imports',
    files: {
      'a.ts':
        "import d, { b, c as e } from './lib/b.js';\nimport * as n from './lib/b.ts';\nimport { readFileSync } from 'node:fs';\nimport x from 'x';\nb(); e(); d(); n.b(); n.none(); readFileSync('x'); x.y.z();\n",
      'lib/b.ts': 'export function b() {}\nexport const c = () => 1;\nexport default function () {}\n',
    },
    calls: {
      b: 'import lib/b.ts#b',
      e: 'import lib/b.ts#c',
      d: 'import lib/b.ts#default',
      'n.b': 'namespace lib/b.ts#b',
      'n.none': 'unresolved',
      readFileSync: 'external',
      'x.y.z': 'external',
    },
  },
  {
    what: 're-exports by name, by star, as a namespace and in a cycle',
    files: {
      'a.ts': "import { one, two, three, n } from '.';\none(); two(); three(); n.two();\n",
      'index.ts':
        "export { b as one } from './b';\nexport * from './c';\nexport * as n from './c';\nexport * from './index';\n",
      'b.ts': 'export function b() {}\n',
      'c.ts': "export function two() {}\nexport { three } from './b2';\n",
      'b2.ts': 'function inner() {}\nexport { inner as three };\n',
    },
    calls: {
      one: 'import b.ts#b',
      two: 'import c.ts#two',
      three: 'import b2.ts#inner',
      'n.two': 'namespace c.ts#two',
    },
  },
  {
    what: 'CommonJS',
    files: {
      'a.js':
        "const b = require('./b');\nconst { c, d: e } = require('./c');\nconst f = require('./f');\nconst g = require('./g').g;\nb(); c(); e(); f.run(); f.stop(); g();\n",
      'b.js': 'module.exports = function b() {};\n',
      'c.js': 'exports.c = function () {};\nfunction d() {}\nmodule.exports.d = d;\n',
      'f.js': 'function stop() {}\nmodule.exports = { run() {}, stop };\n',
      'g.js': "module.exports = require('./g2');\n",
      'g2.js': 'exports.g = () => 1;\n',
    },
    calls: {
      b: 'import b.js#b',
      c: 'import c.js#c',
      e: 'import c.js#d',
      'f.run': 'typed f.js#exports.run',
      'f.stop': 'typed f.js#stop',
      g: 'import g2.js#g',
    },
  },
  {
    what: 'this, super, base classes, and static and instance members of the same name',
    files: {
      'a.ts':
        "import { Base } from './b';\nclass A extends Base {\n  run() { this.own(); this.base(); super.base(); A.make(); this.make(); this.gone(); }\n  own() {}\n  static make() { return new A(); }\n  make() {}\n}\n",
      'b.ts': 'export class Base { base() {} }\n',
    },
    calls: {
      'this.own': 'this a.ts#A.own',
      'this.base': 'this b.ts#Base.base',
      'super.base': 'this b.ts#Base.base',
      'A.make': 'typed a.ts#A.make',
      'this.make': 'this a.ts#A.make',
      'this.gone': 'unresolved',
      A: 'scope a.ts#A',
    },
  },
  {
    what: 'types of annotations, constructions, fields, return values, interfaces and arrays',
    files: {
      'a.ts':
        "import type { Shape } from './b';\nimport { Widget, make } from './b';\nclass Box {\n  #w = new Widget();\n  constructor(private readonly other: Widget) { this.other.draw(); this.#w.draw(); }\n}\nfunction f(s: Shape, list: Widget[]) { s.area(); make().draw(); const w = new Widget(); w.draw(); list.map((x) => x); (s as Widget).draw(); }\n",
      'b.ts':
        'export interface Shape { area(): number }\nexport class Widget { draw() {} }\nexport async function make(): Promise<Widget | undefined> { return new Widget(); }\n',
    },
    calls: {
      'this.other.draw': 'typed b.ts#Widget.draw',
      'this.#w.draw': 'typed b.ts#Widget.draw',
      's.area': 'typed b.ts#Shape.area',
      'make().draw': 'typed b.ts#Widget.draw',
      'w.draw': 'typed b.ts#Widget.draw',
      'list.map': 'external',
      '(as Widget).draw': 'typed b.ts#Widget.draw',
      make: 'import b.ts#make',
    },
  },
  {
    what: 'aliases, object literals, namespaces and destructuring',
    files: {
      'a.ts':
        "import * as b from './b';\nconst go = b.run;\nconst { run: start } = b;\nconst api = { hello() {}, bye: () => 1, go };\nnamespace N { export function inside() {} }\ngo(); start(); api.hello(); api.bye(); api.go(); N.inside();\n",
      'b.ts': 'export function run() {}\n',
    },
    calls: {
      go: 'alias b.ts#run',
      start: 'alias b.ts#run',
      'api.hello': 'typed a.ts#api.hello',
      'api.bye': 'typed a.ts#api.bye',
      'api.go': 'typed b.ts#run',
      'N.inside': 'typed a.ts#N.inside',
    },
  },
  {
    what: 'unknown receivers with one candidate, several candidates, a common name or no name',
    files: {
      'a.ts':
        'class A { single() {} twice() {} push() {} }\nclass B { twice() {} }\nfunction f(x, y) { x.single(); x.twice(); x.push(); (function () {})(); y[0](); import("./b"); }\n',
    },
    calls: {
      'x.single': 'unique (candidate a.ts#A.single)',
      'x.twice': 'ambiguous',
      'x.push': 'unresolved',
      '?': 'dynamic',
      'y[]': 'dynamic',
      import: 'external',
    },
  },
  {
    what: 'paths in tsconfig.json and packages of the workspace',
    files: {
      'tsconfig.json': '{ // comment\n "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"], }, } }',
      'src/a.ts': "import { b } from '@/b';\nimport { c } from 'pkg';\nimport { d } from 'pkg/d';\nb(); c(); d();\n",
      'src/b.ts': 'export function b() {}\n',
      'packages/pkg/package.json': '{ "name": "pkg", "main": "dist/index.js" }',
      'packages/pkg/src/index.ts': 'export function c() {}\n',
      'packages/pkg/src/d.ts': 'export function d() {}\n',
    },
    calls: { b: 'import src/b.ts#b', c: 'import packages/pkg/src/index.ts#c', d: 'import packages/pkg/src/d.ts#d' },
  },
  {
    what: 'imports, packages, relative imports and star imports in Python',
    files: {
      'app/main.py':
        'import os\nimport app.util as u\nimport app.deep.leaf\nfrom . import util\nfrom .util import helper as h\nfrom app.deep import *\nfrom app.deep.leaf import Leaf\nos.getcwd()\nu.helper()\nutil.helper()\nh()\nstarred()\napp.deep.leaf.grow()\nLeaf().fall()\nprint(1)\n',
      'app/__init__.py': '',
      'app/util.py': 'def helper():\n    pass\n',
      'app/deep/__init__.py': 'def starred():\n    pass\n',
      'app/deep/leaf.py': 'def grow():\n    pass\n\nclass Leaf:\n    def fall(self):\n        pass\n',
    },
    calls: {
      'os.getcwd': 'external',
      'u.helper': 'namespace app/util.py#helper',
      'util.helper': 'namespace app/util.py#helper',
      h: 'import app/util.py#helper',
      starred: 'import app/deep/__init__.py#starred',
      'app.deep.leaf.grow': 'namespace app/deep/leaf.py#grow',
      Leaf: 'import app/deep/leaf.py#Leaf',
      'Leaf().fall': 'typed app/deep/leaf.py#Leaf.fall',
      print: 'external',
    },
  },
  {
    what: 'classes, self, super, properties, class methods and class scopes in Python',
    files: {
      'a.py':
        'class Base:\n    def base(self):\n        pass\n\nclass Widget(Base):\n    def __init__(self, other: "Base"):\n        self.other = other\n        self.made = Base()\n\n    @property\n    def part(self) -> Base:\n        return self.other\n\n    @classmethod\n    def make(cls):\n        cls.tool()\n        return cls()\n\n    @staticmethod\n    def tool():\n        pass\n\n    def run(self):\n        super().base()\n        self.base()\n        self.part.base()\n        self.made.base()\n        self.tool()\n        run()\n\ndef run():\n    Widget.make()\n',
    },
    calls: {
      'super().base': 'this a.py#Base.base',
      'self.base': 'this a.py#Base.base',
      'self.part.base': 'typed a.py#Base.base',
      'self.made.base': 'typed a.py#Base.base',
      'self.tool': 'this a.py#Widget.tool',
      'cls.tool': 'this a.py#Widget.tool',
      run: 'scope a.py#run',
      'Widget.make': 'typed a.py#Widget.make',
      super: 'external',
    },
  },
];

describe('resolution of calls', () => {
  const seenTiers = new Set<string>();
  for (const { what, files, calls } of cases) {
    it(`handles ${what}`, async () => {
      const workspace = createWorkspace(files);
      try {
        const run = await detect({ workspace });
        assert.deepEqual(run.errors, []);
        const resolutions = new Map<string, string>();
        const breadcrumbs = new Set(run.definitions.map(({ breadcrumb }) => breadcrumb));
        for (const { callee, tier, target, candidate } of run.calls) {
          const located = target === undefined ? tier : `${tier} ${target}`;
          const text = candidate === undefined ? located : `${located} (candidate ${candidate})`;
          if (!resolutions.has(callee) || callee in calls === false) resolutions.set(callee, text);
          else assert.equal(resolutions.get(callee), text, `${callee} has two different targets`);
          if (target !== undefined) assert.ok(breadcrumbs.has(target), `${target} is missing in the result`);
          seenTiers.add(tier);
        }
        const actual = Object.keys(calls).map((callee) => [callee, resolutions.get(callee)]);
        assert.deepEqual(Object.fromEntries(actual), calls);
      } finally {
        rmSync(workspace, { recursive: true });
      }
    });
  }

  it('covers every tier in these cases', () => {
    assert.deepEqual([...seenTiers].sort(), [...resolvedTiers, ...unresolvedTiers].sort());
  });
});
