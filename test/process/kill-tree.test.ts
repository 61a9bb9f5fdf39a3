import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killGroup, killTree } from '../../src/process/kill-tree.ts';
import { isAlive } from '../../src/process/process-tree.ts';
import { until } from '../fixtures/wait.ts';

const ignoreSigterm = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);";

/** Starts a child in its group and a child in another group; both ignore SIGTERM. Then does what `rest` says. */
const parentOf = (rest: string): string => `
  const { spawn } = require('node:child_process');
  const { writeFileSync } = require('node:fs');
  const options = { stdio: 'ignore' };
  const member = spawn(process.execPath, ['-e', ${JSON.stringify(ignoreSigterm)}], options);
  const outsider = spawn(process.execPath, ['-e', ${JSON.stringify(ignoreSigterm)}], { ...options, detached: true });
  outsider.unref();
  writeFileSync('pids', [process.pid, member.pid, outsider.pid].join(' '));
  ${rest}`;

const stubborn = parentOf(ignoreSigterm);
const leaver = parentOf('process.exit();');

/** Appends a character to a file on each SIGTERM. */
const counter = `
  const { appendFileSync, writeFileSync } = require('node:fs');
  process.on('SIGTERM', () => appendFileSync('signals', 'x'));
  setInterval(() => {}, 1000);
  writeFileSync('pids', String(process.pid));`;

describe('killTree', () => {
  let folder: string;
  let id: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipescope-kill-'));
    id = randomUUID();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function start(program: string): Promise<number[]> {
    const env = { ...process.env, PLANTED: id };
    spawn(process.execPath, ['-e', program], { cwd: folder, env, stdio: 'ignore', detached: true });
    const file = join(folder, 'pids');
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
    return readFileSync(file, 'utf8').split(' ').map(Number);
  }

  it('ends all descendants, including those that left the group and ignore SIGTERM', async () => {
    const pids = await start(stubborn);
    assert.deepEqual(pids.map(isAlive), [true, true, true]);
    await killTree({ pid: pids[0] as number }, { marker: `PLANTED=${id}`, graceMs: 100 });
    assert.deepEqual(pids.map(isAlive), [false, false, false]);
  });

  it('finds the descendants of an ended process by the marker', async function () {
    if (process.platform !== 'linux') this.skip();
    const pids = await start(leaver);
    await until(() => !isAlive(pids[0] as number));
    assert.deepEqual(pids.map(isAlive), [false, true, true]);
    await killTree({ pid: pids[0] as number }, { marker: `PLANTED=${id}`, graceMs: 0 });
    assert.deepEqual(pids.map(isAlive), [false, false, false]);
  });

  it('leaves processes with another marker alone', async () => {
    const [other = 0] = await start(counter);
    rmSync(join(folder, 'pids'));
    const otherId = id;
    id = randomUUID();
    const [pid = 0] = await start(counter);
    await killTree({ pid }, { marker: `PLANTED=${id}`, graceMs: 0 });
    assert.deepEqual([isAlive(pid), isAlive(other)], [false, true]);
    await killTree({ pid: other }, { marker: `PLANTED=${otherId}`, graceMs: 0 });
  });

  it('sends SIGTERM once to each process and waits for the whole grace period', async function () {
    if (process.platform !== 'linux') this.skip();
    const [pid = 0] = await start(counter);
    const startMs = performance.now();
    await killTree({ pid }, { marker: `PLANTED=${id}`, graceMs: 300 });
    assert.ok(performance.now() - startMs >= 300);
    assert.equal(readFileSync(join(folder, 'signals'), 'utf8'), 'x');
    assert.equal(isAlive(pid), false);
  });

  it('returns as soon as a polite process has exited', async () => {
    const [pid = 0] = await start(counter.replace(/process\.on.*/, ''));
    const startMs = performance.now();
    await killTree({ pid }, { marker: `PLANTED=${id}`, graceMs: 20_000 });
    assert.ok(performance.now() - startMs < 10_000);
    assert.equal(isAlive(pid), false);
  });

  it('resolves if the process does not exist', async () => {
    await killTree({ pid: 2 ** 30 }, { marker: `PLANTED=${id}`, graceMs: 0, forceMs: 50 });
  });

  it('ends the group of an ended process with killGroup', async function () {
    if (process.platform === 'win32') this.skip();
    const [pid = 0, member = 0, outsider = 0] = await start(leaver);
    await until(() => !isAlive(pid));
    killGroup(pid);
    await until(() => !isAlive(member));
    assert.equal(isAlive(outsider), true);
    process.kill(outsider, 'SIGKILL');
  });
});
