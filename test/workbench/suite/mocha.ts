/** Runs mocha inside the extension host. Only a complete run writes the end marker. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import Mocha from 'mocha';

/** Runs the tests that `load` imports. Rejects if a test fails. */
export async function runMocha(load: () => Promise<unknown>): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 240_000, slow: 10_000, color: false });
  const report = process.env['WORKBENCH_REPORT'];
  // VS Code in a browser has no terminal, so the launcher reads the report from this file.
  if (report) Mocha.reporters.Base.consoleLog = (...values) => appendFileSync(report, `${format(...values)}\n`);
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await load();
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const end = process.env['WORKBENCH_END'];
      if (end) writeFileSync(end, JSON.stringify({ tests: runner.stats?.tests ?? 0, failures }));
      if (failures) reject(new Error(`${failures} tests failed`));
      else resolve();
    });
  });
}
