/** Compares each syntactic form of Python with CPython's parser. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractSource } from './extract-source.ts';
import { newPythonForms, pythonForms } from './python-forms.ts';

type Call = readonly [
  line: number,
  column: number,
  endLine: number,
  endColumn: number,
  name: string,
  inString: boolean,
];

interface Truth {
  readonly error?: string;
  readonly fstrings: boolean;
  readonly calls: readonly Call[];
  readonly definitions: readonly (readonly [string, number])[];
}

function parseWithPython(sources: readonly string[]): Truth[] {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-forms-'));
  try {
    const paths = sources.map((source, index) => {
      const path = join(folder, `${index}.py`);
      writeFileSync(path, source);
      return path;
    });
    const oracle = fileURLToPath(new URL('../oracle.py', import.meta.url));
    const output = execFileSync('python3', [oracle], { input: paths.join('\n'), maxBuffer: 2 ** 28 });
    return output
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Truth);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns a function that converts a line and a column in UTF-8 bytes to an offset. */
function createOffsets(source: string): (line: number, column: number) => number {
  const mark = source.startsWith('\ufeff') ? 1 : 0;
  const starts = [mark, ...[...source.matchAll(/\r\n?|\n/g)].map((end) => end.index + end[0].length)];
  return (line, column) => {
    const start = starts[line - 1] ?? source.length;
    return start + Buffer.from(source.slice(start, starts[line])).subarray(0, column).toString().length;
  };
}

describe('each form of Python', function () {
  this.timeout(60_000);

  it('has the calls and definitions that CPython finds, and no syntax error', async () => {
    const failures: string[] = [];
    let compared = 0;
    for (const [index, truth] of parseWithPython(pythonForms).entries()) {
      const source = pythonForms[index] as string;
      const facts = await extractSource('form.py', source);
      if (facts.syntaxError) failures.push(`${source}\n${facts.syntaxError}`);
      // Older interpreters reject some samples and report wrong positions in f-strings.
      if (truth.error !== undefined) continue;
      compared++;
      const offsetOf = createOffsets(source);
      const isExact = truth.fstrings || !truth.calls.some((call) => call[5]);
      const expected = isExact
        ? truth.calls.map(
            ([line, column, endLine, endColumn]) => `${offsetOf(line, column)}:${offsetOf(endLine, endColumn)}`,
          )
        : truth.calls.map((call) => call[4]);
      const actual = facts.calls.map(([start, end, , , , callee]) =>
        isExact
          ? `${start}:${end}`
          : (facts.callees[callee]
              ?.split('.')
              .at(-1)
              ?.replace(/^.*[)\]]$/, '?') ?? ''),
      );
      const definitions = facts.definitions.map(({ name, line }) => `${name}:${line}`).sort();
      try {
        assert.deepEqual(actual.sort(), expected.sort());
        assert.deepEqual(definitions, truth.definitions.map(([name, line]) => `${name}:${line}`).sort());
      } catch (error) {
        failures.push(`${source}\n${(error as Error).message}`);
      }
    }
    assert.deepEqual(failures, []);
    assert.ok(compared >= pythonForms.length * 0.8, `the reference accepted only ${compared} samples`);
  });

  for (const { source, calls } of newPythonForms) {
    it(`includes ${JSON.stringify(source.slice(0, 40))}, which is new`, async () => {
      const facts = await extractSource('form.py', source);
      assert.equal(facts.syntaxError, undefined);
      assert.deepEqual(facts.calls.map(([start, end]) => source.slice(start, end)).sort(), [...calls].sort());
    });
  }
});
