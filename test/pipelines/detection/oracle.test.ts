/** Holds detection to the compilers' own parsers: TypeScript 5's for call sites, CPython's for Python. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { truthOf } from './oracle.ts';
import { type CallLine, detect } from './run-detection.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Least part of the oracle's sites that is found, and of the found sites that is the oracle's. */
const bar = 0.999;

const workspaces = [
  { name: 'this repository', folder: root, leastSites: 3000 },
  { name: 'chart.js', folder: join(root, 'node_modules/chart.js'), leastSites: 10_000 },
  { name: 'mocha', folder: join(root, 'node_modules/mocha'), leastSites: 5000 },
];

describe('call sites against the parser of TypeScript', function () {
  this.timeout(120_000);
  for (const { name, folder, leastSites } of workspaces) {
    it(`are the same in ${name}`, async () => {
      const { calls, definitions, errors, code } = await detect({ workspace: folder });
      assert.equal(code, 0);
      const callsOf = Map.groupBy(calls, (call) => call.file);
      const definitionsOf = Map.groupBy(definitions, (definition) => definition.file);
      const left = new Set(errors.filter(({ type }) => type !== 'syntax_error').map(({ file }) => file));
      const broken = new Set(errors.map(({ file }) => file));
      const score = new Score();
      const defined = new Score();
      for (const file of new Set([...callsOf.keys(), ...definitionsOf.keys()])) {
        if (!/\.[cm]?[jt]sx?$/.test(file) || left.has(file)) continue;
        const source = readFileSync(join(folder, file), 'utf8');
        const truth = truthOf(file, source);
        if (!truth) continue;
        const lines = source.split(/\r\n|\r|\n/);
        for (const site of truth.calls.values()) score.expect(`${file} ${site.key}`, site.text);
        for (const call of callsOf.get(file) ?? []) {
          const key = `${call.form}:${call.start}:${call.end}`;
          score.find(`${file} ${key}`, source.slice(call.start, call.end));
          const site = truth.calls.get(key);
          if (!site || site.name === '?') continue;
          assert.equal(call.callee.split('.').at(-1), site.name, `${file}:${call.line}: ${site.text}`);
          assert.ok(
            lines[call.line - 1]?.startsWith(site.name, call.column - 1),
            `${file}:${call.line}:${call.column}`,
          );
        }
        if (broken.has(file)) continue;
        for (const key of truth.definitions.keys()) defined.expect(`${file} ${key}`, key);
        for (const { name, end } of definitionsOf.get(file) ?? []) {
          const trimmed = source.slice(0, end).replace(/\s*;$/, '').length;
          defined.find(`${file} ${trimmed}:${name}`, name);
        }
      }
      assert.ok(score.expected >= leastSites, `the oracle has seen ${score.expected} sites`);
      score.assertAtLeast(bar);
      assert.ok(defined.recall >= bar, `definitions: ${defined}`);
    });
  }
});

interface PythonTruth {
  readonly file: string;
  readonly error?: string;
  readonly fstrings: boolean;
  readonly calls: readonly (readonly [number, number, number, number, string, boolean])[];
  readonly definitions: readonly (readonly [string, number])[];
}

const packages = ['asyncio', 'json', 'email', 'http', 'importlib', 'logging', 'multiprocessing', 'unittest', 'xml'];

