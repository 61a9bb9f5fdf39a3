/** Compares the targets of calls in Python with the functions that a running program reaches. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWorkspace, type DefinitionLine, detect } from '../run-detection.ts';
import { TargetScore } from './compare-targets.ts';
import { observatoryProject } from './observatory-project.ts';

const minimum = { recall: 0.9, precision: 0.99 };
const tracer = fileURLToPath(new URL('trace_calls.py', import.meta.url));

type Place = readonly [file: string, line: number, name: string, qualifiedName: string];
interface Reached {
  readonly reached: Place;
  readonly overridden: readonly Place[];
  readonly wrapped: readonly Place[];
  readonly constructed: readonly [file: string, qualifiedName: string] | null;
  readonly value: boolean;
}
type TracedCall = readonly [
  file: string,
  line: number,
  endLine: number,
  column: number,
  endColumn: number,
  functions: readonly Reached[],
];

describe('targets of calls compared with a running Python program', function () {
  this.timeout(120_000);

  it('match in a package with inheritance, decorators, generics and coroutines', async () => {
    const workspace = createWorkspace(observatoryProject);
    try {
      const traced = trace(workspace);
      const run = await detect({ workspace });
      assert.equal(run.code, 0);
      const calls = new Map(run.calls.map((call) => [`${call.file}:${call.start}:${call.end}`, call]));
      const definitions = Map.groupBy(run.definitions, ({ breadcrumb }) => breadcrumb);
      const score = new TargetScore();
      for (const [file, line, endLine, column, endColumn, functions] of traced) {
        const offset = offsetsIn(workspace, file);
        const call = calls.get(`${file}:${offset(line, column)}:${offset(endLine, endColumn)}`);
        assert.ok(call, `${file}:${line}: the call is missing`);
        const targets = call.target === undefined ? [] : (definitions.get(call.target) ?? []);
        const isRight = targets.some((target) => functions.some((reached) => isTarget(target, reached)));
        const verdict = isRight ? 'right' : call.target === undefined ? 'missed' : 'wrong';
        const names = functions.map(({ reached }) => `${reached[0]}#${reached[3]}`).join(' or ');
        score.add(
          verdict,
          `${file}:${line} ${call.callee} (${call.tier}): ${call.target ?? 'no target'} instead of ${names}`,
          // Which function a variable holds is only known at run time.
          functions.some(({ value }) => !value),
        );
      }
      assert.ok(score.required >= 100, `the program made only ${score.required} calls`);
      score.assertAtLeast(minimum);
    } finally {
      rmSync(workspace, { recursive: true });
    }
  });
});

/** Runs the program. Positions of calls need Python 3.11. */
function trace(workspace: string): TracedCall[] {
  const { status, stdout, stderr } = spawnSync('python3', [tracer, workspace, 'run.py'], { maxBuffer: 2 ** 28 });
  assert.equal(status, 0, `This test needs python3 3.11 or later on the PATH. ${stderr}`);
  return JSON.parse(stdout.toString()) as TracedCall[];
}

function isTarget(target: DefinitionLine, { reached, overridden, wrapped, constructed }: Reached): boolean {
  const isAt = ([file, line, name]: Place): boolean =>
    target.file === file && target.name === name && target.line === line;
  if ([reached, ...overridden, ...wrapped].some(isAt)) return true;
  return target.form === 'class' && constructed !== null && target.breadcrumb === constructed.join('#');
}

const sources = new Map<string, readonly string[]>();

/** Returns a function that converts a line and a column in bytes to an offset. */
function offsetsIn(workspace: string, file: string): (line: number, column: number) => number {
  const path = join(workspace, file);
  const lines = sources.get(path) ?? readFileSync(path, 'utf8').split('\n');
  sources.set(path, lines);
  return (line, column) => {
    const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    return (
      before +
      Buffer.from(lines[line - 1] ?? '')
        .subarray(0, column)
        .toString().length
    );
  };
}
