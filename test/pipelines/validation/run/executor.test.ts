import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Check,
  type Context,
  fault,
  type Outcome,
  pass,
  skip,
} from '../../../../src/pipelines/validation/check/check.ts';
import { Store } from '../../../../src/pipelines/validation/check/check-cache.ts';
import { History } from '../../../../src/pipelines/validation/run/duration-history.ts';
import { type Executed, Executor, type Listener } from '../../../../src/pipelines/validation/run/executor.ts';
import type { Parallel } from '../../../../src/protocol/custom-validation.ts';
import type { CheckResult } from '../../../../src/protocol/validation.ts';
import { type Plant, plant } from '../planted-repository.ts';

const program = { lane: 'process', from: 'dev', title: '', category: 'build', timeoutMs: 10_000 } as const;
const cheap = { ...program, lane: 'cheap' } as const;
const quick = async (): Promise<Outcome> => pass('Well.');

/** Passes once something else was done. */
const following =
  (act: () => void): (() => Promise<Outcome>) =>
  () => {
    act();
    return quick();
  };

type Row = Partial<Check> & Pick<Check, 'id'>;
const check = (row: Row): Check => ({ ...program, severity: 'fatal', run: quick, ...row });

/** Sees who is under way, and with whom. */
class Watch implements Listener {
  readonly order: string[] = [];
  readonly together: string[][] = [];
  readonly #running = new Set<string>();
  most = 0;

