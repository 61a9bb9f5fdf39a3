/** Compares the targets of calls in TypeScript and JavaScript with TypeScript's checker. */
import { strict as assert } from 'node:assert';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWorkspace, type DetectionRun, detect } from '../run-detection.ts';
import { checkCalls, type DeclarationPlace } from './checker-truth.ts';
import { TargetScore, type Verdict } from './compare-targets.ts';
import { warehouseProject } from './warehouse-project.ts';

/** Bounds below the measured 0.93 and 0.95, so that another version of TypeScript may judge a few calls differently. */
const minimum = { recall: 0.9, precision: 0.99 };

describe('targets of calls compared with the TypeScript checker', function () {
  this.timeout(180_000);

  it('match in a project with packages, path mappings, CommonJS and JSX', async () => {
    const workspace = createWorkspace({ ...warehouseProject, '.gitignore': 'node_modules\n' });
    try {
      // Package managers link the packages of a workspace like this.
      mkdirSync(join(workspace, 'node_modules/@warehouse'), { recursive: true });
      for (const name of ['app', 'tax', 'legacy']) {
        symlinkSync(join('../../packages', name), join(workspace, 'node_modules/@warehouse', name));
      }
      const score = compare(workspace, await detect({ workspace }));
      assert.ok(score.required >= 200, `the checker found only ${score.required} calls`);
      score.assertAtLeast(minimum);
    } finally {
      rmSync(workspace, { recursive: true });
    }
  });

  it('match in the source of this repository', async () => {
    const workspace = fileURLToPath(new URL('../../../../src', import.meta.url));
    const score = compare(workspace, await detect({ workspace }));
    assert.ok(score.required >= 5000, `the checker found only ${score.required} calls`);
    score.assertAtLeast(minimum);
  });
});

function compare(workspace: string, run: DetectionRun): TargetScore {
  assert.equal(run.code, 0);
  const files = [...new Set([...run.calls, ...run.definitions].map(({ file }) => file))];
  const truth = checkCalls(
    workspace,
    files.filter((file) => /\.[cm]?[jt]sx?$/.test(file)),
  );
  const calls = new Map(run.calls.map((call) => [`${call.file}:${call.start}:${call.end}`, call]));
  const definitions = Map.groupBy(run.definitions, ({ breadcrumb }) => breadcrumb);
  const isAt = (target: string, { file, position, name }: DeclarationPlace): boolean =>
    (definitions.get(target) ?? []).some(
      (definition) =>
        definition.file === file &&
        definition.start <= position &&
        position <= definition.end &&
        (definition.name === name || definition.name === 'default'),
    );
  const score = new TargetScore();
  for (const { file, start, end, text, kind, places } of truth) {
    const call = calls.get(`${file}:${start}:${end}`);
    assert.ok(call, `${file}:${start}: the call ${text} is missing`);
    const { target } = call;
    const isRight = target !== undefined && places.some((place) => isAt(target, place));
    const verdict: Verdict = isRight ? 'right' : target === undefined ? 'missed' : 'wrong';
    // Targets of calls that the checker cannot resolve are neither right nor wrong.
    if (kind === 'unknown') continue;
    const expected = places.map((place) => `${place.file}#${place.name}`).join(' or ');
    score.add(
      verdict,
      `${file}:${call.line} ${text} (${call.tier}, ${kind}): ${target ?? 'no target'} instead of ${expected}`,
      kind === 'internal',
    );
  }
  return score;
}
