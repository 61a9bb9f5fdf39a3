/** Checks exact timing of code that is loaded in any way, in each version of Node, and what the program can see of it. */
import { strict as assert } from 'node:assert';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { guestPackages, guestTool, nodeVersion } from '../../fixtures/guest-tools.ts';
import { createProgramFolder, operationsIn, type ProgramResult, runPlain, runProfiled } from '../profiled-program.ts';

/** Prints what a program can observe of the code that it compiles. Lines that start with ~ name the calls made. */
const loadingProgram = `
const vm = require('vm'), fs = require('fs'), path = require('path'), { createHash } = require('crypto');
const file = path.resolve('lib.js');
const source = fs.readFileSync(file, 'utf8');
const print = (...values) => console.log(...values);
const describe = (name, object) => print(name, Object.getOwnPropertyNames(object).sort().join(), object.cachedDataRejected, object.cachedDataProduced);
print(vm.Script.name, vm.Script.length, vm.runInContext.length, Object.keys(vm).join(), vm.Script.prototype.constructor === vm.Script);
const run = (name, add) => { print('~ add'); print(name, add(1, 2), add.name, add.length, String(add)); };
run('require', require('./lib.js').add);
globalThis.exports = {};
const completion = source + ';add';
const plain = { exports: {} };
run('Script', new vm.Script(completion, { filename: file }).runInThisContext());
run('runInThisContext', vm.runInThisContext(completion, file));
const context = vm.createContext({ exports: {} });
run('runInContext', vm.runInContext(completion, context, { filename: file }));
run('Script in a context', new vm.Script(completion, { filename: file }).runInContext(context));
run('runInNewContext', vm.runInNewContext(completion, plain, { filename: file, timeout: 5000 }));
print(Object.keys(context).join(), Object.keys(plain).join(), Object.keys(globalThis).includes('$PS'));
run('compileFunction', vm.compileFunction(completion + ';return add', ['exports'], { filename: file })({}));
run('compileFunction in a context', vm.compileFunction('return ' + source.slice(source.indexOf('function')), [], { filename: file, parsingContext: context })());
const frozen = vm.createContext(Object.freeze({ add: undefined }));
print('frozen', vm.runInContext('(function add(a, b) { return a + b; })', frozen, { filename: file })(1, 2));
class Special extends vm.Script {}
const script = new Special(completion + '\\n//# sourceMappingURL=lib.js.map', { filename: file, produceCachedData: true });
describe('cache', script);
print(script instanceof Special, script instanceof vm.Script, script.sourceMapURL, script.cachedData.length > 0);
const cached = new vm.Script(completion, { filename: file, cachedData: new vm.Script(completion, { filename: file }).createCachedData() });
describe('cached', cached);
print('rejected', new vm.Script(completion, { filename: file, cachedData: Buffer.from('not a cache') }).cachedDataRejected);
for (const code of ['const = 1', 'function add( {']) {
  try { new vm.Script(code, { filename: file, lineOffset: 4 }); } catch (error) { print(error.stack); }
  try { vm.compileFunction(code, [], { filename: file }); } catch (error) { print(error.stack.split('\\n').slice(0, 5).join('|')); }
}
try { new vm.Script(source, { filename: 5 }); } catch (error) { print(error.code); }
new vm.Script("import('./other.mjs').then((other) => { console.log('~ other'); console.log('imported', other.other()) })", { filename: file, importModuleDynamically: (name) => import(name) }).runInThisContext();
if (vm.SourceTextModule) (async () => {
  for (const where of [undefined, context]) {
    const module = new vm.SourceTextModule(source.slice(source.indexOf('function')) + ';export default add;', { identifier: file, context: where });
    await module.link(() => {}); await module.evaluate();
    run('SourceTextModule', module.namespace.default);
  }
})();
`;
const library = `'use strict';\nfunction add(a, b) { return a + b; }\nexports.add = add;\n`;

const versions: Readonly<Record<string, () => string>> = {
  'Node 18': () => nodeVersion(18),
  'Node 20': () => nodeVersion(20),
  'Node 22': () => nodeVersion(22),
  'the current Node': () => process.execPath,
};

