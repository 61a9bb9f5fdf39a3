import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BenchReport } from '../../../src/core/benchmark/bench-report.ts';
import { HumanError } from '../../../src/core/human-error.ts';
import { Store, storeFile } from '../../../src/node/storage/store.ts';
import { reportOf, runToEnd } from '../../fixtures/benchmark.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

describe('Store', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());

  it('returns a saved baseline unchanged after reopening', () => {
    const report: BenchReport = reportOf({ cold: [1e6, 2e6] });
    const store = new Store(temporary.path);
    store.reports.saveBaseline('main', report);
    store.close();
    const reopened = new Store(temporary.path);
    assert.deepEqual(reopened.reports.getBaseline('main', report), report);
    assert.deepEqual(
      reopened.reports.baselines().map(({ name }) => name),
      ['main'],
    );
    reopened.close();
  });

  it('lists the available baselines if one is missing', () => {
    const store = new Store(temporary.path);
    assert.throws(() => store.reports.getBaseline('x', reportOf({})), /No baselines have been saved yet/);
    store.reports.saveBaseline('main', reportOf({ cold: [1] }));
    assert.throws(() => store.reports.getBaseline('x', reportOf({})), /Available baselines: main/);
    store.close();
  });

  it('can be opened twice at the same time', () => {
    const first = new Store(temporary.path);
    const second = new Store(temporary.path);
    first.reports.saveBaseline('a', reportOf({ cold: [1] }));
    second.reports.saveBaseline('b', reportOf({ cold: [2] }));
    assert.equal(first.reports.baselines().length, 2);
    first.close();
    second.close();
  });

  it('finds the baseline of the same benchmark that matches machine and branch best', () => {
    const store = new Store(temporary.path);
    const git = (branch: string) => ({ commit: 'c', branch, dirty: false });
    const here = reportOf({ cold: [1] }, { git: git('main') });
    const other = { ...here.machine, cpu: 'other' };
    store.reports.saveBaseline('good', here);
    store.reports.saveBaseline('good', reportOf({ cold: [2] }, { git: git('work') }));
    store.reports.saveBaseline('good', reportOf({ cold: [3] }, { git: git('main'), machine: other }));
    store.reports.saveBaseline('good', reportOf({ cold: [4] }, { git: git('main'), pipeline: 'other' }));
    const samplesOf = (key: Partial<BenchReport>) =>
      store.reports.findBaseline('good', { ...here, ...key })?.cases[0]?.samplesNs[0];
    assert.equal(samplesOf({}), 1);
    assert.equal(samplesOf({ git: git('work') }), 2);
    assert.equal(samplesOf({ machine: other }), 3);
    assert.equal(samplesOf({ machine: other, git: git('work') }), 3);
    assert.equal(samplesOf({ pipeline: 'other' }), 4);
    assert.equal(samplesOf({ pipeline: 'none' }), undefined);
    store.reports.saveBaseline('good', reportOf({ cold: [5] }, { git: git('main') }));
    assert.equal(samplesOf({}), 5);
    store.close();
  });

  it('keeps the last 100 reports with their verdicts and finds the last good one', () => {
    const store = new Store(temporary.path);
    for (let run = 0; run < 103; run++) store.reports.addToHistory(reportOf({ cold: [run] }), 'unchanged');
    store.reports.addToHistory(reportOf({ cold: [200] }), 'regressed');
    store.reports.saveBaseline('kept', reportOf({ cold: [7] }));
    const history = store.reports.history(reportOf({}));
    assert.equal(history.length, 100);
    assert.equal(history.at(-1)?.verdict, 'regressed');
    assert.equal(store.reports.findLastGood(reportOf({}))?.cases[0]?.samplesNs[0], 102);
    store.close();
  });

  it('computes the noise floor from repeated noise measurements', () => {
    const store = new Store(temporary.path);
    const key = reportOf({});
    assert.deepEqual(store.reports.noiseFloors(key), {});
    for (const share of [0.01, 0.05, 0.02]) store.reports.addSpread(key, 'cold', share);
    assert.deepEqual(store.reports.noiseFloors(key), { cold: 0.04 });
    store.close();
  });

  it('migrates the baselines of schema version 1', () => {
    const old = new DatabaseSync(join(temporary.path, storeFile));
    const report = reportOf({ cold: [9] });
    old.exec(
      'CREATE TABLE baseline (name TEXT PRIMARY KEY, pipeline TEXT, at TEXT, report TEXT) STRICT; PRAGMA user_version = 1',
    );
    old.prepare('INSERT INTO baseline VALUES (?, ?, ?, ?)').run('old', 'test', report.at, JSON.stringify(report));
    old.close();
    const store = new Store(temporary.path);
    assert.deepEqual(store.reports.findBaseline('old', report), report);
    store.close();
  });

  it('moves a damaged file aside, logs that, and creates a new store', () => {
    const damaged = Buffer.alloc(8192, 'not a database file ');
    writeFileSync(join(temporary.path, storeFile), damaged);
    const log: string[] = [];
    const store = new Store(temporary.path, (line) => log.push(line));
    store.reports.saveBaseline('a', reportOf({ cold: [1] }));
    store.close();
    assert.equal(log.length, 1);
    assert.ok(readdirSync(temporary.path).some((name) => name.includes('.damaged-')));
  });

  it('keeps only the last 1,000 runs', () => {
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

  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  if (process.platform !== 'win32') {
    it('lets only the user read its files, also those of an earlier version', () => {
      const file = join(temporary.path, storeFile);
      writeFileSync(file, '', { mode: 0o644 });
      writeFileSync(`${file}.damaged-1`, '', { mode: 0o644 });
      const store = new Store(temporary.path);
      store.reports.addToHistory(reportOf({ cold: [1] }));
      for (const name of readdirSync(temporary.path)) assert.equal(modeOf(join(temporary.path, name)), 0o600, name);
      assert.ok(readdirSync(temporary.path).length >= 3);
      store.close();
    });

    it('creates folders that only the user can enter, and closes its default folder for others', () => {
      const folder = join(temporary.path, 'pipescope/a-1');
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      new Store(folder).close();
      new Store(join(temporary.path, 'new/data')).close();
      assert.equal(modeOf(folder), 0o700);
      assert.equal(modeOf(join(temporary.path, 'new/data')), 0o700);
    });
  }

  it('keeps data in memory and says so in one sentence if the folder cannot be created', () => {
    writeFileSync(join(temporary.path, 'file'), '');
    const log: string[] = [];
    const store = new Store(join(temporary.path, 'file/data'), (line) => log.push(line));
    assert.equal(store.isPersistent, false);
    assert.equal(log.length, 1);
    assert.match(log[0] ?? '', /cannot be used.*nothing is added/);
    store.reports.addToHistory(reportOf({ cold: [1] }));
    assert.equal(store.reports.history(reportOf({})).length, 1);
    assert.throws(() => store.reports.saveBaseline('a', reportOf({})), HumanError);
    store.close();
  });

  /** Damages all pages of a table after the first one of the file. */
  function damagePages(file: string): void {
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096);
    writeFileSync(file, bytes);
  }

  const uses: Readonly<Record<string, (store: Store) => unknown>> = {
    'saves a run': (store) => store.runs(),
    'lists baselines': (store) => store.reports.baselines(),
    'adds to the history': (store) => store.reports.addToHistory(reportOf({ cold: [1] })),
    'saves a baseline': (store) => store.reports.saveBaseline('a', reportOf({ cold: [1] })),
    'reads the history': (store) => runToEnd(store.reports.historyRuns(reportOf({}))),
    'reads the noise': (store) => store.reports.noiseFloors(reportOf({})),
  };
  for (const [what, use] of Object.entries(uses)) {
    it(`moves a file aside that is damaged beyond its first page when it ${what}, says so once, and goes on`, () => {
      const file = join(temporary.path, storeFile);
      const first = new Store(temporary.path);
      for (let run = 0; run < 30; run++) first.reports.addToHistory(reportOf({ cold: [run + 1] }));
      first.reports.saveBaseline('a', reportOf({ cold: [1] }));
      first.close();
      damagePages(file);
      const log: string[] = [];
      const store = new Store(temporary.path, (line) => log.push(line));
      use(store);
      use(store);
      store.reports.saveBaseline('b', reportOf({ cold: [1] }));
      assert.equal(store.reports.baselines().at(-1)?.name.length, 1);
      store.close();
      assert.equal(log.length, 1, log.join(' '));
      const [moved] = readdirSync(temporary.path).filter((name) => name.includes('.damaged-'));
      assert.ok(moved && log[0]?.includes(moved));
      assert.ok(readFileSync(join(temporary.path, moved)).length > 8192);
    });
  }

  it('does not move a good file aside that another process has put in place of the damaged one', () => {
    const file = join(temporary.path, storeFile);
    const first = new Store(temporary.path);
    for (let run = 0; run < 30; run++) first.reports.addToHistory(reportOf({ cold: [run + 1] }));
    first.close();
    damagePages(file);
    const log: string[] = [];
    const [one, two] = [0, 1].map(() => new Store(temporary.path, (line) => log.push(line)));
    one?.reports.saveBaseline('a', reportOf({ cold: [1] }));
    two?.reports.saveBaseline('b', reportOf({ cold: [1] }));
    assert.deepEqual(
      two?.reports
        .baselines()
        .map(({ name }) => name)
        .sort(),
      ['a', 'b'],
    );
    one?.close();
    two?.close();
    const moved = readdirSync(temporary.path).filter((name) => name.includes('.damaged-') && name.endsWith('Z'));
    assert.equal(moved.length, 1, moved.join(' '));
  });

  it('skips reports that are not valid JSON', () => {
    const store = new Store(temporary.path);
    store.reports.addToHistory(reportOf({ cold: [1] }));
    store.close();
    const database = new DatabaseSync(join(temporary.path, storeFile));
    database.exec("UPDATE report SET report = '{'");
    database.close();
    const reopened = new Store(temporary.path);
    assert.deepEqual(reopened.reports.history(reportOf({})), []);
    assert.equal(reopened.reports.histories().length, 1);
    reopened.close();
  });
});
