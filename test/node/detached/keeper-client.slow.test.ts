/** Holds a run to outliving its host: found again by the next one, with every total, its output and its end as they are. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { hearKeeper, keptLaunchOf, startKeeper } from '../../../src/node/detached/keeper-client.ts';
import { notesIn } from '../../../src/node/detached/run-note.ts';
import { commandOf, type LaunchSpec } from '../../../src/node/run/launch-spec.ts';
import { isAlive } from '../../../src/node/run/process-tree.ts';
import { type Resumed, Session } from '../../../src/node/session.ts';
import { notesOf } from '../../../src/node/storage/data-folder.ts';
import { runVariable, socketVariable } from '../../../src/protocol/environment-variables.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { folderOf } from '../../probe/zero.ts';

const root = resolve(import.meta.dirname, '../../..');
const dist = join(root, 'dist');

/** Counts its own calls, prints each round, and ends when it is told to, with an exit code of its own. */
const main = `const { spawn } = require('node:child_process');
const { existsSync, writeFileSync } = require('node:fs');
function work(n) { return n + 1; }
const child = spawn(process.execPath, ['child.cjs'], { stdio: 'ignore' });
writeFileSync('pids', process.pid + ' ' + child.pid);
let ended = false;
child.on('exit', () => { ended = true; });
let calls = 0;
const round = () => {
  for (let left = 100; left > 0; left--) calls = work(calls);
  console.log('calls ' + calls);
  if (existsSync('end') && ended) { console.error('enough'); process.exit(7); }
  setTimeout(round, 10);
};
round();
`;
const child = `function step(n) { return n + 1; }
let calls = 0;
while (calls < 500) calls = step(calls);
`;

interface Place {
  readonly workspace: string;
  readonly data: string;
  readonly launch: LaunchSpec;
}

function place(words: [string, ...string[]] = ['node', 'main.cjs']): Place {
  const workspace = folderOf({ 'main.cjs': main, 'child.cjs': child });
  return { workspace, data: join(workspace, 'data'), launch: commandOf(words, { workspace, stdio: 'pipe' }) };
}

function exactIn(workspace: string) {
  return [
    { file: join(workspace, 'main.cjs'), name: 'work' },
    { file: join(workspace, 'child.cjs'), name: 'step' },
  ];
}

interface Host {
  readonly session: Session;
  readonly log: string[];
  printed: string;
}

const hosts: Host[] = [];

function hostOn(data: string): Host {
  const log: string[] = [];
  const onOutput = (text: string): void => {
    host.printed += text;
  };
  const host: Host = {
    session: new Session({ dist, data, keeps: true, log: (line) => log.push(line), onOutput }),
    log,
    printed: '',
  };
  hosts.push(host);
  return host;
}

const neverMind = (): void => undefined;

function countOf(snapshot: Snapshot | undefined, name: string): number {
  return snapshot?.operations.find((operation) => operation.name === name)?.count ?? 0;
}

/** Waits for what a busy machine may take its time for. */
async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 4000 && !condition(); tries++) await sleep(10);
  assert.ok(condition(), what);
}

async function pickUp(host: Host): Promise<Resumed> {
  const resumed = await host.session.pickUp(neverMind);
  assert.ok(resumed, host.log.join('\n'));
  return resumed;
}

/** Numbers of the lines that were printed. */
function roundsIn(printed: string): number[] {
  return [...printed.matchAll(/^calls (\d+)$/gm)].map(([, calls]) => Number(calls));
}

