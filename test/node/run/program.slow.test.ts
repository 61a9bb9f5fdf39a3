import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCommandLaunch } from '../../../src/node/run/launch-spec.ts';
import type { Session } from '../../../src/node/session.ts';
import { createSession, createTemporaryFolder } from '../../fixtures/pipeline.ts';

const protocol = readFileSync(join(import.meta.dirname, '../../../docs/PROTOCOL.md'), 'utf8');

/** Returns the example in docs/PROTOCOL.md for a language, so that the test runs the documented code. */
function exampleIn(language: string): string {
  const text = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(protocol)?.[1];
  assert.ok(text, `docs/PROTOCOL.md has no example in ${language}`);
  return text;
}

describe('a run of any program', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let session: Session;
  let log: string[];
  beforeEach(() => {
    temporary = createTemporaryFolder();
    ({ session, log } = createSession(temporary.path));
  });
  afterEach(async () => {
    await session.stop();
    session.dispose();
    temporary.done();
  });
  const launch = (...argv: [string, ...string[]]) =>
    session.launch(buildCommandLaunch(argv, { workspace: temporary.path, stdio: 'pipe' }));

  const examples: readonly [string, [string, ...string[]], string, string][] = [
    ['bash', ['bash', '-c', exampleIn('bash')], 'build', 'compile'],
    ['python', ['python3', '-c', exampleIn('python')], 'arithmetic', 'sum'],
  ];
  for (const [language, argv, component, name] of examples) {
    it(`records the operation that the documented ${language} example reports`, async () => {
      const { run, operations, dropped, processes } = await launch(...argv);
      assert.equal(run.result, 'success', `${run.message} ${log.join('\n')}`);
      const operation = operations.find((candidate) => candidate.name === name);
      assert.deepEqual([operation?.component, operation?.count], [component, 1], log.join('\n'));
      assert.ok((operation?.totalNs ?? 0) > 0);
      assert.equal(dropped.batches, 0);
      assert.ok(processes.length >= 1);
    });
  }

  it('measures a program without a probe from outside', async () => {
    const { run, resources } = await launch('bash', '-c', 'x=0; while [ $x -lt 200000 ]; do x=$((x+1)); done');
    assert.equal(run.result, 'success');
    const { peakRssBytes = 0, cpuNs = 0 } = resources;
    assert.ok(peakRssBytes > 1e6 && cpuNs > 1e7, JSON.stringify(resources));
  });

  it('knows the memory and CPU time of a native program that ends before the first update', async function () {
    // Other systems do not show a process's highest memory to another one.
    if (process.platform !== 'linux') this.skip();
    const { run, resources } = await launch('dd', 'if=/dev/zero', 'of=/dev/null', 'bs=300M', 'count=1');
    const { peakRssBytes = 0, cpuNs = 0, scope } = resources;
    const ratio = peakRssBytes / (300 * 2 ** 20);
    // On a busy machine the last reading may be some milliseconds before the end.
    assert.ok(ratio > 0.7 && ratio < 1.05, `${peakRssBytes}`);
    assert.ok(cpuNs > 20e6 && cpuNs < 1.1 * (run.processNs ?? 0) + 20e6, `${cpuNs}`);
    assert.equal(scope, 'tree');
  });

  it('leaves out the memory of a program that ends at once', async () => {
    const { resources } = await launch('true');
    assert.ok(resources.peakRssBytes === undefined || resources.peakRssBytes > 5e5, `${resources.peakRssBytes}`);
    assert.notEqual(resources.cpuNs, 0);
  });

  it('shows a program with three workers as four threads whose calls add up', async () => {
    const file = join(temporary.path, 'four.cjs');
    writeFileSync(
      file,
      `const { Worker, isMainThread } = require('node:worker_threads');
function work(x) { return x + 1; }
for (let i = 0; i < 1000; i++) work(i);
if (isMainThread) for (let i = 0; i < 3; i++) new Worker(__filename);\n`,
    );
    // Uses the built preload instead of the stubs of the other tests.
    const { session, log } = createSession(temporary.path, { dist: join(import.meta.dirname, '../../../dist') });
    const program = buildCommandLaunch([process.execPath, file], { workspace: temporary.path, stdio: 'pipe' });
    const { run, processes, operations } = await session.launch(program, { exact: [{ file, name: 'work' }] });
    assert.equal(run.result, 'success', log.join('\n'));
    const rows = processes.map(({ threadId, calls, ended }) => [threadId > 0, calls, ended]);
    assert.deepEqual(rows.toSorted(), [
      [false, 1000, true],
      [true, 1000, true],
      [true, 1000, true],
      [true, 1000, true],
    ]);
    assert.equal(operations.find(({ name }) => name === 'work')?.count, 4000);
    assert.equal(processes.filter(({ rssBytes }) => rssBytes !== undefined).length, 1);
  });

  it('is rejected if the program does not exist', async () => {
    await assert.rejects(launch('no-such-program'), /Program not found: “no-such-program”/);
  });

  it('reports the signal that terminated the program', async () => {
    const { run } = await launch('bash', '-c', 'kill -KILL $$');
    assert.equal(run.signal, 'SIGKILL');
    assert.match(run.message ?? '', /terminated by SIGKILL/);
  });
});
