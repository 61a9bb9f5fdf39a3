/** Checks that the probe listens to audit events, which costs time, only in programs that may look at functions. */
import { strict as assert } from 'node:assert';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFolder } from './assert-unnoticed.ts';
import { findInterpreters } from './interpreters.ts';
import { moduleFolders, runPlain, runProfiled } from './profiled-python.ts';

/** Prints whether the hook is installed: it calls what is in an event of this name. */
const report = `
import sys
heard = []
sys.audit('pipescope', lambda: heard.append(1))
print('heard' if heard else 'unheard')
`;

/** Programs, and whether they may look at the code of functions or start a tool. */
const sources: readonly (readonly [source: string, mayLook: boolean])[] = [
  ['def f(): return 1\nprint(f())', false],
  ['import logging, copy; logging.info("display"); copy.deepcopy([id(1)])', false],
  ['def f(): return g.__code__.co_filename, g.__code__.co_firstlineno\ndef g(): pass', false],
  ['import distutils_of_mine, code_of_mine', false],
  ['monitoring = {"trace": 1}; monitoring["trace"]; profile = 2', false],
  ['def f(): return g.__code__\ndef g(): pass', true],
  ['def f(): return g.__code__.co_consts\ndef g(): pass', true],
  ['def f():\n    def g(): return [h.__code__ for h in (f, g)]', true],
  [
    `${'x = a.b\n'.repeat(300)}${Array.from({ length: 300 }, (_, n) => `n${n} = 1\n`).join('')}y = f.__code__.co_code`,
    true,
  ],
  [`${Array.from({ length: 300 }, (_, n) => `n${n} = 1\n`).join('')}y = f.__code__.co_filename`, false],
  ['getattr(f, "__code__")', true],
  ['getattr(f, "__co" "de__")', true],
  ['for name in ("settrace", "setprofile"): getattr(sys, name)(f)', true],
  ['if kind in {"settrace"}: pass', true],
  ['exec("import sys; sys.settrace(f)")', true],
  ['class A:\n    def f(self, x=lambda: gc.get_referents(f)): pass', true],
  ['import threading; threading.settrace_all_threads(f)', true],
  ['import dis; dis.dis(f)', true],
  ['__import__("dis").dis(f)', true],
  ['sys.monitoring.use_tool_id(1, "mine")', true],
  ['from sys import addaudithook as add', true],
  ['ctypes.pythonapi.PyEval_SetTrace(f, None)', true],
  ['ctypes.PyDLL(None).PyEval_SetTrace(f, None)', true],
  ['inspect.getclosurevars(f)', true],
];

const decide = `import json, sys
sys.path[:0] = json.loads(sys.argv[1])
from pipescope_looks import may_look
print(json.dumps([may_look(compile(text, 'main.py', 'exec')) for text in json.load(sys.stdin)]))
`;

/** Programs that import a module which may look. */
const lookers: Readonly<Record<string, string>> = {
  'a module of the program': 'import looker',
  'a module of the program in an archive': 'import sys; sys.path.append("lib.zip"); import zipped',
  'a module that a loader of the program compiles': 'import loader; import generated',
  'the debugger': 'import pdb',
  'the profiler': 'import cProfile',
  'a debugger that doctest uses': 'import doctest',
  'executed code': 'exec("x = 1")',
};

const files = {
  'looker.py': 'def f(): return f.__code__\n',
  'archive.py': 'import zipfile\nwith zipfile.ZipFile("lib.zip", "w") as file: file.write("looker.py", "zipped.py")\n',
  'loader.py': `import importlib.abc, importlib.util, sys
class Loader(importlib.abc.Loader):
    def exec_module(self, module): exec(open('looker.py').read(), module.__dict__)
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        return importlib.util.spec_from_loader(name, Loader()) if name == 'generated' else None
sys.meta_path.append(Finder())
`,
};

const plain = `import argparse, asyncio, collections, copy, csv, dataclasses, datetime, functools, inspect, json, logging, pickle, random
import re, socket, subprocess, tempfile, threading, time, typing, unittest.mock, urllib.request
def work(n): return n + 1
@dataclasses.dataclass
class Point:
    x: int
copy.deepcopy([Point(work(n)) for n in range(9)])
logging.getLogger().info('text')
thread = threading.Thread(target=work, args=(1,))
thread.start(); thread.join()
inspect.signature(work)
`;

describe('Audit hook of the Python probe', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function reportOf(python: string, main: string): Promise<string | undefined> {
    writeFileSync(join(folder, 'main.py'), main + report);
    const { stdout, stderr, received } = await runProfiled(python, ['main.py'], { cwd: folder });
    assert.deepEqual([stderr, received.errors], ['', []]);
    return stdout.trim().split('\n').at(-1);
  }

  for (const { path, version } of findInterpreters()) {
    it(`is not installed in a program that looks at nothing in Python ${version}`, async () => {
      folder = createFolder(files);
      assert.equal(await reportOf(path, plain), 'unheard');
    });

    it(`is installed before a program can look in Python ${version}`, async () => {
      folder = createFolder(files);
      await runPlain(path, ['archive.py'], { cwd: folder });
      for (const [what, main] of Object.entries(lookers))
        assert.equal(await reportOf(path, `import sys\n${main}\n`), 'heard', what);
    });

    it(`depends on the names and texts in the program's code in Python ${version}`, async () => {
      folder = createFolder({});
      const args = ['-c', decide, JSON.stringify(moduleFolders)];
      const input = JSON.stringify(sources.map(([source]) => source));
      const { stdout, stderr } = await runPlain(path, args, { cwd: folder, input });
      assert.equal(stderr, '');
      const decided: readonly boolean[] = JSON.parse(stdout);
      for (const [index, [source, mayLook]] of sources.entries()) assert.equal(decided[index], mayLook, source);
    });
  }
});
