/** Holds the zero-code probe to the ways in which programs are started: through others, by loaders, with less permitted. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { folderOf, plain, profiled, told } from '../zero.ts';

const require = createRequire(import.meta.url);
const binaries = resolve(import.meta.dirname, '../../../node_modules/.bin');

interface Launcher {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Where the function `work` was written; none where the probe may not look. */
  readonly place?: readonly [file: string, line: number];
}

const work = `function work(ms) {
  const until = performance.now() + ms;
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
  return sum > 0;
}
`;
const program = `${work}console.log(work(300), process.argv.slice(2));\nconsole.error('to the other');\n`;
const typed = `interface Told { readonly done: boolean }
enum Kind { Usual = 3 }

${work.replace('(ms)', '(ms: number): boolean')}const told: Told = { done: work(300) };
console.log(told, Kind.Usual, import.meta.url.startsWith('file:'));
`;
const scripts = (start: string): string =>
  JSON.stringify({ name: 'started', version: '1.0.0', scripts: { prestart: 'node -p 1', start } });
const started = { 'main.cjs': program, 'package.json': scripts('node main.cjs one && echo two && exit 3') };
const main = ['main.cjs', 1] as const;

const launchers: Readonly<Record<string, Launcher>> = {
  'npm run': { command: 'npm', parameters: ['run', 'start'], files: started, place: main },
  'npm exec': {
    command: 'npm',
    parameters: ['exec', '--offline', '--', 'greet', 'one'],
    files: {
      'package.json': JSON.stringify({ name: 'greet', version: '1.0.0', bin: 'main.cjs' }),
      'main.cjs': `#!/usr/bin/env node\n${program}`,
    },
    place: ['main.cjs', 2],
  },
  npx: {
    command: 'npx',
    parameters: ['--offline', '-c', 'node main.cjs one'],
    files: started,
    place: main,
  },
  'pnpm run': { command: join(binaries, 'pnpm'), parameters: ['run', 'start'], files: started, place: main },
  'tsx on a module': {
    command: join(binaries, 'tsx'),
    parameters: ['main.mts'],
    files: { 'main.mts': typed },
    place: ['main.mts', 4],
  },
  'the loader of tsx': {
    command: process.execPath,
    parameters: ['--import', resolve(binaries, '../tsx/dist/loader.mjs'), 'main.mts'],
    files: { 'main.mts': typed },
    place: ['main.mts', 4],
  },
  'ts-node': {
    command: join(binaries, 'ts-node'),
    // ts-node wants the interface of TypeScript 5, which this package carries.
    parameters: ['--transpile-only', '--compiler', require.resolve('@ts-morph/common/dist/typescript.js'), 'main.ts'],
    files: {
      'main.ts': typed.replace(", import.meta.url.startsWith('file:')", ''),
      'tsconfig.json': '{"compilerOptions":{"module":"commonjs","target":"es2022"}}',
    },
    place: ['main.ts', 4],
  },
  'a permission for workers and the inspector': {
    command: process.execPath,
    parameters: ['--permission', '--allow-worker', '--allow-inspector', '--allow-fs-read=*', 'main.cjs'],
    files: started,
    place: main,
  },
  'a permission for workers alone': {
    command: process.execPath,
    parameters: ['--permission', '--allow-worker', '--allow-fs-read=*', 'main.cjs'],
    files: started,
  },
  'a permission for nothing': { command: process.execPath, parameters: ['--permission', 'main.cjs'], files: started },
};

describe('a program that another one starts', function () {
  this.timeout(60_000);

  for (const [name, { command, parameters, files, place }] of Object.entries(launchers)) {
    it(`says the same, and is ${place ? '' : 'not '}seen: ${name}`, async function () {
      if (spawnSync(command, ['--version']).error) {
        console.log(`      ${name} was not tried: ${command} is not installed.`);
        return this.skip();
      }
      const cwd = folderOf(files);
      const options = { cwd, node: command };
      const alone = plain(parameters, options);
      assert.match(alone.stdout, /true/, alone.stderr);
      const seen = await profiled(parameters, options);
      assert.deepEqual(
        [seen.status, seen.stdout, steady(seen.stderr)],
        [alone.status, alone.stdout, steady(alone.stderr)],
      );
      assert.deepEqual(seen.faults, []);
      const functions = told(seen.batches);
      if (!place) return assert.deepEqual(functions, []);
      const found = functions.find(({ name, selfNs }) => name === 'work' && selfNs > 100e6);
      assert.deepEqual([found?.file, found?.line], [join(cwd, place[0]), place[1]]);
    });
  }
});

/** Warnings of Node name the process. */
function steady(text: string): string {
  return text.replaceAll(/\(node:\d+\)/g, '(node)');
}
