/** Runs programs in versions of Node that cannot be profiled: the probe must step aside there. */
import { strict as assert } from 'node:assert';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { comparePrograms } from './compare-programs.ts';

const program = `'use strict';
const { spawnSync } = require('child_process');
const [node, child] = process.argv.slice(2);
function report() {
  console.log(process.version, process.eventNames(), Object.keys(require.cache).length, process.execArgv, module.children.length,
    process._getActiveHandles().length, new Error('here').stack);
}
report();
// A child of another version, and its child, which is of this version.
if (node) {
  const { status, stdout, stderr } = spawnSync(node, [__filename].concat(child ? [child] : []));
  console.log(status, String(stdout), String(stderr));
}
const { Worker } = require('worker_threads');
new Worker('console.log("in the worker", typeof require)', { eval: true }).on('exit', (code) => {
  process.on('exit', () => console.error('exit', code, process.listenerCount('exit')));
  setTimeout(() => { throw new TypeError('at the end'); }, 10);
});
`;

/** In the last one, only the child in the middle can be profiled. */
const chains: Readonly<Record<string, readonly [main: string, ...others: string[]]>> = {
  'Node 12': [nodeVersion(12)],
  'Node 14 that starts Node 12': [nodeVersion(14), nodeVersion(12)],
  'Node 16 that starts Node 24, which starts Node 12': [nodeVersion(16), process.execPath, nodeVersion(12)],
};

describe('a program in an old version of Node', function () {
  this.timeout(60_000);

  for (const [name, [node, ...others]] of Object.entries(chains)) {
    it(`behaves the same and is reported as not measured: ${name}`, async () => {
      await comparePrograms(
        { node, parameters: ['main.js', ...others], files: { 'main.js': program } },
        ({ plain, profiled, batches }) => {
          assert.match(plain.stdout, /here/);
          assert.deepEqual(profiled.seen, plain.seen);
          const notices = new Set(batches.flatMap((batch) => batch.notices ?? []));
          assert.match([...notices].join(), /^Node 1\d\.\d+\.\d+ cannot be profiled\. .*Use Node 18/);
        },
      );
    });
  }
});
