/**
 * `npm test`: sets up, then all that can be proved, one step after the other; the first step that fails ends it.
 *
 * The last line is the sum of what mocha said in each of its runs: `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { environment, fail, node, packaging, root, setUp } from './setup.mjs';

/** Cheapest first. Each row: what it is, and what Node runs. */
const steps = [
  ['build and package', packaging],
  ['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ['types', ['node_modules/typescript/bin/tsc', '-b']],
  ['unit tests', ['node_modules/mocha/bin/mocha.js']],
  // What its tests time is ratios and ends, so two files at once do it no harm.
  ['pipelines', ['node_modules/mocha/bin/mocha.js', '--config', 'test/fixtures/pipelines.mocharc.json']],
  ['real programs', ['node_modules/mocha/bin/mocha.js', '--config', 'test/fixtures/programs.mocharc.json']],
  ['the page in a browser', ['node_modules/mocha/bin/mocha.js', '--config', 'test/webview/mocharc.json']],
  ['tests in a real VS Code', ['test/workbench/run.mjs', '--built']],
];

const sums = { passing: 0, failing: 0 };

try {
  setUp();
  for (const [title, parameters] of /** @type {[string, string[]][]} */ (steps)) {
    const start = Date.now();
    console.log(`\n> ${title}`);
    const code = await run(parameters);
    if (code !== 0) {
      closing();
      throw new Error(`npm test stopped: ${title} failed (exit ${code}).`);
    }
    console.log(`> ${title}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
  closing();
} catch (error) {
  fail(error);
}

function closing() {
  console.log(`\n${sums.passing} passed, ${sums.failing} failed`);
}

/** Runs one step, shows what it says as it comes, and adds up mocha's closing lines. @param {string[]} parameters */
function run(parameters) {
  const child = spawn(node, parameters, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const [, count, word] of output.matchAll(/^ {2}(\d+) (passing|failing)\b/gm)) {
        sums[/** @type {keyof typeof sums} */ (word)] += Number(count);
      }
      resolve(code ?? signal);
    });
  });
}