  async execute<T>({ id }: Check, work: () => Promise<T>): Promise<T> {
    this.order.push(id);
    this.#running.add(id);
    this.together.push([...this.#running]);
    this.most = Math.max(this.most, this.#running.size);
    return work().finally(() => this.#running.delete(id));
  }
  collect<T>(_: Check, work: () => T): T {
    return work();
  }
  readonly ended = (): void => undefined;
}

describe('the executor', () => {
  let planted: Plant;
  let watch: Watch;
  let history: History;
  let stop: AbortController;
  before(async () => {
    planted = await plant({ 'a.ts': 'export const a = 1;\n' });
  });
  after(() => planted.dispose());
  beforeEach(() => {
    watch = new Watch();
    history = new History(new Store(undefined));
    stop = new AbortController();
  });

  interface More {
    readonly parallel?: Parallel;
    readonly budgetMs?: number;
    readonly disabled?: readonly string[];
    readonly cores?: number;
  }
  async function execute(rows: readonly Row[], more: More = {}): Promise<Executed> {
    const { parallel = 'auto', budgetMs = 60_000, disabled = [], cores = 2 } = more;
    const limits = { minScore: 0, maxWarnings: 0, required: [], mode: 'fast' } as const;
    return new Executor({
      profile: { id: 'test', checks: rows.map(check), ...limits, budgetMs, parallel },
      disabled: new Set(disabled),
      context: planted.context,
      history,
      cores,
      signal: stop.signal,
      listener: watch,
    }).run();
  }
  const told = ({ results }: Executed): string[] =>
    results.map(({ id, status, skipReason }) => [id, status, ...(skipReason ? [skipReason] : [])].join(' '));
  const messages = ({ results }: Executed): string[] => results.map(({ message }: CheckResult) => message);

  it('makes a fault as grave as its check, and keeps the order of the profile', async () => {
    const run = async (): Promise<Outcome> => fault('Bad.', { findings: [{ file: 'a.ts', line: 1, message: 'Bad.' }] });
    const done = await execute([
      { id: 'A', severity: 'info', run },
      { id: 'B', severity: 'warning', run },
      { id: 'C', severity: 'fatal', run },
      { id: 'D', ...cheap },
      { id: 'E', run: async () => skip('tool_missing', 'No tool.') },
    ]);
    assert.deepEqual(told(done), ['A pass', 'B warn', 'C fail', 'D pass', 'E skip tool_missing']);
    assert.deepEqual(
      done.results.map(({ findings }) => findings.length),
      [1, 1, 1, 0, 0],
    );
    assert.ok(done.results.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash)));
    assert.ok(done.results.every(({ durationNs }) => Number.isInteger(durationNs) && durationNs > 0));
  });

  it('starts a check when those it needs are done, and not when a whole wave is', async () => {
    let released = (): void => undefined;
    const slow = new Promise<void>((done) => {
      released = done;
    });
    await execute(
      [
        { id: 'SLOW', run: () => slow.then(quick) },
        { id: 'FIRST' },
        { id: 'SECOND', dependsOn: ['FIRST'], run: following(() => released()) },
      ],
      { parallel: 2 },
    );
    assert.deepEqual(watch.order, ['SLOW', 'FIRST', 'SECOND'], 'with waves it would wait for ever');
  });

  it('leaves out what needs a check that failed, and what needs that', async () => {
    const done = await execute([
      { id: 'A', severity: 'warning', run: async () => fault('Bad.') },
      { id: 'B', dependsOn: ['A'] },
      { id: 'C', dependsOn: ['B'], ...cheap },
      { id: 'D', dependsOn: ['E', 'NOT_IN_THIS_PROFILE'] },
      { id: 'E', run: async () => skip('not_applicable', 'Nothing.') },
    ]);
    assert.deepEqual(told(done), [
      ...['A warn', 'B skip dependency_failed', 'C skip dependency_failed', 'D pass', 'E skip not_applicable'],
    ]);
    assert.equal(messages(done)[1], 'It needs A, which failed.');
    assert.deepEqual(watch.order.sort(), ['A', 'D', 'E']);
  });

  it('tells of a check that throws, and goes on', async () => {
    const done = await execute([
      { id: 'A', run: () => Promise.reject(new Error('no such thing')) },
      {
        id: 'B',
        run: () => {
          throw new TypeError('at once');
        },
      },
      { id: 'C' },
    ]);
    assert.deepEqual(told(done), ['A skip crashed', 'B skip crashed', 'C pass']);
    assert.equal(messages(done)[0], 'The check itself went wrong: no such thing.');
    assert.match(done.results[1]?.evidence[0]?.content ?? '', /TypeError: at once\n.*executor\.test\.ts/s);
  });

  it('makes no check that is disabled', async () => {
    assert.deepEqual(told(await execute([{ id: 'A' }, { id: 'B' }], { disabled: ['A'] })), [
      'A skip disabled',
      'B pass',
    ]);
    assert.deepEqual(watch.order, ['B']);
  });

  const sleeping = (count: number, row: Partial<Check> = {}): Row[] =>
    Array.from({ length: count }, (_, index) => ({
      id: `S${index}`,
      run: () => sleep(150).then(quick),
      ...row,
    }));

  for (const [parallel, most, lanes] of [
    ['serial', 1, 1],
    [1, 1, 2],
    [3, 3, 4],
    ['auto', 2, 3],
  ] as const) {
    it(`lets ${most} programs run at the same time where ${parallel} is asked for`, async () => {
      const done = await execute(sleeping(6), { parallel });
      assert.equal(watch.most, most);
      assert.equal(done.lanes, lanes);
    });
  }

  it('is at least 1.3 times as fast with two lanes as with one', async () => {
    const took = async (parallel: Parallel): Promise<number> => {
      const start = performance.now();
      await execute(sleeping(6), { parallel });
      return performance.now() - start;
    };
    const [serial, two] = [await took('serial'), await took(2)];
    assert.ok(serial / two >= 1.3, `serial ${serial} ms, two lanes ${two} ms`);
  });

  it('has a lane for cheap checks that programs never fill', async () => {
    let free = (): void => undefined;
    const held = new Promise<void>((done) => {
      free = done;
    });
    const rows: Row[] = [
      { id: 'P1', run: () => held.then(quick) },
      { id: 'P2', run: () => held.then(quick) },
      { id: 'P3', run: () => held.then(quick) },
      ...Array.from({ length: 20 }, (_, index) => ({ id: `C${index}`, ...cheap })),
      { id: 'LAST', ...cheap, run: following(() => free()) },
    ];
    const done = await execute(rows, { parallel: 'auto' });
    assert.ok(
      told(done).every((text) => text.endsWith('pass')),
      'with shared lanes it would wait for ever',
    );
    assert.ok(watch.together.every((ids) => ids.filter((id) => !id.startsWith('P')).length <= 1));
  });

  it('begins the next cheap check beside one that takes long, but not where one lane is for all', async () => {
    const rows = Array.from({ length: 3 }, (_, index) => ({
      id: `C${index}`,
      ...cheap,
      run: () => sleep(200).then(quick),
    }));
    await execute(rows, { parallel: 'auto' });
    assert.equal(watch.most, 3);
    watch = new Watch();
    await execute(rows, { parallel: 'serial' });
    assert.equal(watch.most, 1);
  });

  it('makes the cheap ones first where one lane is for all', async () => {
    await execute([{ id: 'P' }, { id: 'C1', ...cheap }, { id: 'C2', ...cheap }], { parallel: 'serial' });
    assert.deepEqual(watch.order, ['C1', 'C2', 'P']);
  });

  it('begins with what is short, then with what is fatal, and there with what took longest or nobody knows yet', async () => {
    for (const [id, ms] of [
      ['SHORT', 1],
      ['BRIEF', 300],
      ['LONGER', 900],
      ['LONG', 301],
      ['MINOR', 5000],
    ] as const) {
      history.ran(id, ms * 1e6);
    }
    const rows: Row[] = [
      { id: 'MINOR', severity: 'warning' },
      { id: 'LONG' },
      { id: 'LONGER' },
      { id: 'NEW' },
      { id: 'CHEAP', ...cheap },
      { id: 'BRIEF', severity: 'info' },
      { id: 'SHORT' },
      { id: 'NEW_SHORT', severity: 'info', timeoutMs: 5000 },
    ];
    const programs = ['BRIEF', 'SHORT', 'NEW_SHORT', 'NEW', 'LONGER', 'LONG', 'MINOR'];
    await execute(rows, { parallel: 1 });
    assert.deepEqual(
      watch.order.filter((id) => id !== 'CHEAP'),
      programs,
    );
  });

  /** Would run for five seconds, and does not mind a polite signal. */
  const stubborn = async ({ run }: Context): Promise<Outcome> => {
    const ran = await run(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setTimeout(() => {}, 5000)'], {
      env: { PLANTED: planted.root },
    });
    return pass(`It ended with ${ran?.code}.`);
  };

  it('ends a check at its timeout with all its programs, and tells the time that really went by', async () => {
    const start = performance.now();
    const done = await execute([{ id: 'A', timeoutMs: 100, run: stubborn }]);
    assert.ok(performance.now() - start < 4000, 'it did not wait for the five seconds');
    const [{ status, message, durationNs, remediation } = assert.fail()] = done.results;
    assert.equal(status, 'fail');
    assert.equal(message, `Check timed out after ${Math.round(durationNs / 1e6)} ms.`);
    assert.ok(durationNs >= 100e6);
    assert.equal(remediation[0]?.title, 'Increase timeout for category build or optimize check');
    assert.deepEqual(running(planted.root), [], 'no process is left');
  });

  it('does not wait for a cheap check that minds no end', async () => {
    const done = await execute([{ id: 'A', ...cheap, timeoutMs: 50, run: () => new Promise(() => undefined) }]);
    assert.match(messages(done)[0] ?? '', /^Check timed out after \d+ ms\.$/);
  });

  it('ends what runs when the time is used up, and begins nothing more', async () => {
    const done = await execute(
      [
        { id: 'A', run: stubborn },
        { id: 'B', dependsOn: ['A'], ...cheap },
        { id: 'C', ...cheap },
      ],
      { budgetMs: 400 },
    );
    assert.deepEqual(told(done), ['A skip budget', 'B skip budget', 'C pass']);
    assert.match(messages(done)[0] ?? '', /^It was ended after \d+ ms: the time was used up\.$/);
    assert.deepEqual(done.results[0]?.remediation[0]?.command?.slice(0, 3), ['pipescope', 'run', 'validation']);
    assert.deepEqual(running(planted.root), []);
  });

  it('lets a program in only where its last run fits the time that is left, and tries it again later', async () => {
    for (let run = 0; run < 2; run++) history.ran('A', 30e9);
    const rows = [{ id: 'A' }];
    const refused = await execute(rows, { budgetMs: 20_000 });
    assert.deepEqual(told(refused), ['A skip budget']);
    assert.match(messages(refused)[0] ?? '', /before the end: it is expected to take 30000 ms\.$/);
    assert.deepEqual(told(await execute(rows, { budgetMs: 20_000 })), ['A pass'], 'what is expected fades');
    assert.ok((history.expectedMs('A') ?? 0) < 1000, 'now it is known');
  });

  it('lets a program in again whose first run was long, as that warmed its caches', async () => {
    history.ran('A', 30e9);
    assert.deepEqual(told(await execute([{ id: 'A' }], { budgetMs: 20_000 })), ['A pass']);
    assert.ok((history.expectedMs('A') ?? 0) < 1000, 'now it is known');
  });

  it('lets a program in that nobody knows while half of the time is left', async () => {
    history.ran('FIRST', 1e6);
    const rows: Row[] = [
      { id: 'FIRST', ...cheap, run: () => sleep(700).then(quick) },
      { id: 'NEW', dependsOn: ['FIRST'] },
    ];
    const done = await execute(rows, { budgetMs: 1200 });
    assert.deepEqual(told(done), ['FIRST pass', 'NEW skip budget']);
    assert.match(messages(done)[1] ?? '', /is not known yet/);
    assert.deepEqual(told(await execute(rows, { budgetMs: Number.POSITIVE_INFINITY })), ['FIRST pass', 'NEW pass']);
  });

  it('ends all within a second when it is stopped', async () => {
    const running_ = execute([
      { id: 'A', run: stubborn },
      { id: 'B', run: stubborn },
      { id: 'C', run: stubborn },
    ]);
    await sleep(300);
    assert.ok(running(planted.root).length >= 2, 'programs were under way');
    const start = performance.now();
    stop.abort();
    await running_;
    assert.ok(performance.now() - start < 1000);
    assert.deepEqual(running(planted.root), []);
    assert.equal(history.expectedMs('A'), undefined, 'nothing was learned');
  });

  it('gives the lane of a check that waits for the index to others, and takes no time from it', async () => {
    let made = (): void => undefined;
    const index = new Promise<ReadonlyMap<string, never>>((done) => {
      made = () => done(new Map<string, never>());
    });
    const { repository } = planted.context;
    const original = repository.index;
    repository.index = () => index;
    try {
      const done = await execute([
        {
          id: 'WAITS',
          ...cheap,
          timeoutMs: 100,
          run: async ({ repository: shared }) => pass(`${(await shared.index()).size} files.`),
        },
        { id: 'OTHER', ...cheap, run: () => sleep(300).then(following(() => made())) },
        { id: 'THIRD', ...cheap },
      ]);
      assert.deepEqual(told(done), ['WAITS pass', 'OTHER pass', 'THIRD pass']);
      assert.ok((done.results[0]?.durationNs ?? 0) < 100e6);
    } finally {
      repository.index = original;
    }
  });
});

/** Processes that know of the planted folder by their environment. */
function running(root: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const isMarked = /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`PLANTED=${root}`);
      return isMarked ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
