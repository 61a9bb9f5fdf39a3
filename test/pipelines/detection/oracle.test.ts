/** Compares detection with the parsers of the languages themselves: TypeScript 5 and CPython. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTruth } from './oracle.ts';
import { type CallLine, detect } from './run-detection.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Minimum recall and precision. */
const minScore = 0.9999;

const workspaces = [
  { name: 'this repository', folder: root, minSites: 3000 },
  { name: 'chart.js', folder: join(root, 'node_modules/chart.js'), minSites: 10_000 },
  { name: 'mocha', folder: join(root, 'node_modules/mocha'), minSites: 5000 },
];

describe('call sites compared with the TypeScript parser', function () {
  this.timeout(120_000);
  for (const { name, folder, minSites } of workspaces) {
    it(`match in ${name}`, async () => {
      const { calls, definitions, errors, code } = await detect({ workspace: folder });
      assert.equal(code, 0);
      const callsOf = Map.groupBy(calls, (call) => call.file);
      const definitionsOf = Map.groupBy(definitions, (definition) => definition.file);
      const skipped = new Set(errors.filter(({ type }) => type !== 'syntax_error').map(({ file }) => file));
      const broken = new Set(errors.map(({ file }) => file));
      const callScore = new Score();
      const definitionScore = new Score();
      for (const file of new Set([...callsOf.keys(), ...definitionsOf.keys()])) {
        if (!/\.[cm]?[jt]sx?$/.test(file) || skipped.has(file)) continue;
        const source = readFileSync(join(folder, file), 'utf8');
        const truth = parseTruth(file, source);
        if (!truth) continue;
        const lines = source.split(/\r\n|\r|\n/);
        for (const site of truth.calls.values()) callScore.expect(`${file} ${site.key}`, site.text);
        for (const call of callsOf.get(file) ?? []) {
          const key = `${call.form}:${call.start}:${call.end}`;
          callScore.find(`${file} ${key}`, source.slice(call.start, call.end));
          const site = truth.calls.get(key);
          if (!site || site.name === '?') continue;
          assert.equal(call.callee.split('.').at(-1), site.name, `${file}:${call.line}: ${site.text}`);
          assert.ok(
            lines[call.line - 1]?.startsWith(site.name, call.column - 1),
            `${file}:${call.line}:${call.column}`,
          );
        }
        if (broken.has(file)) continue;
        for (const key of truth.definitions.keys()) definitionScore.expect(`${file} ${key}`, key);
        for (const { name, end } of definitionsOf.get(file) ?? []) {
          const trimmed = source.slice(0, end).replace(/\s*;$/, '').length;
          definitionScore.find(`${file} ${trimmed}:${name}`, name);
        }
      }
      assert.ok(callScore.expected >= minSites, `the parser found only ${callScore.expected} call sites`);
      callScore.assertAtLeast(minScore);
      assert.ok(definitionScore.recall >= minScore, `definitions: ${definitionScore}`);
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

describe('call sites compared with the CPython parser', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => {
    const probe = spawnSync('python3', ['-c', 'import sysconfig; print(sysconfig.get_paths()["stdlib"])']);
    assert.equal(probe.status, 0, 'This test needs python3 on the PATH: install Python 3.8 or later.');
    const library = probe.stdout.toString().trim();
    folder = mkdtempSync(join(tmpdir(), 'pipescope-stdlib-'));
    // Copies the modules and some packages. The library's tests are ten times as large and contain intentional errors.
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

  it('match in the standard library', async () => {
    const { calls, definitions, code } = await detect({ workspace: folder });
    assert.equal(code, 0);
    const callsOf = Map.groupBy(calls, (call) => call.file);
    const definitionsOf = Map.groupBy(definitions, (definition) => definition.file);
    const files = [...new Set([...callsOf.keys(), ...definitionsOf.keys()])];
    const output = execFileSync('python3', [fileURLToPath(new URL('oracle.py', import.meta.url))], {
      input: files.map((file) => join(folder, file)).join('\n'),
      maxBuffer: 2 ** 29,
    });
    const callScore = new Score();
    const definitionScore = new Score();
    for (const text of output.toString().trim().split('\n')) {
      const truth = JSON.parse(text) as PythonTruth;
      if (truth.error !== undefined) continue;
      const file = truth.file.slice(folder.length + 1).replaceAll('\\', '/');
      comparePython(file, readFileSync(truth.file, 'utf8'), truth, callsOf.get(file) ?? [], callScore);
      for (const [name, line] of truth.definitions) definitionScore.expect(`${file}:${line} ${name}`, name);
      for (const { name, line } of definitionsOf.get(file) ?? []) definitionScore.find(`${file}:${line} ${name}`, name);
    }
    assert.ok(callScore.expected >= 10_000, `the parser found only ${callScore.expected} call sites`);
    callScore.assertAtLeast(minScore);
    definitionScore.assertAtLeast(minScore);
  });
});

/** Compares the calls of a file. Before Python 3.12, positions in f-strings are wrong, so only their number is compared. */
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
  const positioned = truth.calls.filter((call) => truth.fstrings || !call[5]);
  const unpositioned = truth.calls.length - positioned.length;
  const expectedKeys = new Set<string>();
  for (const [line, column, endLine, endColumn, name] of positioned) {
    const key = `${file} ${offsetOf(line, column)}:${offsetOf(endLine, endColumn)}`;
    expectedKeys.add(key);
    score.expect(key, name);
  }
  const others = calls.filter((call) => !expectedKeys.has(`${file} ${call.start}:${call.end}`));
  for (const call of calls) {
    const key = `${file} ${call.start}:${call.end}`;
    if (expectedKeys.has(key)) score.find(key, call.callee);
  }
  for (let index = 0; index < unpositioned; index++) score.expect(`${file} f-string ${index}`, 'in an f-string');
  for (const [index, call] of others.entries()) {
    score.find(index < unpositioned ? `${file} f-string ${index}` : `${file} ${call.start}:${call.end}`, call.callee);
  }
}

/** Compares expected and found items. */
class Score {
  readonly #expected = new Map<string, string>();
  readonly #found = new Map<string, string>();

  expect(key: string, text: string): void {
    this.#expected.set(key, text);
  }

  find(key: string, text: string): void {
    // A duplicate counts as an unexpected item.
    this.#found.set(this.#found.has(key) ? `${key} again` : key, text);
  }

  get expected(): number {
    return this.#expected.size;
  }

  get #matches(): number {
    return [...this.#expected.keys()].filter((key) => this.#found.has(key)).length;
  }

  get recall(): number {
    return this.#matches / this.#expected.size;
  }

  assertAtLeast(minimum: number): void {
    assert.ok(this.recall >= minimum, `recall ${this}`);
    assert.ok(this.#matches / this.#found.size >= minimum, `precision ${this}`);
  }

  toString(): string {
    const missing = [...this.#expected].filter(([key]) => !this.#found.has(key)).slice(0, 5);
    const extra = [...this.#found].filter(([key]) => !this.#expected.has(key)).slice(0, 5);
    const numbers = `${this.#matches} of ${this.#expected.size} expected and ${this.#found.size} found`;
    return `${numbers}; missing ${JSON.stringify(missing)}; extra ${JSON.stringify(extra)}`;
  }
}

it('both reference parsers are available', () => {
  assert.ok(existsSync(fileURLToPath(new URL('oracle.py', import.meta.url))));
  assert.equal(parseTruth('a.ts', 'f(); new B(); class C { d() {} }')?.calls.size, 2);
});
