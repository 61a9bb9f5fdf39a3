/**
 * Replaces the executable of a desktop VS Code: accepts the arguments of @vscode/test-electron, runs the test module in the
 * extension host of a VS Code server with a headless browser, and exits with the result of the tests.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { format } from 'node:util';
import { openWorkbench } from './host.mjs';
import { removeDir, startServer, temporaryDir } from './server.mjs';
import { root } from './setup.mjs';

/** Time limit of the whole suite. */
const limitMs = Number(process.env['WORKBENCH_TIMEOUT_MS'] ?? 600_000);
const failureExitCode = 70;

/** Returns the values of all `--name=value` arguments. @param {string} name */
function option(name) {
  const start = `--${name}=`;
  return process.argv.filter((text) => text.startsWith(start)).map((text) => text.slice(start.length));
}

const folder = process.argv.slice(2).find((text) => !text.startsWith('-'));
const tests = option('extensionTestsPath')[0];
const output = join(root, 'test/output');
mkdirSync(output, { recursive: true });
const dir = temporaryDir('pipescope-suite-');
const report = join(dir, 'report.txt');
writeFileSync(report, '');

let printedLength = 0;
/** Prints new lines of Mocha's report. It comes through a file, because the browser's console also has the logs of VS Code. */
function printReport() {
  const text = readFileSync(report, 'utf8');
  process.stdout.write(text.slice(printedLength));
  printedLength = text.length;
}

/** @type {string[]} */
const log = [];
/** @type {import('./server.mjs').Server | undefined} */
let server;
/** @type {import('./host.mjs').Workbench | undefined} */
let workbench;
/** @type {NodeJS.Timeout | undefined} */
let limit;
const printTimer = setInterval(printReport, 200);
const end = /** @type {PromiseWithResolvers<number>} */ (Promise.withResolvers());
end.promise.catch(() => {}); // Avoids an unhandled rejection if it fails before it is awaited.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end.reject(new Error(`stopped by ${signal}`)));

try {
  limit = setTimeout(() => end.reject(new Error(`no result in ${limitMs} ms`)), limitMs);
  server = await startServer({ env: { WORKBENCH_REPORT: report } });
  workbench = await openWorkbench(server, {
    ...(folder ? { folder } : {}),
    ...(tests ? { tests } : {}),
    extensions: option('extensionDevelopmentPath'),
    before: async (page) => {
      // If these functions exist, the workbench calls them when tests end and when they log.
      await page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => end.resolve(code));
      await page.exposeFunction('codeAutomationLog', (/** @type {string} */ type, /** @type {unknown[]} */ values) =>
        log.push(`[${type}] ${format(...values)}`),
      );
      page.on('crash', () => end.reject(new Error('the page crashed')));
    },
  });
  process.exitCode = await end.promise;
} catch (error) {
  process.exitCode = failureExitCode;
  console.error(error instanceof Error ? error.message : error);
  const screenshot = join(output, 'suite-failure.png');
  await workbench?.page.screenshot({ path: screenshot }).then(
    () => console.error(`Screenshot: ${screenshot}`),
    () => {},
  );
} finally {
  clearInterval(printTimer);
  clearTimeout(limit);
  printReport();
  if (process.exitCode) {
    const file = join(output, 'suite.log');
    writeFileSync(file, log.join('\n'));
    console.error(`VS Code log: ${file}`);
  }
  await workbench?.close();
  await server?.stop();
  removeDir(dir);
}
process.exit();
