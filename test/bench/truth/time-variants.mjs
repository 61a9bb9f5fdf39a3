/**
 * `node time-variants.mjs TURNS FILE…`: prints the CPU time of a round of each program in each turn as JSON:
 * `[{"cpuUs": [first program's, …], "timedShares": {…}}, …]`. The programs run in the same process, alternately and without a
 * profiler. Each has its own functions, so that V8 optimizes each for itself. A program can add up the time of parts of
 * its work in `globalThis.spentMs`; `timedShares` are their percent of the time of the first program.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [turns, ...files] = process.argv.slice(2);
const programs = await Promise.all(files.map((file) => import(pathToFileURL(resolve(file)).href)));

/** Long enough for V8 to have optimized all functions. */
const warmupMs = 400;
const minTurnMs = 25;

const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Returns the CPU time of this thread in nanoseconds. Linux adds it up at each tick of 4 ms and when a thread is switched
 * out, so this sleeps for a moment first. `process.threadCpuUsage()` has the accuracy of ticks.
 */
function readCpuNs() {
  Atomics.wait(pause, 0, 0, 0.05);
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]);
}

/** Returns the CPU time of a round in microseconds, and the percent of the time in which timed work ran. */
async function timeRounds(program, rounds) {
  globalThis.spentMs = {};
  const [startNs, startMs] = [readCpuNs(), performance.now()];
  for (let index = 0; index < rounds; index++) await program.round();
  const wallMs = performance.now() - startMs;
  const cpuUs = (readCpuNs() - startNs) / 1000 / rounds;
  return {
    cpuUs,
    shares: Object.fromEntries(Object.entries(globalThis.spentMs).map(([name, ms]) => [name, (ms / wallMs) * 100])),
  };
}

globalThis.spentMs = {};
const rounds = [];
for (const program of programs) {
  const startMs = performance.now();
  let count = 0;
  for (; performance.now() - startMs < warmupMs; count++) await program.round();
  rounds.push(Math.max(1, Math.ceil((minTurnMs * count) / warmupMs)));
}
const times = [];
for (let turn = 0; turn < Number(turns); turn++) {
  const row = [];
  const order = programs.map((_, index) => (index + turn) % programs.length);
  for (const index of turn % 2 === 0 ? order : order.toReversed())
    row[index] = await timeRounds(programs[index], rounds[index]);
  times.push({ cpuUs: row.map(({ cpuUs }) => cpuUs), timedShares: row[0].shares });
}
console.log(JSON.stringify(times));
