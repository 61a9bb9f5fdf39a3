/**
 * `npm test`: sets up, then runs every check one after the other. The first step that fails ends it.
 *
 * The last line sums up what mocha reported in each step: `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { environment, fail, node, packaging, root, setUp } from './setup.mjs';

const mocha = 'node_modules/mocha/bin/mocha.js';
/** Cheapest first. Each row: a title, the arguments for Node, and `setup` if the step needs more than the packages. */
const steps = /** @type {const} */ ([
  ['build and package', packaging],
  ['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ['types', ['node_modules/typescript/bin/tsc', '-b']],
  ['unit tests', [mocha]],
  ['pipelines', [mocha, '--config', 'test/fixtures/pipelines.mocharc.json']],
  ['real programs', [mocha, '--config', 'test/fixtures/programs.mocharc.json'], 'setup'],
  // These compare measured times with those of another profiler, so nothing else may run beside them.
  ['real programs, one at a time', [mocha, '--config', 'test/fixtures/solo.mocharc.json'], 'setup'],
  ['the page in a browser', [mocha, '--config', 'test/webview/mocharc.json'], 'setup'],
  ['tests in a real VS Code', ['test/workbench/run.mjs', '--built'], 'setup'],
]);

const sums = { passing: 0, failing: 0 };
/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.once('exit', () => {
  for (const child of children) child.kill();
});

try {
  setUp(['packages']);
  // The first steps only need the packages, so everything else is installed while they run.
  const setup = run(['test/workbench/setup.mjs', 'guests', 'python', 'hyperfine', 'code', 'browser']);
  for (const [title, parameters, needed] of steps) {
    if (needed && (await setup) !== 0) throw new Error('npm test stopped: the setup failed.');
    const start = Date.now();
    console.log(`\n> ${title}`);
    const code = await run(parameters);
    if (code !== 0) {
      printSums();
      throw new Error(`npm test stopped: ${title} failed (exit ${code}).`);
    }
    console.log(`> ${title}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
  printSums();
} catch (error) {
  fail(error);
}

function printSums() {
  console.log(`\n${sums.passing} passed, ${sums.failing} failed`);
}

/** Runs one step, prints its output as it arrives, and adds up mocha's closing lines. @param {readonly string[]} parameters */
function run(parameters) {
  const child = spawn(node, parameters, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      children.delete(child);
      for (const [, count, result] of output.matchAll(/^ {2}(\d+) (passing|failing)\b/gm)) {
        sums[/** @type {keyof typeof sums} */ (result)] += Number(count);
      }
      resolve(code ?? signal);
    });
  });
}
