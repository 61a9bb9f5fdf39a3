/** Profiles programs that are started in other ways: by package managers, with loaders, and with restricted permissions. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createProgramFolder, operationsIn, runPlain, runProfiled } from '../profiled-program.ts';

const require = createRequire(import.meta.url);
const binaries = resolve(import.meta.dirname, '../../../node_modules/.bin');

interface Launcher {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Source location of the function `work`; absent if the probe lacks the permission to profile. */
  readonly location?: readonly [file: string, line: number];
}

const work = `function work(ms) {
  const until = performance.now() + ms;
  let sum = 0;
  while (performance.now() < until) for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
  return sum > 0;
}
`;
const program = `${work}console.log(work(300), process.argv.slice(2));\nconsole.error('to the other');\n`;
const typed = `interface Result { readonly done: boolean }
enum Kind { Usual = 3 }

${work.replace('(ms)', '(ms: number): boolean')}const result: Result = { done: work(300) };
console.log(result, Kind.Usual, import.meta.url.startsWith('file:'));
`;
const manifest = JSON.stringify({
  name: 'started',
  version: '1.0.0',
  scripts: { prestart: 'node -p 1', start: 'node main.cjs one && echo two && exit 3' },
});
const packageFiles = { 'main.cjs': program, 'package.json': manifest };
const workLocation = ['main.cjs', 1] as const;

const launchers: Readonly<Record<string, Launcher>> = {
  'npm run': { command: 'npm', parameters: ['run', 'start'], files: packageFiles, location: workLocation },
  'npm exec': {
    command: 'npm',
    parameters: ['exec', '--offline', '--', 'greet', 'one'],
    files: {
      'package.json': JSON.stringify({ name: 'greet', version: '1.0.0', bin: 'main.cjs' }),
      'main.cjs': `#!/usr/bin/env node\n${program}`,
    },
    location: ['main.cjs', 2],
  },
  npx: {
    command: 'npx',
    parameters: ['--offline', '-c', 'node main.cjs one'],
    files: packageFiles,
    location: workLocation,
  },
  'pnpm run': {
    command: join(binaries, 'pnpm'),
    parameters: ['run', 'start'],
    files: packageFiles,
    location: workLocation,
  },
  'tsx on a module': {
    command: join(binaries, 'tsx'),
    parameters: ['main.mts'],
    files: { 'main.mts': typed },
    location: ['main.mts', 4],
  },
  'the loader of tsx': {
    command: process.execPath,
    parameters: ['--import', resolve(binaries, '../tsx/dist/loader.mjs'), 'main.mts'],
    files: { 'main.mts': typed },
    location: ['main.mts', 4],
  },
  'ts-node': {
    command: join(binaries, 'ts-node'),
    // ts-node needs the API of TypeScript 5, which this package includes.
    parameters: ['--transpile-only', '--compiler', require.resolve('@ts-morph/common/dist/typescript.js'), 'main.ts'],
    files: {
      'main.ts': typed.replace(", import.meta.url.startsWith('file:')", ''),
      'tsconfig.json': '{"compilerOptions":{"module":"commonjs","target":"es2022"}}',
    },
    location: ['main.ts', 4],
  },
  'permissions for workers and the inspector': {
    command: process.execPath,
    parameters: ['--permission', '--allow-worker', '--allow-inspector', '--allow-fs-read=*', 'main.cjs'],
    files: packageFiles,
    location: workLocation,
  },
  'a permission for workers only': {
    command: process.execPath,
    parameters: ['--permission', '--allow-worker', '--allow-fs-read=*', 'main.cjs'],
    files: packageFiles,
  },
  'no permission': { command: process.execPath, parameters: ['--permission', 'main.cjs'], files: packageFiles },
};

describe('a program with another launcher', function () {
  this.timeout(60_000);

  for (const [name, { command, parameters, files, location }] of Object.entries(launchers)) {
    it(`behaves the same and is ${location ? '' : 'not '}profiled: ${name}`, async function () {
      if (spawnSync(command, ['--version']).error) {
        console.log(`      ${name} is skipped: ${command} is not installed.`);
        return this.skip();
      }
      const cwd = createProgramFolder(files);
      const options = { cwd, node: command };
      const plain = runPlain(parameters, options);
      assert.match(plain.stdout, /true/, plain.stderr);
      const profiled = await runProfiled(parameters, options);
      assert.deepEqual(
        [profiled.status, profiled.stdout, withoutProcessId(profiled.stderr)],
        [plain.status, plain.stdout, withoutProcessId(plain.stderr)],
      );
      assert.deepEqual(profiled.errors, []);
      const functions = operationsIn(profiled.batches);
      if (!location) {
        const notices = profiled.batches.flatMap((batch) => batch.notices ?? []);
        assert.match(notices.join(), /permission for worker threads and the inspector|Use --allow-fs-read/);
        return assert.deepEqual(functions, []);
      }
      // The samples of a function add up to CPU time, of which a busy machine gives it only a part.
      const operation = functions.find(({ name, selfNs }) => name === 'work' && selfNs > 20e6);
      assert.deepEqual([operation?.file, operation?.line], [join(cwd, location[0]), location[1]]);
    });
  }
});

/** Removes the process ID from Node's warnings. */
function withoutProcessId(text: string): string {
  return text.replaceAll(/\(node:\d+\)/g, '(node)');
}
