/** Runs a program twice: the stacks of the first run are the reference of the second. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StackReference } from '../../src/core/stacks/stack-comparison.ts';
import { buildCommandLaunch } from '../../src/node/run/launch-spec.ts';
import { Session } from '../../src/node/session.ts';
import { allThreads, type StackView } from '../../src/protocol/panel/stack-view.ts';

const program = (name: string): string => `
function ${name}() { let sum = 0; for (let index = 0; index < 1e6; index++) sum += index % 7; return sum; }
const until = performance.now() + 1500;
while (performance.now() < until) ${name}();
`;

describe('the stacks of two runs', function () {
  this.timeout(60_000);

  it('can be compared, in the order of size, and shown in the order of time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pipescope-previous-'));
    const session = new Session({ dist: resolve('dist'), data: join(folder, 'data'), log: () => undefined });
    const previous = (): StackReference | undefined => session.previousStacks;
    const run = async (name: string): Promise<StackView> => {
      writeFileSync(join(folder, 'main.cjs'), program(name));
      const argv = [process.execPath, 'main.cjs'] as const;
      await session.launch(buildCommandLaunch(argv, { workspace: folder, cwd: folder, stdio: 'pipe' }));
      const view = session.stackView({ thread: allThreads });
      assert.ok(view);
      return view;
    };
    try {
      const first = await run('slow');
      assert.equal(previous(), undefined);
      const second = await run('fast');
      const reference = previous();
      assert.ok(reference);
      assert.match(reference.name, /main\.cjs, \d/);
      const { comparison } = session.stackView({ thread: allThreads }, reference) ?? {};
      assert.equal(comparison?.beforeNs, first.totalNs);
      const removed = (comparison?.removed ?? []).map(({ names }) => names.at(-1));
      assert.ok(removed.includes('slow'), removed.join(', '));

      const id = session.findStackFunction({ file: 'main.cjs', name: 'fast' });
      assert.notEqual(id, undefined);
      assert.equal(session.findStackFunction({ file: 'main.cjs', name: 'slow' }), undefined);
      const byTime = session.stackView({
        thread: allThreads,
        order: 'time',
        ...(id === undefined ? {} : { function: id }),
      });
      assert.equal(byTime?.totalNs, second.totalNs);
      assert.ok((byTime?.timeColumns?.columns.length ?? 0) >= 2, 'there are no two seconds');
      assert.ok((byTime?.details?.totalNs ?? 0) > 0.5 * second.totalNs);
      session.clear();
      assert.equal(previous(), undefined);
    } finally {
      session.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
