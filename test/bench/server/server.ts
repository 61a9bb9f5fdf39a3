/** Measures how many requests a second an HTTP server still answers under the probe, with a load generator beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { medianInterval } from '../../../src/core/statistics/statistics.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';
import { type Figure, goal, medianOf } from '../figure.ts';

const cli = resolve(import.meta.dirname, '../../../dist/cli.js');
const script = join(import.meta.dirname, 'serve.cjs');
const load = join(import.meta.dirname, 'load.mjs');

const rounds = 15;
const roundMs = 2000;
/** V8 has compiled the server's functions after that. */
const warmupMs = 3000;
const minPercent = 98;

interface LineProcess {
  readonly child: ChildProcess;
  readonly lines: Interface;
  readonly ended: Promise<unknown>;
}

function start(argv: readonly string[]): LineProcess {
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'ignore'] });
  return { child, lines: createInterface({ input: child.stdout }), ended: once(child, 'exit') };
}

async function nextLine({ lines, ended }: LineProcess): Promise<string> {
  const line = await Promise.race([new Promise<string>((resolve) => void lines.once('line', resolve)), ended]);
  if (typeof line === 'string') return line;
  throw new Error('A process of the measurement ended early. Run npm run build first.');
}

/**
 * Measures servers without the probe, with it, and with Node's profiler. All of them run all the time; one after the other
 * gets the load, in changing order.
 */
export async function server(): Promise<Figure[]> {
  const temporary = createTemporaryFolder();
  const servers = [
    [script],
    [cli, 'run', '--data', join(temporary.path, 'data'), '--', process.execPath, script],
    ['--cpu-prof', `--cpu-prof-dir=${temporary.path}`, script],
  ].map(start);
  const generator = start([load]);
  try {
    const ports = await Promise.all(servers.map(nextLine));
    const rates = ports.map((): number[] => []);
    const measure = async (index: number, durationMs: number): Promise<number> => {
      generator.child.stdin?.write(`${ports[index]} ${durationMs}\n`);
      return Number(await nextLine(generator));
    };
    for (const index of ports.keys()) await measure(index, warmupMs);
    for (let round = 0; round < rounds; round++) {
      const order = [...ports.keys()];
      for (const index of round % 2 === 0 ? order : order.toReversed())
        rates[index]?.push(await measure(index, roundMs));
    }
    return [figureOf(rates)];
  } finally {
    // The command passes the signal on to its program.
    for (const { child } of [...servers, generator]) child.kill('SIGTERM');
    await Promise.all([...servers, generator].map(({ ended }) => ended));
    temporary.done();
  }
}

function figureOf([plain = [], profiled = [], peer = []]: readonly (readonly number[])[]): Figure {
  const percents = (values: readonly number[]): number[] =>
    values.map((value, round) => (value / (plain[round] ?? Number.NaN)) * 100);
  const value = medianOf(percents(profiled));
  const interval = medianInterval(percents(profiled));
  const range = interval ? `, 95 % interval ${interval.low.toFixed(1)} to ${interval.high.toFixed(1)}` : '';
  return {
    name: 'zero-code probe, requests a second of an HTTP server',
    value,
    unit: '% of those without it',
    against: `--cpu-prof ${medianOf(percents(peer)).toFixed(1)}`,
    ...goal('≥', minPercent, value),
    how: `median of ${rounds} rounds of ${roundMs / 1000} s${range}, ${medianOf(plain).toFixed(0)} a second alone`,
  };
}
