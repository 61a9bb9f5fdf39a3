import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Check,
  type CheckContext,
  type CheckListener,
  type CheckOutcome,
  fail,
  pass,
  skip,
} from '../../../../src/pipelines/validation/check/check.ts';
import { FileCheckCache } from '../../../../src/pipelines/validation/check/check-cache.ts';
import { DurationHistory } from '../../../../src/pipelines/validation/run/duration-history.ts';
import { type ExecutionResult, Executor } from '../../../../src/pipelines/validation/run/executor.ts';
import type { Parallel } from '../../../../src/protocol/validation/custom-validation.ts';
import type { CheckResult } from '../../../../src/protocol/validation/validation.ts';
import { type PlantedRepository, plant } from '../planted-repository.ts';

const program = { lane: 'process', minProfile: 'dev', title: '', category: 'build', timeoutMs: 10_000 } as const;
const cheap = { ...program, lane: 'cheap' } as const;
const passQuickly = async (): Promise<CheckOutcome> => pass('Well.');

/** Returns a check that performs an action and then passes. */
const runAfter =
  (act: () => void): (() => Promise<CheckOutcome>) =>
  () => {
    act();
    return passQuickly();
  };

type Row = Partial<Check> & Pick<Check, 'id'>;
const check = (row: Row): Check => ({ ...program, severity: 'fatal', run: passQuickly, ...row });

/** Records the order in which checks start, and which run at the same time. */
class RecordingListener implements CheckListener {
  readonly order: string[] = [];
  readonly together: string[][] = [];
  readonly #running = new Set<string>();
  maxRunning = 0;

