/** Tests single rules of Python: each one resolves a call, and leaves a similar call alone that it does not hold for. */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { createWorkspace, type DetectionRun, detect } from '../run-detection.ts';
import { pythonRules } from './python-rules.ts';

describe('a call in Python', function () {
  this.timeout(60_000);
  let run: DetectionRun;

  before(async () => {
    const files = pythonRules.map(({ file, source }) => [file, source.trimStart()]);
    const workspace = createWorkspace(Object.fromEntries(files) as Record<string, string>);
    try {
      run = await detect({ workspace });
    } finally {
      rmSync(workspace, { recursive: true });
    }
  });

  it('is in a file without errors', () => {
    assert.equal(run.code, 0);
    assert.deepEqual(run.errors, []);
  });

  for (const { what, file, source, calls } of pythonRules) {
    it(`${what}`, () => {
      const lines = source.trimStart().split('\n');
      const actual = Object.keys(calls).map((text) => {
        const line = lines.findIndex((each) => each.includes(text)) + 1;
        const call = run.calls.findLast((each) => each.file === file && each.line === line);
        return [text, call?.target?.replace(`${file}#`, '') ?? call?.tier ?? 'missing'];
      });
      assert.deepEqual(Object.fromEntries(actual), calls);
    });
  }
});
