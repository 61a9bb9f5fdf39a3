import { strict as assert } from 'node:assert';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BenchReport } from '../../../src/core/benchmark/bench-report.ts';
import { Store, storeFile } from '../../../src/node/storage/store.ts';
import { reportOf } from '../../fixtures/benchmark.ts';
import { folder } from '../../fixtures/pipeline.ts';

describe('store', () => {
  let temporary: ReturnType<typeof folder>;
  beforeEach(() => {
    temporary = folder();
  });
  afterEach(() => temporary.done());

  it('gives back a baseline as it was saved, also to a later process', () => {
    const report: BenchReport = reportOf({ cold: [1e6, 2e6] });
    const store = new Store(temporary.path);
    store.reports.save('main', report);
    store.close();
    const again = new Store(temporary.path);
    assert.deepEqual(again.reports.baseline('main', report), report);
    assert.deepEqual(
      again.reports.baselines().map(({ name }) => name),
      ['main'],
    );
    again.close();
  });

  it('names the baselines there are when asked for another', () => {
    const store = new Store(temporary.path);
    assert.throws(() => store.reports.baseline('x', reportOf({})), /none yet/);
    store.reports.save('main', reportOf({ cold: [1] }));
    assert.throws(() => store.reports.baseline('x', reportOf({})), /There are: main/);
    store.close();
  });

  it('serves two at once', () => {
    const one = new Store(temporary.path);
    const two = new Store(temporary.path);
    one.reports.save('a', reportOf({ cold: [1] }));
    two.reports.save('b', reportOf({ cold: [2] }));
    assert.equal(one.reports.baselines().length, 2);
    one.close();
    two.close();
  });

  it('tells baselines of a name apart by benchmark, branch and machine, and takes the nearest', () => {
    const store = new Store(temporary.path);
    const git = (branch: string) => ({ commit: 'c', branch, dirty: false });
    const here = reportOf({ cold: [1] }, { git: git('main') });
    const other = { ...here.machine, cpu: 'other' };
    store.reports.save('good', here);
    store.reports.save('good', reportOf({ cold: [2] }, { git: git('work') }));
    store.reports.save('good', reportOf({ cold: [3] }, { git: git('main'), machine: other }));
    store.reports.save('good', reportOf({ cold: [4] }, { git: git('main'), pipeline: 'else' }));
    const found = (key: Partial<BenchReport>) =>
      store.reports.find('good', { ...here, ...key })?.cases[0]?.samplesNs[0];
    assert.equal(found({}), 1);
    assert.equal(found({ git: git('work') }), 2);
    assert.equal(found({ machine: other }), 3);
    assert.equal(found({ machine: other, git: git('work') }), 3);
    assert.equal(found({ pipeline: 'else' }), 4);
    assert.equal(found({ pipeline: 'none' }), undefined);
    store.reports.save('good', reportOf({ cold: [5] }, { git: git('main') }));
    assert.equal(found({}), 5);
    store.close();
  });

  it('remembers reports with their verdicts, and finds the last that was good', () => {
    const store = new Store(temporary.path);
    for (let run = 0; run < 103; run++) store.reports.remember(reportOf({ cold: [run] }), 'unchanged');
    store.reports.remember(reportOf({ cold: [200] }), 'regressed');
    store.reports.save('kept', reportOf({ cold: [7] }));
    const history = store.reports.history(reportOf({}));
    assert.equal(history.length, 100);
    assert.equal(history.at(-1)?.verdict, 'regressed');
    assert.equal(store.reports.lastGood(reportOf({}))?.cases[0]?.samplesNs[0], 102);
    store.close();
  });

  it('makes a noise floor of what the same differed from the same', () => {
    const store = new Store(temporary.path);
    const key = reportOf({});
    assert.deepEqual(store.reports.floors(key), {});
    for (const share of [0.01, 0.05, 0.02]) store.reports.addSpread(key, 'cold', share);
    assert.deepEqual(store.reports.floors(key), { cold: 0.04 });
    store.close();
  });

  it('takes over the baselines of the first version', () => {
    const old = new DatabaseSync(join(temporary.path, storeFile));
    const report = reportOf({ cold: [9] });
    old.exec(
      'CREATE TABLE baseline (name TEXT PRIMARY KEY, pipeline TEXT, at TEXT, report TEXT) STRICT; PRAGMA user_version = 1',
    );
    old.prepare('INSERT INTO baseline VALUES (?, ?, ?, ?)').run('old', 'test', report.at, JSON.stringify(report));
    old.close();
    const store = new Store(temporary.path);
    assert.deepEqual(store.reports.find('old', report), report);
    store.close();
  });

  it('moves a damaged file aside, says so, and begins anew', () => {
    const damaged = Buffer.alloc(8192, 'this is no database ');
    writeFileSync(join(temporary.path, storeFile), damaged);
    const said: string[] = [];
    const store = new Store(temporary.path, (line) => said.push(line));
    store.reports.save('a', reportOf({ cold: [1] }));
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
