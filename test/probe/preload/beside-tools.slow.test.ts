/**
 * Runs programs together with coverage tools, other profilers, debuggers and options of Node, and checks that the probe
 * changes nothing that can be seen, in several versions of Node. What it cannot measure beside them must be reported.
 */
import { strict as assert } from 'node:assert';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { comparePrograms } from './compare-programs.ts';
import { type Tool, tools } from './tools.ts';

describe('a program beside other tools', function () {
  this.timeout(60_000);

  for (const major of [18, 20, 22, 24] as const) {
    it(`behaves the same in Node ${major} and misses nothing without a notice`, async () => {
      const node = major === 24 ? process.execPath : nodeVersion(major);
      const failures: string[] = [];
      const queue = Object.entries(tools).filter(([, { majors }]) => !majors || majors.includes(major));
      const checkNext = async (): Promise<void> => {
        const [name, tool] = queue.shift() ?? [];
        if (!name || !tool) return;
        await checkTool(node, tool).catch((error: Error) => failures.push(`${name}: ${error.message}`));
        return checkNext();
      };
      await Promise.all([checkNext(), checkNext()]);
      assert.deepEqual(failures, []);
    });
  }
});

function checkTool(node: string, tool: Tool): Promise<void> {
  const program = {
    node,
    parameters: tool.parameters ?? ['main.cjs'],
    files: { 'main.cjs': tool.program ?? '', ...tool.files },
    ...(tool.env ? { env: tool.env } : {}),
    ...(tool.input ? { input: tool.input } : {}),
  };
  return comparePrograms(program, (comparison) => {
    const { plain, profiled, batches } = comparison;
    assert.match(plain.stdout + plain.stderr, tool.shows);
    assert.deepEqual(profiled.seen, plain.seen);
    const notices = batches.flatMap((batch) => batch.notices ?? []);
    const isSaid = notices.some((notice) => tool.notice?.test(notice));
    assert.equal(isSaid || notices.length > 0, Boolean(tool.notice), `notices: ${notices}`);
    const sampleCount = batches
      .flatMap((batch) => batch.stackSamples ?? [])
      .reduce((sum, [, samples]) => sum + samples, 0);
    assert.equal(sampleCount > 0, tool.isSampled ?? true, `${sampleCount} samples`);
    tool.check?.(comparison);
  });
}