/** Three spans as an instrumented program sends them, to the receiver that its environment names. */
async function sends(env: NodeJS.ProcessEnv): Promise<void> {
  const span = { name: 'served', startTimeUnixNano: '1000000000', endTimeUnixNano: '1001000000' };
  const spans = ['a', 'b', 'c'].map((id) => ({ ...span, traceId: id.repeat(32), spanId: id.repeat(16) }));
  const [, token = ''] = /authorization=Bearer%20(\w+)/.exec(env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '') ?? [];
  const { status } = await fetch(`${env['OTEL_EXPORTER_OTLP_ENDPOINT']}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
  assert.equal(status, 200);
}

describe('a run whose host goes', function () {
  this.timeout(90_000);

  before(() => assert.ok(existsSync(join(dist, 'keeper.js')), 'run `npm run build` first'));
  afterEach(async () => {
    for (const { session } of hosts.splice(0)) {
      await session.stop();
      session.dispose();
    }
  });

  /** Two ways for a host to go: by hanging up, and by force. Each gives back how much it had seen. */
  const ways: readonly [string, (at: Place) => Promise<void>][] = [
    [
      'in order',
      async ({ workspace, data, launch }) => {
        const { session } = hostOn(data);
        void session.launch(launch, { exact: exactIn(workspace), budgetRatio: 1 });
        await until(
          'it counts',
          () => countOf(session.snapshot, 'work') > 0 && countOf(session.snapshot, 'step') === 500,
        );
        session.dispose();
      },
    ],
    [
      'by SIGKILL',
      async ({ workspace, data, launch }) => {
        const program = `
          import { Session } from ${JSON.stringify(join(root, 'src/node/session.ts'))};
          const session = new Session({ dist: ${JSON.stringify(dist)}, data: ${JSON.stringify(data)}, keeps: true, log() {}, onOutput() {} });
          const count = (name) => session.snapshot?.operations.find((one) => one.name === name)?.count ?? 0;
          session.onChange(() => { if (count('work') > 0 && count('step') === 500) console.log('seen'); });
          await session.launch(${JSON.stringify(launch)}, { exact: ${JSON.stringify(exactIn(workspace))}, budgetRatio: 1 });`;
        const host = spawn(process.execPath, ['--input-type=module', '-e', program], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await Promise.race([once(host.stdout, 'data'), once(host, 'exit')]);
        assert.equal(host.exitCode, null);
        host.kill('SIGKILL');
        await once(host, 'exit');
      },
    ],
  ];
  for (const [how, goes] of ways) {
    it(`${how} is picked up by the next: totals, output, exit code and start are right`, async () => {
      const at = place();
      const before = Date.now();
      await goes(at);
      const [pid = 0, ended = 0] = readFileSync(join(at.workspace, 'pids'), 'utf8').split(' ').map(Number);
      await sleep(600);
      assert.deepEqual([isAlive(pid), isAlive(ended)], [true, false]);
      const between = Date.now();
      const host = hostOn(at.data);
      const { snapshot: running } = await pickUp(host);
      assert.equal(host.session.phase, 'running');
      const known = countOf(host.session.exportSnapshot(), 'work');
      assert.ok(known > 0, 'what was before is told at once');
      await until('it goes on', () => countOf(host.session.snapshot, 'work') > known);
      writeFileSync(join(at.workspace, 'end'), '');
      const snapshot = await running;
      const rounds = roundsIn(host.printed);
      assert.deepEqual(
        rounds,
        rounds.map((_, index) => 100 * (index + 1)),
        'every line, once',
      );
      assert.deepEqual([countOf(snapshot, 'work'), countOf(snapshot, 'step')], [rounds.at(-1), 500]);
      assert.deepEqual([snapshot.run.result, snapshot.run.exitCode], ['failure', 7]);
      assert.match(snapshot.run.message ?? '', /exit code 7: enough/);
      assert.ok(Date.parse(snapshot.run.startedAt) >= before && Date.parse(snapshot.run.startedAt) < between);
      assert.ok(snapshot.run.durationNs > 600e6);
      assert.equal(snapshot.dropped.batches, 0);
      assert.match(host.log.join('\n'), /picked up/);
      assert.deepEqual(notesIn(at.data), []);
    });
  }

  it('is stopped by the next as by the first, with all its descendants', async () => {
    const at = place(['bash', '-c', 'sleep 987 & setsid sleep 987 & echo $$ $(jobs -p) > pids; echo on; wait']);
    const first = hostOn(at.data);
    void first.session.launch(at.launch);
    await until('it runs', () => first.printed.includes('on'));
    first.session.dispose();
    const pids = readFileSync(join(at.workspace, 'pids'), 'utf8').trim().split(' ').map(Number);
    const second = hostOn(at.data);
    const { snapshot: running } = await pickUp(second);
    assert.ok(pids.length === 3 && pids.every(isAlive), `all live before the stop: ${pids}`);
    await second.session.stop();
    assert.equal((await running).run.result, 'cancellation');
    assert.deepEqual(pids.filter(isAlive), []);
  });

  it('is picked up by one host alone, and by the other once that has gone', async () => {
    const at = place();
    const [first, second, third] = [hostOn(at.data), hostOn(at.data), hostOn(at.data)];
    void first.session.launch(at.launch);
    await until('it runs', () => first.printed !== '');
    assert.equal(await second.session.pickUp(neverMind), undefined);
    assert.equal(second.session.phase, 'idle');
    assert.equal(notesIn(at.data).length, 1);
    const waiting = third.session.pickUp(neverMind, 60_000);
    first.session.dispose();
    assert.ok(await waiting);
    assert.equal(await second.session.pickUp(neverMind), undefined);
  });

  it('leaves a note for this user alone', async () => {
    const at = place();
    const { session, ...host } = hostOn(at.data);
    void session.launch(at.launch);
    await until('it runs', () => notesIn(at.data).length > 0);
    const [name = ''] = readdirSync(notesOf(at.data));
    assert.equal(statSync(join(notesOf(at.data), name)).mode & 0o077, 0);
    assert.ok(host.log.length > 0);
  });

  it('that waits for programs keeps its addresses, that of OpenTelemetry too', async () => {
    const at = place();
    const first = hostOn(at.data);
    const heard: NodeJS.ProcessEnv[] = [];
    const onEnvironment = (variables: NodeJS.ProcessEnv): void => void heard.push(variables);
    void first.session.launch(
      { ...at.launch, start: { kind: 'listen', onEnvironment } },
      { exact: exactIn(at.workspace), budgetRatio: 1 },
    );
    await until('it listens', () => heard.length === 1);
    const { [runVariable]: _, ...env } = heard[0] ?? {};
    writeFileSync(join(at.workspace, 'end'), '');
    const run = async (): Promise<void> => {
      const program = spawn('node', ['main.cjs'], {
        cwd: at.workspace,
        env: { ...process.env, ...env },
        stdio: 'ignore',
      });
      assert.deepEqual(await once(program, 'exit'), [7, null]);
      await sends(env);
    };
    await run();
    const told = (session: Session) => [countOf(session.snapshot, 'step'), countOf(session.snapshot, 'served')];
    await until('it is told', () => isDeepStrictEqual(told(first.session), [500, 3]));
    first.session.dispose();
    await run();
    const second = hostOn(at.data);
    const resumed = await second.session.pickUp(onEnvironment);
    assert.deepEqual(heard[1]?.[socketVariable], heard[0]?.[socketVariable]);
    await run();
    await until('all are told', () => isDeepStrictEqual(told(second.session), [1500, 9]));
    await second.session.stop();
    assert.equal((await resumed?.snapshot)?.run.result, 'success');
  });

  it('is ended with all its descendants when nobody comes', async () => {
    const at = place(['bash', '-c', 'sleep 987 & setsid sleep 987 & echo $$ $(jobs -p) > pids; echo on; wait']);
    const address = await startKeeper({
      launch: keptLaunchOf(at.launch),
      runId: 'nobody',
      dist,
      wishes: { samplingNs: 0, exact: [], budgetRatio: 1, workspace: at.workspace },
      span: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 },
      environment: { PATH: process.env['PATH'] ?? '' },
      patienceMs: 1000,
    });
    let printed = '';
    const ears = {
      runId: 'nobody',
      log: neverMind,
      onMessage: neverMind,
      onFault: neverMind,
      onOutput: (_: string, text: string) => {
        printed += text;
      },
    };
    const line = await hearKeeper(address, ears);
    assert.ok(typeof line === 'object' && line.leave);
    await until('it runs', () => printed.includes('on'));
    const pids = readFileSync(join(at.workspace, 'pids'), 'utf8').trim().split(' ').map(Number);
    // Longer than its patience: with a host it is never lost.
    await sleep(1500);
    assert.ok(pids.length === 3 && pids.every(isAlive), `all live with a host: ${pids}`);
    line.leave();
    await until('all are ended', () => !pids.some(isAlive));
    await until('the keeper too', () => !existsSync(address));
    assert.equal(await hearKeeper(address, ears), 'gone');
  });

  it('does what the next asks: other functions are timed, a signal is handed on', async () => {
    const at = place();
    const wishes = { samplingNs: 0, exact: exactIn(at.workspace), budgetRatio: 1, workspace: at.workspace };
    const first = hostOn(at.data);
    void first.session.launch(at.launch, wishes);
    await until('it counts', () => countOf(first.session.snapshot, 'work') > 0);
    first.session.dispose();
    const { session } = hostOn(at.data);
    const resumed = await session.pickUp(neverMind);
    const before = countOf(session.exportSnapshot(), 'work');
    await until('it goes on', () => countOf(session.snapshot, 'work') > before);
    assert.equal(countOf(session.snapshot, 'round'), 0);
    session.wish({ ...wishes, exact: [...wishes.exact, { file: join(at.workspace, 'main.cjs'), name: 'round' }] });
    await until('another is timed', () => countOf(session.snapshot, 'round') > 0);
    session.forward('SIGTERM');
    const { run } = (await resumed?.snapshot) ?? {};
    assert.deepEqual([run?.result, run?.signal], ['error', 'SIGTERM']);
  });

  it('that ends while nobody is there is told to the next, with its end', async () => {
    const at = place();
    const first = hostOn(at.data);
    void first.session.launch(at.launch, { exact: exactIn(at.workspace), budgetRatio: 1 });
    await until('it counts', () => countOf(first.session.snapshot, 'work') > 0);
    const pid = Number(readFileSync(join(at.workspace, 'pids'), 'utf8').split(' ')[0]);
    first.session.dispose();
    writeFileSync(join(at.workspace, 'end'), '');
    await until('it ends', () => !isAlive(pid));
    const second = hostOn(at.data);
    const snapshot = await (await pickUp(second)).snapshot;
    assert.deepEqual([countOf(snapshot, 'work'), countOf(snapshot, 'step')], [roundsIn(second.printed).at(-1), 500]);
    assert.deepEqual([snapshot.run.result, snapshot.run.exitCode, second.session.phase], ['failure', 7, 'failed']);
    assert.deepEqual(notesIn(at.data), []);
  });

  it('is ended, and that is said, where its keeper is killed', async () => {
    const at = place();
    const { session, log } = hostOn(at.data);
    const running = session.launch(at.launch, { exact: exactIn(at.workspace), budgetRatio: 1 });
    await until('it counts', () => countOf(session.snapshot, 'work') > 0);
    const pid = Number(readFileSync(join(at.workspace, 'pids'), 'utf8').split(' ')[0]);
    assert.ok(isAlive(pid));
    const [keeper] = /(?<=^PPid:\s+)\d+/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    process.kill(Number(keeper), 'SIGKILL');
    const { run } = await running;
    assert.equal(isAlive(pid), false);
    assert.deepEqual([run.result, run.signal], ['error', 'SIGKILL']);
    assert.match(log.join('\n'), /the process that held the program has ended/);
    assert.deepEqual(notesIn(at.data), []);
  });

  it('that nobody can pick up any more is forgotten, in one line', async () => {
    const at = place();
    const first = hostOn(at.data);
    const running = first.session.launch(at.launch);
    await until('it runs', () => first.printed !== '');
    const [note] = notesIn(at.data);
    const file = join(notesOf(at.data), readdirSync(notesOf(at.data))[0] ?? '');
    await first.session.stop();
    await running;
    assert.ok(!existsSync(file), 'the end of the run removes its note');
    await until('the keeper goes', () => !existsSync(note?.address ?? ''));
    writeFileSync(file, JSON.stringify(note));
    writeFileSync(join(notesOf(at.data), 'other.json'), '{"launch":{}}');
    const second = hostOn(at.data);
    assert.equal(await second.session.pickUp(neverMind), undefined);
    assert.deepEqual([second.log.length, readdirSync(notesOf(at.data))], [1, []]);
    assert.match(second.log[0] ?? '', /cannot be picked up/);
  });

  it('prints on without it: the end is kept, and how much is left out before it is said', async () => {
    const at = place([
      'bash',
      '-c',
      'echo first; while [ ! -e on ]; do sleep 0.05; done; seq 200000; touch done; sleep 987',
    ]);
    const first = hostOn(at.data);
    void first.session.launch(at.launch);
    await until('it runs', () => first.printed === 'first\n');
    first.session.dispose();
    writeFileSync(join(at.workspace, 'on'), '');
    await until('it prints without a reader', () => existsSync(join(at.workspace, 'done')));
    const second = hostOn(at.data);
    await pickUp(second);
    await until('the end is there', () => second.printed.endsWith('\n200000\n'));
    const [, left = ''] = /^… (\d+) characters are left out …\n/.exec(second.printed) ?? [];
    const whole = `first\n${Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('')}`;
    assert.ok(Number(left) > 0);
    assert.equal(second.printed.slice(second.printed.indexOf('\n') + 1), whole.slice(Number(left)));
    assert.equal(whole.length - Number(left), 256 * 1024);
  });

  it('prints without loss while it is there, however much', async () => {
    const at = place(['seq', '3000000']);
    const host = hostOn(at.data);
    const { run } = await host.session.launch(at.launch);
    assert.equal(run.result, 'success');
    assert.ok(host.printed.startsWith('1\n2\n3\n') && host.printed.endsWith('\n2999999\n3000000\n'));
    assert.equal(host.printed.split('\n').length, 3_000_001);
  });

  const failures: readonly [string, [string, ...string[]], RegExp][] = [
    ['there is no such program', ['no-such-program'], /There is no program “no-such-program”/],
    ['no program can be given such an argument', ['node', 'a\0b'], /without null bytes/],
  ];
  for (const [what, words, message] of failures) {
    it(`says that ${what}, and leaves nothing`, async () => {
      const at = place(words);
      const { session } = hostOn(at.data);
      await assert.rejects(session.launch(at.launch), message);
      assert.equal(session.phase, 'failed');
      assert.deepEqual(notesIn(at.data), []);
    });
  }
});
