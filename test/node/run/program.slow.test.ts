import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from '../../../src/node/run/launch-spec.ts';
import type { Session } from '../../../src/node/session.ts';
import { folder, sessionIn } from '../../fixtures/pipeline.ts';

const protocol = readFileSync(join(import.meta.dirname, '../../../docs/PROTOCOL.md'), 'utf8');

/** The example of the protocol's page in a language: what is documented is what is run. */
function example(language: string): string {
  const text = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(protocol)?.[1];
  assert.ok(text, `no example in ${language}`);
  return text;
}

describe('any program', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof folder>;
  let session: Session;
  let log: string[];
  beforeEach(() => {
    temporary = folder();
    ({ session, log } = sessionIn(temporary.path));
  });
  afterEach(async () => {
    await session.stop();
    session.dispose();
    temporary.done();
  });
  const launch = (...words: [string, ...string[]]) =>
    session.launch(commandOf(words, { workspace: temporary.path, stdio: 'pipe' }));

  const examples: readonly [string, [string, ...string[]], string, string][] = [
    ['bash', ['bash', '-c', example('bash')], 'build', 'compile'],
    ['python', ['python3', '-c', example('python')], 'arithmetic', 'sum'],
  ];
  for (const [language, words, component, name] of examples) {
    it(`reports by the documented example in ${language}`, async () => {
      const { run, operations, dropped, processes } = await launch(...words);
      assert.equal(run.result, 'success', `${run.message} ${log.join('\n')}`);
      const operation = operations.find((one) => one.name === name);
      assert.deepEqual([operation?.component, operation?.count], [component, 1], log.join('\n'));
      assert.ok((operation?.totalNs ?? 0) > 0);
      assert.equal(dropped.batches, 0);
      assert.ok(processes.length >= 1);
    });
  }

  it('measures a program that knows nothing of it from outside', async () => {
    const { run, resources } = await launch('bash', '-c', 'x=0; while [ $x -lt 200000 ]; do x=$((x+1)); done');
    assert.equal(run.result, 'success');
    assert.ok(resources.peakRssBytes > 1e6 && resources.cpuNs > 1e7, JSON.stringify(resources));
  });

  it('tells a program with three workers as four rows that sum up', async () => {
    const file = join(temporary.path, 'four.cjs');
    writeFileSync(
      file,
      `const { Worker, isMainThread } = require('node:worker_threads');
function work(x) { return x + 1; }
for (let i = 0; i < 1000; i++) work(i);
if (isMainThread) for (let i = 0; i < 3; i++) new Worker(__filename);\n`,
    );
    // The built preload, not the stand-ins of the other tests.
    const { session, log } = sessionIn(temporary.path, { dist: join(import.meta.dirname, '../../../dist') });
    const program = commandOf([process.execPath, file], { workspace: temporary.path, stdio: 'pipe' });
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

  it('says that there is no such program', async () => {
    await assert.rejects(launch('no-such-program'), /There is no program “no-such-program”/);
  });

  it('says which signal ended it', async () => {
    const { run } = await launch('bash', '-c', 'kill -KILL $$');
    assert.equal(run.signal, 'SIGKILL');
    assert.match(run.message ?? '', /ended by SIGKILL/);
  });
});
