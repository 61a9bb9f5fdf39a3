/** What the zero-code probe costs a program that knows nothing of it: whole processes, with and without, taking turns. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bootstrapMedian, dice } from '../../src/core/statistics.ts';
import { guestEnvironment } from '../../src/node/environment.ts';
import { defaultWishes } from '../../src/node/session.ts';
import { Listener } from '../../src/node/socket.ts';
import type { Wishes } from '../../src/protocol/control.ts';
import { type RegistryProgram, registryPrograms } from '../fixtures/registry.ts';
import { type Figure, goal, medianOf } from './figure.ts';

const root = resolve(import.meta.dirname, '../..');
const pairs = 9;

/** Fixed work of a usual kind: numbers, strings, objects, sorting. */
const work = `
function hash(text) { let h = 2166136261; for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619); return h >>> 0; }
function words(count) { const list = []; for (let i = 0; i < count; i++) list.push('w' + hash('seed' + i)); return list; }
function group(list) { const groups = new Map(); for (const word of list) { const key = word.slice(0, 3); groups.set(key, (groups.get(key) ?? 0) + 1); } return groups; }
function product(n) { const a = new Float64Array(n * n).fill(1.5), b = new Float64Array(n * n); for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) { let s = 0; for (let k = 0; k < n; k++) s += a[i * n + k] * a[k * n + j]; b[i * n + j] = s; } return b; }
let sum = 0;
for (let round = 0; round < 14; round++) { const list = words(60000).sort(); sum += group(list).size + product(170)[0] + JSON.parse(JSON.stringify(list)).length; }
console.log(sum);
`;

type Case = Omit<RegistryProgram, 'compared'>;

const cases: readonly Case[] = [
  {
    name: 'a program that computes',
    prepare: (folder) => writeFileSync(join(folder, 'work.cjs'), work),
    parameters: ['work.cjs'],
    exitCode: 0,
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
    exitCode: 0,
  },
  ...registryPrograms,
];

/** The goals of a median program, and of every one. */
const [usual, most] = [1.03, 1.1];

export async function zero(): Promise<Figure[]> {
  let batches = 0;
  const listener = await Listener.open({ onMessage: () => batches++, onFault: (what) => console.error(what) });
  try {
    const figures: Figure[] = [];
    for (const one of cases) {
      const before = batches;
      figures.push(await figureOf(one, listener));
      if (batches === before)
        throw new Error('The probe said nothing, so nothing was measured. Run npm run build first.');
    }
    const median = medianOf(figures.map(({ value }) => value));
    return [
      ...figures,
      {
        name: 'zero-code probe, the median of these programs',
        value: median,
        unit: '× wall time',
        ...goal('≤', usual, median),
        how: `of ${figures.length} programs`,
      },
    ];
  } finally {
    await listener.close();
  }
}

async function figureOf({ name, prepare, parameters, exitCode }: Case, listener: Listener): Promise<Figure> {
  const cwd = mkdtempSync(join(tmpdir(), 'pipescope-bench-'));
  try {
    prepare(cwd);
    const wishes: Wishes = { ...defaultWishes, workspace: cwd };
    const env = guestEnvironment({ runId: 'bench', dist: join(root, 'dist'), wishes, listener: listener.environment });
    const run = (variables: NodeJS.ProcessEnv): Promise<number> =>
      lasting(parameters, { cwd, env: variables, exitCode });
    await run(process.env);
    const [alone, seen]: [number[], number[]] = [[], []];
    for (let pair = 0; pair < pairs; pair++) {
      // The order turns, so that what warms up or tires is on both sides.
      const seenFirst = pair % 2 === 1;
      if (seenFirst) seen.push(await run(env));
      alone.push(await run(process.env));
      if (!seenFirst) seen.push(await run(env));
    }
    const ratios = seen.map((ms, pair) => ms / (alone[pair] as number));
    const ratio = medianOf(ratios);
    const { low, high } = bootstrapMedian(ratios, { random: dice(1) });
    return {
      name: `zero-code probe, ${name}`,
      value: ratio,
      unit: '× wall time',
      ...goal('≤', most, ratio),
      how: `median of ${pairs} pairs, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}, ${Math.round(medianOf(alone))} ms alone`,
    };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

interface Running {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly exitCode: number;
}

/** Milliseconds from the start to the end of a process. */
function lasting(parameters: readonly string[], { cwd, env, exitCode }: Running): Promise<number> {
  const startMs = performance.now();
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, parameters, { cwd, env, stdio: 'ignore' });
    child.on('error', fail);
    child.on('exit', (code) =>
      code === exitCode
        ? done(performance.now() - startMs)
        : fail(new Error(`${parameters.join(' ')} ended with ${code}, not ${exitCode}`)),
    );
  });
}