  async execute<T>({ id }: Check, work: () => Promise<T>): Promise<T> {
    this.order.push(id);
    this.#running.add(id);
    this.together.push([...this.#running]);
    this.maxRunning = Math.max(this.maxRunning, this.#running.size);
    return work().finally(() => this.#running.delete(id));
  }
  collect<T>(_: Check, work: () => T): T {
    return work();
  }
  readonly onEnd = (): void => undefined;
}

describe('Executor', () => {
  let planted: PlantedRepository;
  let listener: RecordingListener;
  let history: DurationHistory;
  let stop: AbortController;
  before(async () => {
    planted = await plant({ 'a.ts': 'export const a = 1;\n' });
  });
  after(() => planted.dispose());
  beforeEach(() => {
    listener = new RecordingListener();
    history = new DurationHistory(new FileCheckCache(undefined));
    stop = new AbortController();
  });

  interface ExecutionOptions {
    readonly parallel?: Parallel;
    readonly budgetMs?: number;
    readonly disabled?: readonly string[];
    readonly cores?: number;
  }
  async function execute(rows: readonly Row[], options: ExecutionOptions = {}): Promise<ExecutionResult> {
    const { parallel = 'auto', budgetMs = 60_000, disabled = [], cores = 2 } = options;
    const limits = { minScore: 0, maxWarnings: 0, required: [], mode: 'fast' } as const;
    return new Executor({
      profile: { id: 'test', checks: rows.map(check), ...limits, budgetMs, parallel },
      disabled: new Set(disabled),
      context: planted.context,
      history,
      cores,
      signal: stop.signal,
      listener,
    }).run();
  }
  const statusLines = ({ results }: ExecutionResult): string[] =>
    results.map(({ id, status, skipReason }) => [id, status, ...(skipReason ? [skipReason] : [])].join(' '));
  const messages = ({ results }: ExecutionResult): string[] => results.map(({ message }: CheckResult) => message);

  it('maps a failed outcome by the severity of its check and keeps the order of the profile', async () => {
    const run = async (): Promise<CheckOutcome> =>
      fail('Bad.', { findings: [{ file: 'a.ts', line: 1, message: 'Bad.' }] });
    const result = await execute([
      { id: 'A', severity: 'info', run },
      { id: 'B', severity: 'warning', run },
      { id: 'C', severity: 'fatal', run },
      { id: 'D', ...cheap },
      { id: 'E', run: async () => skip('tool_missing', 'No tool.') },
    ]);
    assert.deepEqual(statusLines(result), ['A pass', 'B warn', 'C fail', 'D pass', 'E skip tool_missing']);
    assert.deepEqual(
      result.results.map(({ findings }) => findings.length),
      [1, 1, 1, 0, 0],
    );
    assert.ok(result.results.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash)));
    assert.ok(result.results.every(({ durationNs }) => Number.isInteger(durationNs) && durationNs > 0));
  });

  it('starts a check as soon as its dependencies have finished', async () => {
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    await execute(
      [
        { id: 'SLOW', run: () => slow.then(passQuickly) },
        { id: 'FIRST' },
        { id: 'SECOND', dependsOn: ['FIRST'], run: runAfter(() => release()) },
      ],
      { parallel: 2 },
    );
    assert.deepEqual(listener.order, ['SLOW', 'FIRST', 'SECOND'], 'it does not wait for unrelated checks');
  });

  it('skips checks that depend on a failed check, directly or indirectly', async () => {
    const result = await execute([
      { id: 'A', severity: 'warning', run: async () => fail('Bad.') },
      { id: 'B', dependsOn: ['A'] },
      { id: 'C', dependsOn: ['B'], ...cheap },
      { id: 'D', dependsOn: ['E', 'NOT_IN_THIS_PROFILE'] },
      { id: 'E', run: async () => skip('not_applicable', 'Nothing.') },
    ]);
    assert.deepEqual(statusLines(result), [
      ...['A warn', 'B skip dependency_failed', 'C skip dependency_failed', 'D pass', 'E skip not_applicable'],
    ]);
    assert.equal(messages(result)[1], 'Skipped because A failed.');
    assert.deepEqual(listener.order.sort(), ['A', 'D', 'E']);
  });

  it('reports a check that throws as crashed and continues', async () => {
    const result = await execute([
      { id: 'A', run: () => Promise.reject(new Error('no such thing')) },
      {
        id: 'B',
        run: () => {
          throw new TypeError('at once');
        },
      },
      { id: 'C' },
    ]);
    assert.deepEqual(statusLines(result), ['A skip crashed', 'B skip crashed', 'C pass']);
    assert.equal(messages(result)[0], 'The check crashed: no such thing.');
    assert.match(result.results[1]?.evidence[0]?.content ?? '', /TypeError: at once\n.*executor\.test\.ts/s);
  });

  it('does not run disabled checks', async () => {
    assert.deepEqual(statusLines(await execute([{ id: 'A' }, { id: 'B' }], { disabled: ['A'] })), [
      'A skip disabled',
      'B pass',
    ]);
    assert.deepEqual(listener.order, ['B']);
  });

  const sleepingChecks = (count: number, row: Partial<Check> = {}): Row[] =>
    Array.from({ length: count }, (_, index) => ({
      id: `S${index}`,
      run: () => sleep(150).then(passQuickly),
      ...row,
    }));

  for (const [parallel, max, lanes] of [
    ['serial', 1, 1],
    [1, 1, 2],
    [3, 3, 4],
    ['auto', 2, 3],
  ] as const) {
    it(`runs at most ${max} programs at the same time with parallel ${parallel}`, async () => {
      const result = await execute(sleepingChecks(6), { parallel });
      assert.equal(listener.maxRunning, max);
      assert.equal(result.lanes, lanes);
    });
  }

  it('is at least 1.3 times as fast with two lanes as with one', async () => {
    const took = async (parallel: Parallel): Promise<number> => {
      const start = performance.now();
      await execute(sleepingChecks(6), { parallel });
      return performance.now() - start;
    };
    const [serial, two] = [await took('serial'), await took(2)];
    assert.ok(serial / two >= 1.3, `serial ${serial} ms, two lanes ${two} ms`);
  });

  it('reserves a lane for cheap checks', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const rows: Row[] = [
      { id: 'P1', run: () => held.then(passQuickly) },
      { id: 'P2', run: () => held.then(passQuickly) },
      { id: 'P3', run: () => held.then(passQuickly) },
      ...Array.from({ length: 20 }, (_, index) => ({ id: `C${index}`, ...cheap })),
      { id: 'LAST', ...cheap, run: runAfter(() => release()) },
    ];
    const result = await execute(rows, { parallel: 'auto' });
    assert.ok(
      statusLines(result).every((text) => text.endsWith('pass')),
      'cheap checks do not wait for programs',
    );
    assert.ok(listener.together.every((ids) => ids.filter((id) => !id.startsWith('P')).length <= 1));
  });

  it('starts the next cheap check beside a slow one, except in serial mode', async () => {
    const rows = Array.from({ length: 3 }, (_, index) => ({
      id: `C${index}`,
      ...cheap,
      run: () => sleep(200).then(passQuickly),
    }));
    await execute(rows, { parallel: 'auto' });
    assert.equal(listener.maxRunning, 3);
    listener = new RecordingListener();
    await execute(rows, { parallel: 'serial' });
    assert.equal(listener.maxRunning, 1);
  });

  it('runs cheap checks first in serial mode', async () => {
    await execute([{ id: 'P' }, { id: 'C1', ...cheap }, { id: 'C2', ...cheap }], { parallel: 'serial' });
    assert.deepEqual(listener.order, ['C1', 'C2', 'P']);
  });

  it('starts short programs first, then fatal ones, with the longest or unknown durations first', async () => {
    for (const [id, ms] of [
      ['SHORT', 1],
      ['BRIEF', 300],
      ['LONGER', 900],
      ['LONG', 301],
      ['MINOR', 5000],
    ] as const) {
      history.recordRun(id, ms * 1e6);
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
      listener.order.filter((id) => id !== 'CHEAP'),
      programs,
    );
  });

  /** Runs a program that takes five seconds and ignores SIGTERM. */
  const runStubborn = async ({ run }: CheckContext): Promise<CheckOutcome> => {
    const result = await run(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setTimeout(() => {}, 5000)'], {
      env: { PLANTED: planted.root },
    });
    return pass(`Exit code ${result?.code}.`);
  };

  it('ends a check and all its programs at its timeout and reports the elapsed time', async () => {
    const start = performance.now();
    const result = await execute([{ id: 'A', timeoutMs: 100, run: runStubborn }]);
    assert.ok(performance.now() - start < 4000, 'it does not wait for the five seconds');
    const [{ status, skipReason, stopped, message, durationNs, remediation } = assert.fail()] = result.results;
    assert.deepEqual([status, skipReason, stopped], ['skip', 'timeout', true], 'its answer is unknown');
    assert.equal(message, `Check timed out after ${Math.round(durationNs / 1e6)} ms.`);
    assert.ok(durationNs >= 100e6);
    assert.equal(remediation[0]?.title, 'Increase timeout for category build or optimize check');
    assert.deepEqual(markedProcesses(planted.root), [], 'no process is left');
  });

  it('does not wait for a cheap check that ignores its signal', async () => {
    const result = await execute([{ id: 'A', ...cheap, timeoutMs: 50, run: () => new Promise(() => undefined) }]);
    assert.match(messages(result)[0] ?? '', /^Check timed out after \d+ ms\.$/);
  });

  it('gives a cheap check more time while others use the thread that they share', async () => {
    const rows: Row[] = [
      { id: 'SHORT', ...cheap, timeoutMs: 150, run: () => sleep(400).then(passQuickly) },
      { id: 'BUSY', ...cheap, run: () => sleep(600).then(passQuickly) },
    ];
    assert.deepEqual(statusLines(await execute(rows)), ['SHORT pass', 'BUSY pass']);
    const alone = await execute([{ ...rows[0], id: 'SHORT' }]);
    assert.deepEqual(statusLines(alone), ['SHORT skip timeout']);
    const hanging: Row[] = ['A', 'B'].map((id) => ({ id, ...cheap, timeoutMs: 20, run: () => new Promise(() => {}) }));
    assert.deepEqual(statusLines(await execute(hanging)), ['A skip timeout', 'B skip timeout'], 'not forever');
  });

  it('runs the checks that depend on one that timed out, because it has not failed', async () => {
    const result = await execute([
      { id: 'A', timeoutMs: 50, run: () => new Promise(() => undefined) },
      { id: 'B', dependsOn: ['A'] },
    ]);
    assert.deepEqual(statusLines(result), ['A skip timeout', 'B pass']);
  });

  it('counts the time for which lanes are occupied, not that of checks that have released theirs', async () => {
    const start = performance.now();
    const rows = Array.from({ length: 6 }, (_, index) => ({
      id: `C${index}`,
      ...cheap,
      run: () => sleep(300).then(passQuickly),
    }));
    const { busyNs, lanes, results } = await execute(rows);
    const wallNs = (performance.now() - start) * 1e6;
    const checksNs = results.reduce((sum, { durationNs }) => sum + durationNs, 0);
    assert.ok(checksNs > wallNs, 'the durations of overlapping checks exceed the time that passed');
    assert.ok(busyNs > 0 && busyNs <= wallNs * lanes);
  });

  it('stops running checks when the budget is used up and starts no more', async () => {
    const result = await execute(
      [
        { id: 'A', run: runStubborn },
        { id: 'B', dependsOn: ['A'], ...cheap },
        { id: 'C', ...cheap },
      ],
      { budgetMs: 400 },
    );
    assert.deepEqual(statusLines(result), ['A skip budget', 'B skip budget', 'C pass']);
    assert.deepEqual(
      result.results.map(({ stopped }) => stopped),
      [true, undefined, undefined],
      'a check that never started has no duration',
    );
    assert.match(messages(result)[0] ?? '', /^Stopped after \d+ ms because the time budget was used up\.$/);
    assert.deepEqual(result.results[0]?.remediation[0]?.command?.slice(0, 3), ['pipescope', 'run', 'validation']);
    assert.deepEqual(markedProcesses(planted.root), []);
  });

  it('starts a program only if its last duration fits into the remaining budget, and retries later', async () => {
    for (let run = 0; run < 2; run++) history.recordRun('A', 30e9);
    const rows = [{ id: 'A' }];
    const refused = await execute(rows, { budgetMs: 20_000 });
    assert.deepEqual(statusLines(refused), ['A skip budget']);
    assert.match(
      messages(refused)[0] ?? '',
      /^Skipped: only \d+ ms left, but the check is expected to take 30000 ms\.$/,
    );
    assert.deepEqual(statusLines(await execute(rows, { budgetMs: 20_000 })), ['A pass'], 'the estimate is halved');
    assert.ok((history.expectedMs('A') ?? 0) < 1000, 'the duration is known now');
  });

  it('retries a program whose first run was long, because that run filled its caches', async () => {
    history.recordRun('A', 30e9);
    assert.deepEqual(statusLines(await execute([{ id: 'A' }], { budgetMs: 20_000 })), ['A pass']);
    assert.ok((history.expectedMs('A') ?? 0) < 1000, 'the duration is known now');
  });

  it('starts a program of unknown duration only while half of the budget is left', async () => {
    history.recordRun('FIRST', 1e6);
    const rows: Row[] = [
      { id: 'FIRST', ...cheap, run: () => sleep(700).then(passQuickly) },
      { id: 'NEW', dependsOn: ['FIRST'] },
    ];
    const result = await execute(rows, { budgetMs: 1200 });
    assert.deepEqual(statusLines(result), ['FIRST pass', 'NEW skip budget']);
    assert.match(messages(result)[1] ?? '', /^Skipped: only \d+ ms left\. A check of unknown duration/);
    assert.deepEqual(statusLines(await execute(rows, { budgetMs: Number.POSITIVE_INFINITY })), [
      'FIRST pass',
      'NEW pass',
    ]);
  });

  it('ends all checks within a second when it is stopped', async () => {
    const execution = execute([
      { id: 'A', run: runStubborn },
      { id: 'B', run: runStubborn },
      { id: 'C', run: runStubborn },
    ]);
    await sleep(300);
    assert.ok(markedProcesses(planted.root).length >= 2, 'programs are running');
    const start = performance.now();
    stop.abort();
    await execution;
    assert.ok(performance.now() - start < 1000);
    assert.deepEqual(markedProcesses(planted.root), []);
    assert.equal(history.expectedMs('A'), undefined, 'a stopped check has no estimate');
  });

  it('frees the lane and pauses the clock of a check that waits for the index', async () => {
    let finishIndex = (): void => undefined;
    const index = new Promise<ReadonlyMap<string, never>>((resolve) => {
      finishIndex = () => resolve(new Map<string, never>());
    });
    const { repository } = planted.context;
    const original = repository.index;
    repository.index = () => index;
    try {
      const result = await execute([
        {
          id: 'WAITS',
          ...cheap,
          timeoutMs: 100,
          run: async ({ repository: shared }) => pass(`${(await shared.index()).size} files.`),
        },
        { id: 'OTHER', ...cheap, run: () => sleep(300).then(runAfter(() => finishIndex())) },
        { id: 'THIRD', ...cheap },
      ]);
      assert.deepEqual(statusLines(result), ['WAITS pass', 'OTHER pass', 'THIRD pass']);
      assert.ok((result.results[0]?.durationNs ?? 0) < 100e6);
    } finally {
      repository.index = original;
    }
  });
});

/** Returns the processes that have the planted folder in their environment. */
function markedProcesses(root: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const isMarked = /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`PLANTED=${root}`);
      return isMarked ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
