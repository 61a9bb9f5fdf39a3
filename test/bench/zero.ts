/** Measures the overhead of the probe on unmodified Node programs: whole processes, alternately with and without it. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RegistryProgram, registryPrograms } from '../fixtures/registry.ts';
import { type Figure, goal, medianOf } from './figure.ts';
import { measureCost, measureOverheadFigure, type Peer } from './overhead.ts';

const root = resolve(import.meta.dirname, '../..');

/** A fixed, typical workload: numbers, strings, objects and sorting. */
const work = `
function hash(text) { let h = 2166136261; for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619); return h >>> 0; }
function words(count) { const list = []; for (let i = 0; i < count; i++) list.push('w' + hash('seed' + i)); return list; }
function group(list) { const groups = new Map(); for (const word of list) { const key = word.slice(0, 3); groups.set(key, (groups.get(key) ?? 0) + 1); } return groups; }
function product(n) { const a = new Float64Array(n * n).fill(1.5), b = new Float64Array(n * n); for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) { let s = 0; for (let k = 0; k < n; k++) s += a[i * n + k] * a[k * n + j]; b[i * n + j] = s; } return b; }
let sum = 0;
for (let round = 0; round < 14; round++) { const list = words(60000).sort(); sum += group(list).size + product(170)[0] + JSON.parse(JSON.stringify(list)).length; }
console.log(sum);
`;

type NodeProgram = Pick<RegistryProgram, 'name' | 'prepare' | 'parameters'>;

const programs: readonly NodeProgram[] = [
  {
    name: 'a program that computes',
    prepare: (folder) => writeFileSync(join(folder, 'work.cjs'), work),
    parameters: ['work.cjs'],
  },
  {
    name: 'a parser on 9 MB',
    prepare: () => undefined,
    parameters: [
      join(root, 'node_modules/acorn/bin/acorn'),
      '--ecma2022',
      '--silent',
      join(root, 'node_modules/@ts-morph/common/dist/typescript.js'),
    ],
  },
  ...registryPrograms,
];

/** Goals for the median program and for each program. */
const maxMedianRatio = 1.03;
const maxRatio = 1.08;
const maxStartMs = 10;

/** Node's built-in profiler, which writes all its data at exit. */
export const peerOf = (parameters: readonly string[]): Peer => ({
  name: '--cpu-prof',
  command: (folder) => [process.execPath, '--cpu-prof', `--cpu-prof-dir=${folder}`, ...parameters],
});

export async function zero(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, prepare, parameters } of programs) {
    figures.push(
      await measureOverheadFigure(`zero-code probe, ${name}`, {
        prepare,
        argv: [process.execPath, ...parameters],
        peer: peerOf(parameters),
        maxRatio,
      }),
    );
  }
  const median = medianOf(figures.map(({ value }) => value));
  return [
    ...figures,
    {
      name: 'zero-code probe, median of these programs',
      value: median,
      unit: '× wall time',
      ...goal('≤', maxMedianRatio, median),
      how: `of ${figures.length} programs`,
    },
    await measureStart(),
  ];
}

/** Measures how much longer an empty program runs. The time in which `pipescope` itself starts does not count. */
async function measureStart(): Promise<Figure> {
  const parameters = ['empty.cjs'];
  const { withNs, withoutNs, pairs, peer } = await measureCost({
    prepare: (folder) => writeFileSync(join(folder, 'empty.cjs'), ''),
    argv: [process.execPath, ...parameters],
    peer: peerOf(parameters),
    runs: 25,
    allowsNoEvents: true,
  });
  const value = (withNs - withoutNs) / 1e6;
  return {
    name: 'zero-code probe, an empty program',
    value,
    unit: 'ms',
    ...(peer ? { against: `--cpu-prof ${((peer.withNs - withoutNs) / 1e6).toFixed(1)}` } : {}),
    ...goal('≤', maxStartMs, value),
    how: `difference of the medians of ${pairs} pairs of a program of ${(withoutNs / 1e6).toFixed(0)} ms`,
  };
}