describe('exact timing of code loaded in different ways', function () {
  this.timeout(120_000);

  for (const [version, path] of Object.entries(versions)) {
    it(`counts every call and is not noticed in ${version}`, async () => {
      const cwd = createProgramFolder({
        'main.cjs': loadingProgram,
        'lib.js': library,
        'other.mjs': 'export const other = () => 3;\n',
      });
      const parameters = ['--no-warnings', '--experimental-vm-modules', 'main.cjs'];
      const options = { cwd, node: path() };
      const exact = [
        { file: join(cwd, 'lib.js'), name: 'add' },
        { file: join(cwd, 'other.mjs'), name: 'other' },
      ];
      const expected: ProgramResult = runPlain(parameters, options);
      const profiled = await runProfiled(parameters, { ...options, config: { exact } });
      // Before Node 22.15, the hook of the CommonJS loader is on the stack.
      const lines = profiled.stdout.split('\n').filter((line) => !line.includes('prototype._compile (pipescope:guest'));
      assert.deepEqual([profiled.status, profiled.stderr, lines], [0, '', expected.stdout.split('\n')]);
      const callsOf = (name: string): number =>
        operationsIn(profiled.batches)
          // Some of the texts begin at another line, which is then part of the name.
          .filter((operation) => operation.name.split(' ')[0] === name)
          .reduce((sum, { count }) => sum + count, 0);
      const expectedCalls = expected.stdout.split('\n').filter((line) => line === '~ add').length;
      assert.ok(expectedCalls >= 10);
      assert.equal(callsOf('add'), expectedCalls);
      // Before Node 22.15, ES modules cannot be transformed; then the reason is reported.
      const canTransform = !/^Node (18|20)/.test(version);
      assert.equal(callsOf('other'), canTransform ? 1 : 0);
      const report = profiled.batches.flatMap(({ exact = [] }) => exact).findLast(({ name }) => name === 'other');
      assert.equal(report?.state, canTransform ? 'matched' : 'problem');
    });
  }
});

describe('exact timing under test runners', function () {
  this.timeout(120_000);

  const source = `export interface Options {\n  readonly times: number;\n}\n\n/** Works. */\nexport function work({ times }: Options): number {\n  let sum = 0;\n\n  for (let i = 0; i < times * 1e6; i++) sum += Math.sqrt(i);\n\n  return sum;\n}\n`;
  const test = (imports: string): string =>
    `${imports}import { work } from './work';\n\n// A comment.\n\ntest('works', () => {\n  for (let i = 0; i < 3; i++) expect(work({ times: 5 })).toBeGreaterThan(0);\n});\n`;
  const files = {
    'src/work.ts': source,
    'src/jest.test.ts': test(''),
    'src/vitest.test.ts': test("import { expect, test } from 'vitest';\n"),
    'plain/work.js': `'use strict';\n\n\nfunction work({ times }) {\n  let sum = 0;\n  for (let i = 0; i < times * 1e6; i++) sum += Math.sqrt(i);\n  return sum;\n}\nexports.work = work;\n`,
    'plain/jest.test.js': test('').replace("import { work } from './work';", "const { work } = require('./work.js');"),
    'package.json': '{"name":"runners","private":true,"jest":{"testEnvironment":"node"}}',
    'tsconfig.json':
      '{"compilerOptions":{"target":"es2022","module":"commonjs","strict":true,"types":[],"isolatedModules":true}}',
    'vitest.config.mjs': "export default { test: { include: ['src/vitest.test.ts'] } };\n",
  };
  const jest = (match: string, transform?: string): readonly string[] => [
    guestTool('jest'),
    '--runInBand',
    '--testMatch',
    match,
    ...(transform ? ['--transform', `{"\\\\.ts$":"${transform}"}`] : []),
  ];
  const runners: Readonly<Record<string, readonly [parameters: () => readonly string[], file: string, line: number]>> =
    {
      'babel-jest': [() => jest('**/plain/jest.test.js'), 'plain/work.js', 4],
      'ts-jest': [() => jest('**/src/jest.test.ts', 'ts-jest'), 'src/work.ts', 6],
      '@swc/jest': [() => jest('**/src/jest.test.ts', '@swc/jest'), 'src/work.ts', 6],
      'Vitest in worker threads': [() => [guestTool('vitest'), 'run', '--pool=threads'], 'src/work.ts', 6],
      'Vitest in contexts': [() => [guestTool('vitest'), 'run', '--pool=vmThreads'], 'src/work.ts', 6],
    };
  for (const [runner, [parameters, file, line]] of Object.entries(runners)) {
    it(`counts calls at the right line with ${runner}`, async () => {
      const cwd = createProgramFolder(files);
      symlinkSync(guestPackages, join(cwd, 'node_modules'));
      const profiled = await runProfiled(parameters(), {
        cwd,
        config: { exact: [{ file: join(cwd, file), name: 'work' }] },
      });
      assert.equal(profiled.status, 0, profiled.stdout + profiled.stderr);
      const operations = operationsIn(profiled.batches);
      const work = operations.find(({ name, count }) => name === 'work' && count > 0);
      assert.deepEqual([work?.file, work?.line, work?.count], [join(cwd, file), line, 3]);
      // The callback of the test is only sampled. Functions of the runner and of Node are callbacks too.
      const callback = operations.find(
        (operation) => /callback/.test(operation.name) && operation.file?.startsWith(cwd) && operation.samples > 10,
      );
      const callbackLine = /vitest/i.test(runner) ? 6 : 5;
      // Vitest terminates its threads, and the last 250 ms of such a thread are not sampled.
      if (callback || !runner.includes('threads')) assert.equal(callback?.line, callbackLine, callback?.name);
    });
  }
});
