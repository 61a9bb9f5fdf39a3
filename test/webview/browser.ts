/** The real page in a real browser: bundled as it ships, served with the policy of the editor, driven by its messages. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import axe from 'axe-core';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { BenchmarkState } from '../../src/protocol/benchmark-state.ts';
import type { FromPanel, PanelState } from '../../src/protocol/panel-message.ts';
import { type ThemeName, themes } from './themes.ts';

declare global {
  interface Window {
    readonly posted: FromPanel[];
    readonly violations: string[];
    wear(theme: (typeof themes)[ThemeName]): void;
  }
}

const root = join(import.meta.dirname, '../..');
const output = join(root, 'test/output');
const known = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

export interface Look {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** The page's clock stands still until it is moved. */
  readonly clock?: boolean;
}

/** A browser without a window. */
export function launch(...more: readonly string[]): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? known.find((file) => existsSync(file));
  if (!executablePath) {
    throw new Error('These tests need Chromium, Chrome or Edge: install one, or name it in the variable CHROMIUM.');
  }
  return chromium.launch({ executablePath, headless: true, args: [...flags, ...more] });
}

/** One browser and one server for a file of tests. */
export class Stage {
  readonly #browser: Browser;
  readonly #server: Server;

  private constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async open(): Promise<Stage> {
    const [browser, server] = await Promise.all([launch(), serve()]);
    mkdirSync(output, { recursive: true });
    return new Stage(browser, server);
  }

  /** A page as the editor opens it: themed, and nothing drawn yet. */
  async panel({ theme = 'dark', width = 1400, height = 900, clock = false }: Look = {}): Promise<Panel> {
    const context = await this.#browser.newContext({ viewport: { width, height }, timezoneId: 'UTC' });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    if (clock) await page.clock.install();
    await page.addInitScript({ content: axe.source });
    const { port } = this.#server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/?theme=${theme}`);
    await page.waitForFunction(() => window.posted.some(({ type }) => type === 'ready'));
    return new Panel(page, errors, clock);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export class Panel {
  readonly page: Page;
  /** What the page threw or the browser refused. */
  readonly errors: readonly string[];
  readonly #clock: boolean;

  constructor(page: Page, errors: readonly string[], clock: boolean) {
    this.page = page;
    this.errors = errors;
    this.#clock = clock;
  }

  /** Sends states one after the other, as fast as they can go, and waits until the newest is drawn. */
  async show(...states: readonly PanelState[]): Promise<void> {
    const before = (await this.posted('drawn')).length;
    await this.page.evaluate((all) => {
      for (const state of all) window.postMessage({ type: 'state', state }, '*');
    }, states);
    if (this.#clock) await this.page.clock.runFor(50);
    await this.page.waitForFunction(
      (count) => window.posted.filter(({ type }) => type === 'drawn').length > count,
      before,
    );
  }

  /** Sends what benchmarks have found, and a state behind it. */
  async bench(benchmarks: BenchmarkState, state: PanelState): Promise<void> {
    await this.page.evaluate((all) => window.postMessage({ type: 'benchmarks', benchmarks: all }, '*'), benchmarks);
    await this.show(state);
  }

  async posted<T extends FromPanel['type']>(type: T): Promise<Extract<FromPanel, { type: T }>[]> {
    const all = await this.page.evaluate(() => window.posted);
    return all.filter((message): message is Extract<FromPanel, { type: T }> => message.type === type);
  }

  /** The picture that a canvas holds, to be compared. */
  async pixels(id: string): Promise<string> {
    return this.page.locator(`canvas#${id}`).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  }

  /** Dresses the page in another theme while it is open. */
  async wear(name: ThemeName): Promise<void> {
    await this.page.evaluate((theme) => window.wear(theme), themes[name]);
  }

  async violations(): Promise<string[]> {
    return this.page.evaluate(() => window.violations);
  }

  /** The findings of axe, each with the elements that it is about; and how many rules were passed. */
  async findings(): Promise<{ readonly findings: string[]; readonly passed: number }> {
    return this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const { violations, passes } = await axe.run();
      const findings = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      return { findings, passed: passes.length };
    });
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(output, `panel-${name}.png`), fullPage: true });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** The page as it ships: the same entry and settings as in esbuild.config.mjs, kept in memory. */
async function bundle(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'webview/main.tsx')],
    absWorkingDir: root,
    outdir: 'dist/webview',
    bundle: true,
    write: false,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ path, text }) => [path.endsWith('.css') ? '/main.css' : '/main.js', text]));
}

async function serve(): Promise<Server> {
  const files = await bundle();
  const server = createServer(({ url = '/' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const file = files.get(pathname);
    if (file !== undefined) {
      response.setHeader('content-type', pathname.endsWith('.css') ? 'text/css' : 'text/javascript');
      response.end(file);
      return;
    }
    if (pathname !== '/') {
      response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    const { port } = server.address() as AddressInfo;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', policy(nonce, `http://127.0.0.1:${port}`));
    response.end(html(nonce, themes[(searchParams.get('theme') ?? 'dark') as ThemeName]));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function policy(nonce: string, source: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `img-src ${source} data:`,
    `font-src ${source}`,
  ].join('; ');
}

function html(nonce: string, theme: unknown): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Pipescope</title><link rel="stylesheet" href="/main.css"></head>
<body>
<div id="root"></div>
<script nonce="${nonce}">
  window.posted = [];
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(event.violatedDirective + ' ' + event.blockedURI);
  });
  window.acquireVsCodeApi = () => {
    window.acquireVsCodeApi = () => { throw new Error('acquireVsCodeApi was called twice'); };
    return {
      postMessage: (message) => window.posted.push(message),
      getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
      setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
    };
  };
  window.wear = ({ className, kind, variables }) => {
    document.body.className = className;
    document.body.dataset.vscodeThemeKind = kind;
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
  };
  window.wear(${JSON.stringify(theme)});
</script>
<script nonce="${nonce}" src="/main.js"></script>
</body>
</html>`;
}
