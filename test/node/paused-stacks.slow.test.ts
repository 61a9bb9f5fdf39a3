/** Pauses the view of a run: the stacks stay as the snapshot does, and continue with it. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildCommandLaunch } from '../../src/node/run/launch-spec.ts';
import { Session } from '../../src/node/session.ts';
import { allThreads } from '../../src/protocol/panel/stack-view.ts';

const program = `function spin() { let sum = 0; for (let index = 0; index < 1e6; index++) sum += index % 7; return sum; }
const until = performance.now() + 4000;
while (performance.now() < until) spin();
`;

describe('the stacks of a paused run', function () {
  this.timeout(60_000);

  it('stay as they are until the run is resumed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pipescope-paused-'));
    const session = new Session({ dist: resolve('dist'), data: join(folder, 'data'), log: () => undefined });
    const totalNs = (): number => session.stackView({ thread: allThreads })?.totalNs ?? 0;
    try {
      writeFileSync(join(folder, 'main.cjs'), program);
      const argv = [process.execPath, 'main.cjs'] as const;
      const ended = session.launch(buildCommandLaunch(argv, { workspace: folder, cwd: folder, stdio: 'pipe' }));
      for (let round = 0; round < 200 && totalNs() === 0; round++) await wait(50);
      session.pause();
      const pausedNs = totalNs();
      await wait(1000);
      assert.ok(pausedNs > 0 && totalNs() === pausedNs, `${totalNs()} after ${pausedNs}`);
      session.resume();
      assert.ok(totalNs() > pausedNs, `${totalNs()} after ${pausedNs}`);
      await ended;
    } finally {
      session.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
