/**
 * Stands in for a desktop VS Code's executable: takes the arguments that @vscode/test-electron passes, runs the test module
 * in the extension host of a served VS Code with a headless browser, and ends with its result.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { format } from 'node:util';
import { openWorkbench } from './host.mjs';
import { removeDir, startServer, temporaryDir } from './server.mjs';
import { root } from './setup.mjs';

/** Longest run of the whole suite. */
const limitMs = Number(process.env['WORKBENCH_TIMEOUT_MS'] ?? 600_000);
const failed = 70;

/** Values of `--name=value`, in order. @param {string} name */
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

let shown = 0;
/** Mocha's own lines come by a file: the browser's console mixes them with those of VS Code. */
function show() {
  const text = readFileSync(report, 'utf8');
  process.stdout.write(text.slice(shown));
  shown = text.length;
}

/** @type {string[]} */
const log = [];
/** @type {import('./server.mjs').Server | undefined} */
let server;
/** @type {import('./host.mjs').Workbench | undefined} */
let workbench;
/** @type {NodeJS.Timeout | undefined} */
let limit;
const beat = setInterval(show, 200);
const end = /** @type {PromiseWithResolvers<number>} */ (Promise.withResolvers());
end.promise.catch(() => {}); // It may fail before anyone waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end.reject(new Error(`ended by ${signal}`)));

try {
  limit = setTimeout(() => end.reject(new Error(`no result in ${limitMs} ms`)), limitMs);
  server = await startServer({ env: { WORKBENCH_REPORT: report } });
  workbench = await openWorkbench(server, {
    ...(folder ? { folder } : {}),
    ...(tests ? { tests } : {}),
    extensions: option('extensionDevelopmentPath'),
    before: async (page) => {
      // The workbench calls these two, where they exist, when tests end and when they log.
      await page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => end.resolve(code));
      await page.exposeFunction('codeAutomationLog', (/** @type {string} */ type, /** @type {unknown[]} */ values) =>
        log.push(`[${type}] ${format(...values)}`),
      );
      page.on('crash', () => end.reject(new Error('the page crashed')));
    },
  });
  process.exitCode = await end.promise;
} catch (error) {
  process.exitCode = failed;
  console.error(error instanceof Error ? error.message : error);
  const picture = join(output, 'suite-failure.png');
  await workbench?.page.screenshot({ path: picture }).then(
    () => console.error(`See ${picture}`),
    () => {},
  );
} finally {
  clearInterval(beat);
  clearTimeout(limit);
  show();
  if (process.exitCode) {
    const file = join(output, 'suite.log');
    writeFileSync(file, log.join('\n'));
    console.error(`What VS Code said is in ${file}`);
  }
  await workbench?.close();
  await server?.stop();
  removeDir(dir);
}
process.exit();
