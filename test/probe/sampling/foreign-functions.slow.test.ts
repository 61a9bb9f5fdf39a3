/** Samples code that is not the user's: Node's own modules, native functions, regular expressions and packages. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { OperationRegistry } from '../../../src/probe/sampling/operation-registry.ts';
import { CodeOwner } from '../../../src/probe/source/code-owner.ts';
import { SourceMaps } from '../../../src/probe/source/source-maps.ts';
import { createProgramFolder, operationsIn, runProfiled } from '../profiled-program.ts';

const cwd = createProgramFolder({
  'main.cjs': `const fs = require('node:fs');
const { spinning } = require('heavy');
function match() { let n = 0; for (let i = 0; i < 150000; i++) if (/^(\\w+)[/,](\\d+)\\s+(x|y)*$/.test('abcdefgh/1234 xyxyxyxyxyxyxyxyxy' + i)) n++; return n; }
function stat() { for (let i = 0; i < 40000; i++) fs.statSync('/'); }
function shell() { require('node:child_process').execSync('sleep 0.1'); }
match(); stat(); shell(); spinning();
`,
  'node_modules/heavy/index.js': `\nexports.spinning = function spinning() {
  const end = performance.now() + 150; let x = 0; while (performance.now() < end) for (let i = 0; i < 1000; i++) x += Math.sqrt(i); return x; };
`,
  'node_modules/heavy/package.json': '{"name":"heavy","main":"index.js"}',
});

describe('functions that are not user code', function () {
  this.timeout(60_000);

  it('are rows of their own in the component of their owner in fine mode', async () => {
    const { batches } = await runProfiled(['main.cjs'], { cwd, config: { hasFineSampling: true } });
    const sampled = operationsIn(batches).filter(({ samples }) => samples > 0);
    const rows = new Map(sampled.map((operation) => [`${operation.component} ${operation.name}`, operation]));
    const names = [...rows.keys()].join('\n');
    assert.ok(rows.has('(native) RegExp: /^(\\w+)[/,](\\d+)\\s+(x|y)*$/'), names);
    assert.ok(rows.has('(native) stat'), names);
    assert.ok(rows.has('(node) statSync node:fs'), names);
    assert.ok(rows.has('(node) spawnSync node:internal/child_process'), names);
    const spinning = rows.get('node_modules/heavy spinning');
    assert.ok(spinning && spinning.selfNs > 10e6 && spinning.samples > 20, names);
    assert.deepEqual([spinning.file, spinning.line], [join(cwd, 'node_modules/heavy/index.js'), 2]);
    assert.equal(rows.get('functions match')?.file, join(cwd, 'main.cjs'));
  });

  it('are limited in number and length, and leave room for user code', () => {
    const registry = new OperationRegistry(new CodeOwner('/w', '/probe'), new SourceMaps('/w'));
    const position = { lineNumber: 1, columnNumber: 1 };
    const ids = new Set<number | undefined>();
    for (let index = 0; index < 10_000; index++)
      ids.add(registry.idOfFrame({ functionName: `f${index}`, url: 'node:x', ...position }));
    ids.add(registry.idOfFrame({ functionName: `RegExp: ${'(a+)+'.repeat(10_000)}`, url: '', ...position }));
    assert.ok(ids.size > 1000 && ids.size < 2100, `${ids.size}`);
    registry.idOfFrame({ functionName: 'own', url: '/w/a.js', ...position });
    const definitions = registry.drain();
    assert.ok(definitions.every(({ name }) => name.length <= 400));
    assert.deepEqual(
      definitions.filter(({ component }) => component === 'functions').map(({ name }) => name),
      ['(node)', '(native)', 'own'],
    );
  });
});
