/** Checks that sampling pauses while the program profiles itself, and resumes afterwards. */
import { strict as assert } from 'node:assert';
import { createProgramFolder, operationsIn, runProfiled } from '../profiled-program.ts';

/** In CPU time, because the sampler needs some time to start and longer on a busy machine. */
const spin = (name: string, ms: number): string =>
  `function ${name}() { const { user } = process.cpuUsage(); let sum = 0; while (process.cpuUsage().user - user < ${ms * 1000}) for (let i = 0; i < 99_999; i++) sum += i; return sum; }\n`;

describe('sampling', function () {
  this.timeout(60_000);

  it('pauses while the program uses the profiler of V8, and resumes', async () => {
    const cwd = createProgramFolder({
      'main.cjs': `${spin('before', 600)}${spin('during', 800)}${spin('after', 100)}
const { Session } = require('node:inspector');
before();
const session = new Session();
session.connect();
session.post('Profiler.enable');
during();
session.disconnect();
for (let i = 0; i < 35; i++) after();`,
    });
    const { status, stderr, batches } = await runProfiled(['main.cjs'], { cwd });
    assert.deepEqual([status, stderr], [0, '']);
    const operations = operationsIn(batches);
    const sampledNs = (name: string): number => operations.find((operation) => operation.name === name)?.selfNs ?? 0;
    assert.ok(sampledNs('before') > 200e6, `before: ${sampledNs('before')}`);
    assert.ok(sampledNs('during') < 100e6, `during: ${sampledNs('during')}`);
    // V8 attributes code that it has inlined before the profile starts to its caller.
    const afterNs = sampledNs('after') + sampledNs('(top level of main.cjs)');
    assert.ok(afterNs > 200e6, `after: ${afterNs}`);
    const notices = batches.flatMap((batch) => batch.notices ?? []);
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /inspector session/);
  });
});
