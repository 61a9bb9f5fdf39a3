import { strict as assert } from 'node:assert';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchReport } from '../../src/core/benchmark.ts';
import { Store, storeFile } from '../../src/node/store.ts';
import { reportOf } from '../fixtures/benchmark.ts';
import { folder } from '../fixtures/pipeline.ts';

describe('store', () => {
  let temporary: ReturnType<typeof folder>;
  beforeEach(() => {
    temporary = folder();
  });
  afterEach(() => temporary.done());

  it('gives back a baseline as it was saved, also to a later process', () => {
    const report: BenchReport = reportOf({ cold: [1e6, 2e6] });
    const store = new Store(temporary.path);
    store.saveBaseline('main', report);
    store.close();
    const again = new Store(temporary.path);
    assert.deepEqual(again.baseline('main'), report);
    assert.deepEqual(
      again.baselines().map(({ name }) => name),
      ['main'],
    );
    again.close();
  });

  it('names the baselines there are when asked for another', () => {
    const store = new Store(temporary.path);
    assert.throws(() => store.baseline('x'), /none yet/);
    store.saveBaseline('main', reportOf({ cold: [1] }));
    assert.throws(() => store.baseline('x'), /There are: main/);
    store.close();
  });

  it('serves two at once', () => {
    const one = new Store(temporary.path);
    const two = new Store(temporary.path);
    one.saveBaseline('a', reportOf({ cold: [1] }));
    two.saveBaseline('b', reportOf({ cold: [2] }));
    assert.equal(one.baselines().length, 2);
    one.close();
    two.close();
  });

  it('moves a damaged file aside, says so, and begins anew', () => {
    const damaged = Buffer.alloc(8192, 'this is no database ');
    writeFileSync(join(temporary.path, storeFile), damaged);
    const said: string[] = [];
    const store = new Store(temporary.path, (line) => said.push(line));
    store.saveBaseline('a', reportOf({ cold: [1] }));
    store.close();
    assert.equal(said.length, 1);
    assert.ok(readdirSync(temporary.path).some((name) => name.includes('.damaged-')));
  });

  it('remembers the newest runs only', () => {
    const store = new Store(temporary.path);
    for (let run = 0; run < 1100; run++) {
      const startedAt = new Date(run * 1000).toISOString();
      store.saveRun({
        id: `${run}`,
        pipeline: 'p',
        title: 'p',
        workspace: '/',
        startedAt,
        durationNs: 1,
        result: 'success',
      });
    }
    const runs = store.runs(5000);
    assert.equal(runs.length, 1000);
    assert.equal(runs[0]?.id, '1099');
    store.close();
  });
});
