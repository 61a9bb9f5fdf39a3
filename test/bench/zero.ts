/** What the zero-code probe costs a program that knows nothing of it: whole processes, with and without, taking turns. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { guestEnvironment } from '../../src/node/environment.ts';
import { Listener } from '../../src/node/socket.ts';
import type { Wishes } from '../../src/protocol/control.ts';
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

interface Case {
  readonly name: string;
  readonly parameters: (folder: string) => readonly string[];
  readonly wishes?: Partial<Wishes>;
  readonly limit: number;
}

const cases: readonly Case[] = [
  { name: 'a program that computes', parameters: (folder) => [join(folder, 'work.cjs')], limit: 1.03 },
  {
    name: 'a parser on 9 MB',
    parameters: () => [
      join(root, 'node_modules/acorn/bin/acorn'),
      '--ecma2022',
      '--silent',
      join(root, 'node_modules/@ts-morph/common/dist/typescript.js'),
    ],
    limit: 1.1,
  },
];

export async function zero(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-bench-'));
  writeFileSync(join(folder, 'work.cjs'), work);
  let batches = 0;
  const listener = await Listener.open({ onMessage: () => batches++, onFault: (what) => console.error(what) });
  try {
    const figures: Figure[] = [];
    for (const one of cases) {
      const wishes: Wishes = { samplingNs: 1e6, exact: [], budgetRatio: 0.01, workspace: folder, ...one.wishes };
      const env = guestEnvironment({
        runId: 'bench',
        dist: join(root, 'dist'),
        wishes,
        listener: listener.environment,
      });
      const parameters = one.parameters(folder);
      const ratios: number[] = [];
      const before = batches;
      await lasting(parameters, process.env);
      for (let pair = 0; pair < pairs; pair++) {
        // The order turns, so that what warms up or tires is on both sides.
        const first = pair % 2 === 0 ? await lasting(parameters, process.env) : await lasting(parameters, env);
        const second = pair % 2 === 0 ? await lasting(parameters, env) : await lasting(parameters, process.env);
        ratios.push(pair % 2 === 0 ? second / first : first / second);
      }
      if (batches === before)
        throw new Error('The probe said nothing, so nothing was measured. Run npm run build first.');
      const ratio = medianOf(ratios);
      figures.push({
        name: `zero-code probe, ${one.name}`,
        value: ratio,
        unit: '× wall time',
        ...goal('≤', one.limit, ratio),
        how: `median of ${pairs} pairs, ${ratios.map((value) => value.toFixed(2)).join(' ')}`,
      });
    }
    return figures;
  } finally {
    await listener.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from the start to the end of a process. */
function lasting(parameters: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startMs = performance.now();
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, parameters, { env, stdio: 'ignore' });
    child.on('error', fail);
    child.on('exit', (code) =>
      code === 0 ? done(performance.now() - startMs) : fail(new Error(`${parameters.join(' ')} ended with ${code}`)),
    );
  });
}
