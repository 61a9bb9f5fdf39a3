import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { readLineageMark, startMarked } from '../../src/process/lineage-mark.ts';
import { until } from '../fixtures/wait.ts';

describe('startMarked', () => {
  before(function () {
    if (process.platform !== 'linux' || spawnSync('prlimit', ['--version']).status !== 0) this.skip();
  });

  it('marks a child but not this process', async () => {
    const before = readLineageMark('self');
    const { started: child, mark } = startMarked(() => spawn('sleep', ['60'], { stdio: 'ignore' }));
    try {
      assert.notEqual(mark, undefined);
      assert.equal(readLineageMark(child.pid as number), mark);
      assert.equal(readLineageMark('self'), before);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('gives each child another mark', () => {
    const start = () => startMarked(() => spawn('true', { stdio: 'ignore' })).mark;
    assert.notEqual(start(), start());
  });

  it('restores the limit of this process if the child cannot be started', () => {
    const before = readLineageMark('self');
    assert.throws(() => startMarked(() => spawn('')), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.equal(readLineageMark('self'), before);
  });

  it('marks descendants that have another parent, session and environment', async () => {
    const script = '(env -i setsid sleep 60 0.25 </dev/null >/dev/null 2>&1 & echo $!)';
    const { started: child, mark } = startMarked(() => spawn('sh', ['-c', script]));
    let pid = 0;
    child.stdout.on('data', (text) => (pid = Number(text)));
    await once(child, 'close');
    assert.ok(pid > 0);
    await until(() => readLineageMark(pid) === mark);
    process.kill(pid, 'SIGKILL');
  });

  it('uses the permanent mark of a process that has marked itself, but not the one that it has inherited', () => {
    const module = JSON.stringify(join(import.meta.dirname, '../../src/process/lineage-mark.ts'));
    const program = `
      import { spawnSync } from 'node:child_process';
      import { markOwnLineage, readLineageMark, startMarked } from ${module};
      const run = () => startMarked(() => spawnSync('true')).mark;
      const inherited = readLineageMark('self');
      const [first, second] = [run(), run()];
      markOwnLineage();
      console.log(JSON.stringify([inherited, first, second, readLineageMark('self'), run(), run()]));`;
    const { started } = startMarked(() =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }),
    );
    const [inherited, first, second, permanent, third, fourth] = JSON.parse(started.stdout) as readonly string[];
    assert.equal(new Set([inherited, first, second, permanent]).size, 4, started.stderr);
    assert.deepEqual([third, fourth], [permanent, permanent]);
  });
});
