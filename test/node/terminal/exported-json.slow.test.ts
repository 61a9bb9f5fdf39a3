/**
 * Checks that the keys and types of exported JSON stay stable: people and other tools read these files. The golden file holds
 * the paths that every run has; optional ones that depend on timing are not in it.
 *
 *   UPDATE_GOLDEN=1 mocha test/node/terminal/exported-json.slow.test.ts      writes it again, after an intended addition
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { builtCli } from '../../fixtures/command.ts';
import { jsonPaths } from '../../fixtures/json-paths.ts';

const goldenFile = join(import.meta.dirname, 'golden/exported-json.json');
const cli = process.env['PIPESCOPE_CLI'] ?? builtCli();
const nodeProgram = `
const { createHash } = require('node:crypto');
function work(n) { let h = ''; for (let i = 0; i < n; i++) h = createHash('sha256').update(h + i).digest('hex'); return h; }
const end = Date.now() + 700;
while (Date.now() < end) work(2000);
console.log('done');
`;
const pythonProgram = `
import functools
@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def work():
    return sum(i * i for i in range(20000))
for i in range(60):
    work()
fib(60)
print('done')
`;

interface ExportedFile {
  readonly what: string;
  readonly args: readonly string[];
  /** File that holds the JSON, relative to the workspace; absent if it is standard output. */
  readonly file?: string;
  readonly exitCode: number;
  readonly maps?: readonly string[];
}

const counters = ['$.components[].counters', '$.components[].errorTypes', '$.operations[].errorTypes'];
const files: readonly ExportedFile[] = [
  {
    what: 'the snapshot of a detection',
    args: ['run', 'detection', '--workspace', 'tree', '--cold', '--snapshot', 'detection.json'],
    file: 'detection.json',
    exitCode: 0,
    maps: counters,
  },
  {
    what: 'the summary of a detection',
    args: ['run', 'detection', '--workspace', 'tree', '--cold', '--json'],
    exitCode: 0,
    maps: counters,
  },
  {
    what: 'the snapshot of a Node program with an exact function',
    args: ['run', '--snapshot', 'node.json', '--exact', 'program.cjs:work', '--', 'node', 'program.cjs'],
    file: 'node.json',
    exitCode: 0,
    maps: counters,
  },
  {
    what: 'the snapshot of a Python program',
    args: ['run', '--snapshot', 'python.json', '--', 'python3', 'program.py'],
    file: 'python.json',
    exitCode: 0,
    maps: counters,
  },
  {
    what: 'the summary of a validation',
    args: ['run', 'validation', '--workspace', 'tree', '--budget', 'off', '--json', '--out', 'bundle'],
    exitCode: 1,
  },
  { what: 'the report of a validation', args: [], file: 'bundle/report.json', exitCode: 0 },
  { what: 'the manifest of a bundle', args: [], file: 'bundle/manifest.json', exitCode: 0 },
  { what: 'the receipt of a bundle', args: [], file: 'bundle/receipt.json', exitCode: 0 },
  { what: 'the verification of a bundle', args: ['verify', 'bundle', '--json'], exitCode: 0 },
  {
    what: 'a benchmark report',
    args: ['bench', '--runs', '6', '--warmup', '0', '--save', 'first', '--format', 'json', '--', 'node', 'program.cjs'],
    exitCode: 0,
  },
  {
    what: 'a comparison with a baseline',
    args: ['bench', '--runs', '6', '--against', 'first', '--fail-on', 'never', '--json', '--', 'node', 'program.cjs'],
    exitCode: 0,
  },
  {
    what: 'a benchmark in the format of hyperfine',
    args: ['bench', '--runs', '3', '--warmup', '0', '--format', 'hyperfine', '--', 'node', 'program.cjs'],
    exitCode: 0,
  },
  {
    what: 'the overhead of the profiler',
    args: ['overhead', '--runs', '6', '--warmup', '0', '--json', '--', 'node', 'program.cjs'],
    exitCode: 0,
  },
];

function createWorkspace(path: string): void {
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  write('program.cjs', nodeProgram);
  write('program.py', pythonProgram);
  write('tree/package.json', '{"name":"tree","version":"1.0.0","type":"module","scripts":{"test":"node --test"}}\n');
  write('tree/README.md', '# Tree\n');
  write(
    'tree/src/a.js',
    "import { b } from './b.js';\nimport './missing.js';\nexport function a() {\n  return b();\n}\na();\n",
  );
  write('tree/src/b.js', 'export function b() {\n  debugger;\n  return 1;\n}\n');
  write('tree/src/broken.py', 'def f(:\n  pass\n');
  // Enough work for a detection to take longer than the interval in which memory and threads are read.
  const calls = Array.from({ length: 400 }, (_, index) => `  b(b(${index}).toString());\n`).join('');
  for (let index = 0; index < 300; index++)
    write(`tree/src/many/${index}.js`, `import { b } from '../b.js';\nexport function c${index}() {\n${calls}}\n`);
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    ['-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-qm', 'one'],
  ])
    assert.equal(spawnSync('git', args, { cwd: join(path, 'tree') }).status, 0);
}

describe('exported JSON', function () {
  this.timeout(120_000);
  const workspace = mkdtempSync(join(tmpdir(), 'pipescope-exports-'));
  const written: Record<string, string[]> = {};
  const golden = (): Record<string, string[]> => JSON.parse(readFileSync(goldenFile, 'utf8'));
  before(() => createWorkspace(workspace));
  after(() => {
    rmSync(workspace, { recursive: true, force: true });
    if (process.env['UPDATE_GOLDEN']) {
      mkdirSync(dirname(goldenFile), { recursive: true });
      writeFileSync(
        process.env['UPDATE_GOLDEN'] === '1' ? goldenFile : process.env['UPDATE_GOLDEN'],
        `${JSON.stringify(written, null, 1)}\n`,
      );
    }
  });

  for (const { what, args, file, exitCode, maps } of files) {
    it(`keeps every key and type in ${what}`, () => {
      const data = ['--data', join(workspace, 'data')];
      const separator = args.includes('--') ? args.indexOf('--') : args.length;
      const all = args[0] === 'verify' ? args : [...args.slice(0, separator), ...data, ...args.slice(separator)];
      let text = '';
      if (args.length > 0) {
        const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...all], {
          cwd: workspace,
          encoding: 'utf8',
        });
        assert.equal(status, exitCode, stdout + stderr);
        text = stdout;
      }
      if (file !== undefined) text = readFileSync(join(workspace, file), 'utf8');
      // Slots without a value depend on timing.
      const paths = jsonPaths(JSON.parse(text), maps).filter((path) => !path.endsWith('.values[]: null'));
      written[what] = paths;
      if (process.env['UPDATE_GOLDEN']) return;
      const expected = golden()[what] ?? [];
      assert.ok(expected.length > 2, 'the golden file has this row');
      assert.deepEqual(
        expected.filter((path) => !paths.includes(path)),
        [],
      );
    });
  }

  it('notices a renamed key and another type', () => {
    assert.deepEqual(jsonPaths({ a: [{ b: 1 }, { b: 'x', c: null }] }), [
      '$.a[].b: number',
      '$.a[].b: string',
      '$.a[].c: null',
    ]);
    assert.deepEqual(jsonPaths({ a: { x: 1, y: 2 } }, ['$.a']), ['$.a.*: number']);
  });
});
