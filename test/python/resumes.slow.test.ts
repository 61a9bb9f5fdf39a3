/** Checks that calls are counted again after a debugger, profiler or other tool has ended. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInterpreters, minorOf } from './interpreters.ts';
import { runProfiled } from './profiled-python.ts';

const tools: readonly { readonly what: string; readonly minMinorVersion: number; readonly main: string }[] = [
  { what: 'a tracer', minMinorVersion: 8, main: 'sys.settrace(lambda *event: None); before(); sys.settrace(None)' },
  { what: 'a profiler', minMinorVersion: 8, main: 'import cProfile; cProfile.run("before()")' },
  {
    what: 'tracemalloc',
    minMinorVersion: 8,
    main: 'import tracemalloc; tracemalloc.start(); before(); time.sleep(0.2); tracemalloc.stop()',
  },
  {
    what: 'a monitoring tool',
    minMinorVersion: 12,
    main: 'sys.monitoring.use_tool_id(1, "mine"); sys.monitoring.register_callback(1, 1, print); before(); sys.monitoring.free_tool_id(1)',
  },
];

const program = (tool: string): string => `import os, sys, time
def before(): pass
def after(): pass
def late():
    def inner(): pass
    inner()
${tool}
end = time.time() + 20
while time.time() < end and not os.path.exists('enough'):
    after(); late(); os.listdir('.'); time.sleep(0.01)
`;

/** Returns how often \`after\` was counted until the host has received 5 calls of each function. */
async function countAfter(python: string, tool: string): Promise<{ after: number; notices: string[] }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'resumes-')));
  try {
    writeFileSync(join(folder, 'main.py'), program(tool));
    const { received, code, stderr } = await runProfiled(python, ['main.py'], {
      cwd: folder,
      onReceived: (batches) => {
        const counts = ['after', 'late', 'late.inner'].map((name) => batches.totals.get(`main.py:${name}`)?.count ?? 0);
        if (Math.min(...counts) > 5) writeFileSync(join(folder, 'enough'), '');
      },
    });
    assert.equal(code, 0, stderr);
    const notices = received.batches.flatMap((batch) => batch.notices ?? []);
    return { after: received.totals.get('main.py:after')?.count ?? 0, notices };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('Counting of Python functions', () => {
  const interpreters = findInterpreters();
  for (const { what, minMinorVersion, main } of tools) {
    for (const minor of [8, 11, 13]) {
      const interpreter = interpreters.find(({ version }) => minorOf(version) === minor);
      if (!interpreter || minor < minMinorVersion) continue;
      it(`resumes after ${what} in Python ${interpreter.version}`, async () => {
        const { after, notices } = await countAfter(interpreter.path, main);
        assert.ok(after > 5, `${after} calls`);
        assert.ok(
          notices.some((text) => /while .* (this program|itself)/.test(text)),
          notices.join(' '),
        );
      });
    }
  }
});
