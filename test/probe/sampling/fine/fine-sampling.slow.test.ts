/** Samples real programs with V8's profiler: inlined functions get their time, and lines their cost. */
import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { CpuProfile } from '../../../../src/probe/sampling/fold-profile.ts';
import { SourceTotals } from '../../../../src/protocol/batch/source-totals.ts';
import {
  createProgramFolder,
  operationsIn,
  type ProfiledResult,
  runPlain,
  runProfiled,
} from '../../profiled-program.ts';

const fine = { hasFineSampling: true, samplingNs: 1e6, hasFixedInterval: true };
const interrupts = { hasFineSampling: false, samplingNs: 2e6, hasFixedInterval: true };

const weighTs = `export interface Parcel { readonly label: string } // 1
// 2
// These lines are here so that those of the functions are not lines of functions in the other file. 3
// 4
// 5
// 6
// 7
// 8
// 9
// 10
// 11
// 12
// 13
// 14
// 15
// 16
// 17
// 18
// 19
// 20
export function weigh(parcel: Parcel): number { // 21
  return spread(parcel.label) / 3; // 22
} // 23
 // 24
function spread(label: string): number { // 25
  let weight = 0; // 26
  for (let index = 0; index < label.length; index++) { // 27
    weight = (weight * 31 + label.charCodeAt(index)) % 1009; // 28
  } // 29
  return weight; // 30
} // 31
`;
const mainTs = `import { type Parcel, weigh } from './weigh.ts'; // 1
const parcels: Parcel[] = Array.from({ length: 500 }, (_, index) => ({ label: 'parcel number ' + index })); // 2
function total(list: readonly Parcel[]): number { // 3
  let sum = 0; // 4
  for (const parcel of list) { // 5
    sum += weigh(parcel); // 6
  } // 7
  return sum; // 8
} // 9
const until = process.cpuUsage().user + 1_000_000; // 10
let result = 0; // 11
while (process.cpuUsage().user < until) result += total(parcels); // 12
console.log(result > 0); // 13
`;
const js = (text: string): string =>
  text
    .replace(/export interface.*? \/\/ 1/, '// 1')
    .replaceAll('weigh.ts', 'weigh.mjs')
    .replace(/type Parcel, | as const|: (readonly )?(Parcel|number|string)(\[\])?/g, '');

type Lines = ReadonlyMap<number, { readonly samples: number; readonly selfNs: number; readonly totalNs: number }>;

/** Returns the lines of the functions with this name. */
function linesOf({ batches }: ProfiledResult, name: string): Lines {
  const totals = new SourceTotals();
  for (const batch of batches) if (batch.source.endsWith('.0')) totals.add(batch);
  const { definitions = [], stackLines = [] } = totals.toBatch() ?? {};
  const ids = new Set(definitions.filter((definition) => definition.name === name).map(({ id }) => id));
  return new Map(
    stackLines
      .filter(([id]) => ids.has(id))
      .map(([, line, samples, selfNs, totalNs]) => [line, { samples, selfNs, totalNs }] as const)
      .sort(([left], [right]) => left - right),
  );
}

/** Returns the self time of the program's functions, as shares of their time. Node's own start may take as long. */
function sharesIn({ batches }: ProfiledResult): ReadonlyMap<string, number> {
  const operations = operationsIn(batches).filter(({ component, file }) => component === 'functions' && file);
  const totalNs = operations.reduce((sum, { selfNs }) => sum + selfNs, 0);
  return new Map(operations.map(({ name, selfNs }) => [name, selfNs / totalNs]));
}

function fileOf({ batches }: ProfiledResult, name: string): string | undefined {
  return operationsIn(batches).find((operation) => operation.name === name && operation.selfNs > 0)?.file;
}

/** Returns the share of a function according to V8 alone. */
function shareInV8(folder: string, program: string, name: string): number {
  const { status } = runPlain(['--cpu-prof', '--cpu-prof-dir=profiles', program], { cwd: folder });
  assert.equal(status, 0);
  const [file = ''] = readdirSync(join(folder, 'profiles'));
  const { nodes } = JSON.parse(readFileSync(join(folder, 'profiles', file), 'utf8')) as CpuProfile;
  const ticksOf = (selected: CpuProfile['nodes']): number =>
    selected.flatMap(({ positionTicks = [] }) => positionTicks).reduce((sum, { ticks }) => sum + ticks, 0);
  return ticksOf(nodes.filter(({ callFrame }) => callFrame.functionName === name)) / ticksOf(nodes);
}

