/** Opens our profile files in speedscope itself, which imports all five formats. */
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import type { Browser } from 'playwright-core';
import { functionTimes } from '../../src/core/stacks/function-times.ts';
import { StackTree } from '../../src/core/stacks/stack-tree.ts';
import type { CallProfile } from '../../src/node/profiles/call-profile.ts';
import { profileFormats } from '../../src/node/profiles/profile-formats.ts';
import type { StackFunction } from '../../src/protocol/stacks.ts';
import { launchBrowser } from './browser.ts';

const folder = join(import.meta.dirname, '../../node_modules/speedscope/dist/release');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

const functions: readonly StackFunction[] = [
  { name: 'main', file: 'src/main.js', line: 1, column: 1, component: 'src' },
  { name: 'parse', file: 'src/parse.js', line: 12, column: 8, component: 'src' },
  { name: 'sort', component: '(native)' },
  { name: 'visit', file: 'src/visit.js', line: 3, column: 2, component: 'src' },
];

/** Stacks with recursion. The times are multiples of 10 ms, which all formats and the page show exactly. */
const stacks: readonly (readonly [path: readonly number[], cpuNs: number])[] = [
  [[0], 30e6],
  [[0, 1], 120e6],
  [[0, 1, 2], 250e6],
  [[0, 3, 3, 3], 80e6],
  [[0, 3], 20e6],
];

describe('speedscope', function () {
  this.timeout(120_000);
  let browser: Browser;
  let server: Server;

  before(async () => {
    browser = await launchBrowser();
    server = createServer((request, response) => {
      const path = join(folder, new URL(request.url ?? '/', 'http://localhost').pathname);
      if (!path.startsWith(folder + sep)) return response.writeHead(404).end();
      readFile(path).then(
        (bytes) => response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(bytes),
        () => response.writeHead(404).end(),
      );
      return undefined;
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  for (const format of profileFormats) {
    it(`shows the times of a file in the format “${format.extension}” that Pipescope has recorded`, async () => {
      const tree = new StackTree();
      for (const [path, cpuNs] of stacks) tree.addStack(path, cpuNs / 10e6, cpuNs);
      const nodes = tree.nodes();
      const profile: CallProfile = {
        stacks: { functions, threads: [{ process: 7, thread: 0, name: 'main', nodes, omitted: 0 }] },
        title: 'npm run build',
        startedAtMs: Date.UTC(2026, 0, 2),
        durationNs: 2e9,
        workspace: '/w',
      };
      const bytes = Buffer.from(await format.write(profile));
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.setDefaultTimeout(15_000);
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
      await page.locator('input[type=file]').setInputFiles({
        name: `profile.${format.extension}`,
        mimeType: 'application/octet-stream',
        buffer: bytes,
      });
      await page.getByText('Sandwich').click();
      await page.getByText('Symbol Name').waitFor();
      await page.locator('table tr', { hasText: 'main' }).first().waitFor();
      const rows = await page.locator('table tr:has(td)').allInnerTexts();
      const shown = new Map(
        rows.flatMap((row) => {
          const [total = '', self = '', ...name] = row.split('\t').map((text) => text.trim());
          return name.length > 0 ? [[name.join(' '), [timeOf(total), timeOf(self)]] as const] : [];
        }),
      );
      assert.deepEqual(errors, []);
      for (const [index, { selfNs, totalNs }] of functionTimes(nodes)) {
        const name = functions[index]?.name ?? '';
        const row = [...shown].find(([label]) => label.split(/[\s(]/)[0] === name);
        assert.ok(row, `${name} is not among ${[...shown.keys()]}`);
        assert.deepEqual(row[1], [totalNs / 1e6, selfNs / 1e6], name);
      }
      await page.close();
    });
  }
});

/** Returns the milliseconds of a text such as `120.00ms (24%)`. Collapsed stacks have no unit; we write nanoseconds. */
function timeOf(text: string): number {
  const [, amount = '', unit = ''] = /^([\d.,]+)\s*(ns|µs|us|ms|s)?\b/.exec(text) ?? [];
  const factor = { '': 1e-6, ns: 1e-6, µs: 1e-3, us: 1e-3, ms: 1, s: 1000 }[unit] ?? Number.NaN;
  return Math.round(Number(amount.replaceAll(',', '')) * factor * 1e3) / 1e3;
}