describe('call sites against the parser of CPython', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => {
    const probe = spawnSync('python3', ['-c', 'import sysconfig; print(sysconfig.get_paths()["stdlib"])']);
    assert.equal(probe.status, 0, 'This test needs python3 on the PATH: install Python 3.8 or later.');
    const library = probe.stdout.toString().trim();
    folder = mkdtempSync(join(tmpdir(), 'pipescope-stdlib-'));
    // The modules and some packages: the library's own tests are ten times as many and broken on purpose here and there.
    cpSync(library, join(folder, 'lib'), {
      recursive: true,
      dereference: false,
      filter: (path) => {
        const [first = '', ...rest] = path.slice(library.length + 1).split(/[\\/]/);
        return first === '' || packages.includes(first) || (rest.length === 0 && first.endsWith('.py'));
      },
    });
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  it('are the same in the standard library', async () => {
    const { calls, definitions, code } = await detect({ workspace: folder });
    assert.equal(code, 0);
    const callsOf = Map.groupBy(calls, (call) => call.file);
    const definitionsOf = Map.groupBy(definitions, (definition) => definition.file);
    const files = [...new Set([...callsOf.keys(), ...definitionsOf.keys()])];
    const answers = execFileSync('python3', [fileURLToPath(new URL('oracle.py', import.meta.url))], {
      input: files.map((file) => join(folder, file)).join('\n'),
      maxBuffer: 2 ** 29,
    });
    const score = new Score();
    const defined = new Score();
    for (const line of answers.toString().trim().split('\n')) {
      const truth = JSON.parse(line) as PythonTruth;
      if (truth.error !== undefined) continue;
      const file = truth.file.slice(folder.length + 1).replaceAll('\\', '/');
      comparePython(file, readFileSync(truth.file, 'utf8'), truth, callsOf.get(file) ?? [], score);
      for (const [name, at] of truth.definitions) defined.expect(`${file}:${at} ${name}`, name);
      for (const { name, line: at } of definitionsOf.get(file) ?? []) defined.find(`${file}:${at} ${name}`, name);
    }
    assert.ok(score.expected >= 10_000, `the oracle has seen ${score.expected} sites`);
    score.assertAtLeast(bar);
    defined.assertAtLeast(bar);
  });
});

/** Before Python 3.12 positions inside f-strings are wrong: there only their number in the file is compared. */
function comparePython(
  file: string,
  source: string,
  truth: PythonTruth,
  calls: readonly CallLine[],
  score: Score,
): void {
  const text = source.replace(/^\uFEFF/, '');
  const starts = [0, ...[...text.matchAll(/\r\n?|\n/g)].map((end) => end.index + end[0].length)];
  const offsetOf = (line: number, column: number): number => {
    const start = starts[line - 1] ?? 0;
    return start + Buffer.from(text.slice(start, starts[line])).subarray(0, column).toString().length;
  };
  const placed = truth.calls.filter((call) => truth.fstrings || !call[5]);
  const hidden = truth.calls.length - placed.length;
  const known = new Set<string>();
  for (const [line, column, endLine, endColumn, name] of placed) {
    const key = `${file} ${offsetOf(line, column)}:${offsetOf(endLine, endColumn)}`;
    known.add(key);
    score.expect(key, name);
  }
  const others = calls.filter((call) => !known.has(`${file} ${call.start}:${call.end}`));
  for (const call of calls) {
    const key = `${file} ${call.start}:${call.end}`;
    if (known.has(key)) score.find(key, call.callee);
  }
  for (let index = 0; index < hidden; index++) score.expect(`${file} f-string ${index}`, 'in an f-string');
  for (const [index, call] of others.entries()) {
    score.find(index < hidden ? `${file} f-string ${index}` : `${file} ${call.start}:${call.end}`, call.callee);
  }
}

/** Counts what an oracle expects and what was found. */
class Score {
  readonly #expected = new Map<string, string>();
  readonly #found = new Map<string, string>();

  expect(key: string, text: string): void {
    this.#expected.set(key, text);
  }

  find(key: string, text: string): void {
    // The same site twice is one too many.
    this.#found.set(this.#found.has(key) ? `${key} again` : key, text);
  }

  get expected(): number {
    return this.#expected.size;
  }

  get #both(): number {
    return [...this.#expected.keys()].filter((key) => this.#found.has(key)).length;
  }

  get recall(): number {
    return this.#both / this.#expected.size;
  }

  assertAtLeast(least: number): void {
    assert.ok(this.recall >= least, `recall ${this}`);
    assert.ok(this.#both / this.#found.size >= least, `precision ${this}`);
  }

  toString(): string {
    const missing = [...this.#expected].filter(([key]) => !this.#found.has(key)).slice(0, 5);
    const extra = [...this.#found].filter(([key]) => !this.#expected.has(key)).slice(0, 5);
    const numbers = `${this.#both} of ${this.#expected.size} expected and ${this.#found.size} found`;
    return `${numbers}; missing ${JSON.stringify(missing)}; extra ${JSON.stringify(extra)}`;
  }
}

it('the oracles are there', () => {
  assert.ok(existsSync(fileURLToPath(new URL('oracle.py', import.meta.url))));
  assert.equal(truthOf('a.ts', 'f(); new B(); class C { d() {} }')?.calls.size, 2);
});