describe('fine sampling', function () {
  this.timeout(120_000);

  /** Programs with their files, and where the inlined function is written. */
  const programs: readonly (readonly [
    title: string,
    create: () => Promise<readonly [folder: string, program: string]>,
    spreadFile: string,
  ])[] = [
    [
      'in ES modules',
      async () => [createProgramFolder({ 'main.mjs': js(mainTs), 'weigh.mjs': js(weighTs) }), 'main.mjs'],
      'weigh.mjs',
    ],
    [
      'in TypeScript that Node runs directly',
      async () => [createProgramFolder({ 'main.ts': mainTs, 'weigh.ts': weighTs }), 'main.ts'],
      'weigh.ts',
    ],
    [
      'in TypeScript that was bundled',
      async () => {
        const folder = createProgramFolder({ 'src/main.ts': mainTs, 'src/weigh.ts': weighTs });
        await build({
          absWorkingDir: folder,
          entryPoints: ['src/main.ts'],
          bundle: true,
          sourcemap: true,
          platform: 'node',
          outfile: 'dist/main.cjs',
          logLevel: 'silent',
        });
        return [folder, 'dist/main.cjs'];
      },
      'weigh.ts',
    ],
  ];
  for (const [title, create, spreadFile] of programs)
    it(`gives inlined functions ${title} their time and their lines`, async () => {
      const [folder, program] = await create();
      const result = await runProfiled([program], { cwd: folder, config: fine });
      assert.deepEqual([result.status, result.stdout, result.stderr, result.errors], [0, 'true\n', '', []]);
      // The profiler itself shows that the function is inlined.
      const unrepaired = shareInV8(folder, program, 'spread');
      assert.ok(unrepaired < 0.3, `${unrepaired}`);
      const share = sharesIn(result).get('spread') ?? 0;
      assert.ok(share > 0.6, `${share}`);
      assert.ok(fileOf(result, 'spread')?.endsWith(spreadFile));
      const lines = linesOf(result, 'spread');
      const hottest = [...lines].sort(([, left], [, right]) => right.selfNs - left.selfNs)[0]?.[0] ?? 0;
      assert.ok([27, 28].includes(hottest), `${hottest}`);
      assert.ok(
        [...lines.keys()].every((line) => line >= 25 && line <= 31),
        [...lines.keys()].join(),
      );
      // The line of the call has the time of the functions that it calls.
      const call = linesOf(result, 'weigh').get(22);
      const spreadNs = operationsIn(result.batches).find(({ name }) => name === 'spread')?.selfNs ?? 0;
      assert.ok((call?.totalNs ?? 0) > 0.8 * spreadNs, `${call?.totalNs} of ${spreadNs}`);
      const { batches } = result;
      assert.ok(batches.every(({ stackLineSource }) => stackLineSource === undefined || stackLineSource === 'ticks'));
    });

  for (const [title, config] of [
    ['V8 reports', fine],
    ['interrupts find', interrupts],
  ] as const)
    it(`adds up the lines that ${title} to at most the self time of each function`, async () => {
      const folder = createProgramFolder({ 'main.mjs': js(mainTs), 'weigh.mjs': js(weighTs) });
      const result = await runProfiled(['main.mjs'], { cwd: folder, config });
      const lines = linesOf(result, 'spread');
      assert.ok([...lines.values()].some(({ selfNs }) => selfNs > 0));
      for (const { name, selfNs, sampledNs } of operationsIn(result.batches)) {
        const own = [...linesOf(result, name).values()];
        const sum = own.reduce((total, line) => total + line.selfNs, 0);
        // Names are not unique, and neither are their times.
        const sameName = operationsIn(result.batches).filter((operation) => operation.name === name);
        if (sameName.length > 1) continue;
        assert.ok(sum <= selfNs, `${name}: ${sum} of ${selfNs}`);
        for (const { totalNs } of own) assert.ok(totalNs <= sampledNs, name);
      }
      const spread = operationsIn(result.batches).find(({ name }) => name === 'spread');
      const sum = [...lines.values()].reduce((total, line) => total + line.selfNs, 0);
      assert.ok(sum > 0.95 * (spread?.selfNs ?? Number.POSITIVE_INFINITY));
    });
});
