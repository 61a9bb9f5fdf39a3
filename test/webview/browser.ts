/** Runs the bundled page in a real browser, with VS Code's content security policy and a fake message channel. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import axe from 'axe-core';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { BenchmarkState } from '../../src/protocol/panel/benchmark-state.ts';
import type { FromPanel, PanelState } from '../../src/protocol/panel/panel-message.ts';
import { type ThemeName, themes } from './themes.ts';

declare global {
  interface Window {
    readonly posted: FromPanel[];
    readonly violations: string[];
    applyTheme(theme: (typeof themes)[ThemeName]): void;
  }
}

const root = join(import.meta.dirname, '../..');
const outputDir = join(root, 'test/output');
const browserPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const browserArguments = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

export interface PanelOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** Replaces the page's clock by one that the test moves. */
  readonly hasFakeClock?: boolean;
}

/** Launches a headless browser. */
export function launchBrowser(...more: readonly string[]): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? browserPaths.find((file) => existsSync(file));
  if (!executablePath) {
    throw new Error('No Chromium, Chrome or Edge found. Install one, or set CHROMIUM to the path of its executable.');
  }
  return chromium.launch({ executablePath, headless: true, args: [...browserArguments, ...more] });
}

/** A browser and a server of the page, shared by the tests of a file. */
export class PanelBrowser {
  readonly #browser: Browser;
  readonly #server: Server;

  private constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async open(): Promise<PanelBrowser> {
    const [browser, server] = await Promise.all([launchBrowser(), serve()]);
    mkdirSync(outputDir, { recursive: true });
    return new PanelBrowser(browser, server);
  }

  /** Opens the page with a theme and waits until it is ready for its first state. */
  async openPanel({
    theme = 'dark',
    width = 1400,
    height = 900,
    hasFakeClock = false,
  }: PanelOptions = {}): Promise<Panel> {
    const context = await this.#browser.newContext({ viewport: { width, height }, timezoneId: 'UTC' });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    if (hasFakeClock) await page.clock.install();
    await page.addInitScript({ content: axe.source });
    const { port } = this.#server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/?theme=${theme}`);
    await page.waitForFunction(() => window.posted.some(({ type }) => type === 'ready'));
    return new Panel(page, errors, hasFakeClock);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export class Panel {
  readonly page: Page;
  /** Uncaught exceptions and console errors. */
  readonly errors: readonly string[];
  readonly #hasFakeClock: boolean;

  constructor(page: Page, errors: readonly string[], hasFakeClock: boolean) {
    this.page = page;
    this.errors = errors;
    this.#hasFakeClock = hasFakeClock;
  }

  /** Sends states without delay and waits until the newest is drawn. */
  async show(...states: readonly PanelState[]): Promise<void> {
    const before = (await this.posted('drawn')).length;
    await this.page.evaluate((all) => {
      for (const state of all) window.postMessage({ type: 'state', state }, '*');
    }, states);
    if (this.#hasFakeClock) await this.page.clock.runFor(50);
    await this.page.waitForFunction(
      (count) => window.posted.filter(({ type }) => type === 'drawn').length > count,
      before,
    );
  }

  /** Sends the benchmark state, followed by a panel state. */
  async showBenchmarks(benchmarks: BenchmarkState, state: PanelState): Promise<void> {
    await this.page.evaluate((all) => window.postMessage({ type: 'benchmarks', benchmarks: all }, '*'), benchmarks);
    await this.show(state);
  }

  async posted<T extends FromPanel['type']>(type: T): Promise<Extract<FromPanel, { type: T }>[]> {
    const all = await this.page.evaluate(() => window.posted);
    return all.filter((message): message is Extract<FromPanel, { type: T }> => message.type === type);
  }

  /** Returns the image of a canvas as a data URL, for comparison. */
  async pixels(id: string): Promise<string> {
    return this.page.locator(`canvas#${id}`).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  }

  /** Changes the theme while the page is open. */
  async applyTheme(name: ThemeName): Promise<void> {
    await this.page.evaluate((theme) => window.applyTheme(theme), themes[name]);
  }

  async violations(): Promise<string[]> {
    return this.page.evaluate(() => window.violations);
  }

  /** Returns the violations found by axe, each with its elements, and the number of rules that passed. */
  async accessibilityFindings(): Promise<{ readonly findings: string[]; readonly passed: number }> {
    return this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const { violations, passes } = await axe.run();
      const findings = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      return { findings, passed: passes.length };
    });
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(outputDir, `panel-${name}.png`), fullPage: true });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** Bundles the page in memory, with the entry point and settings of esbuild.config.mjs. */
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
  window.applyTheme = ({ className, kind, variables }) => {
    document.body.className = className;
    document.body.dataset.vscodeThemeKind = kind;
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
  };
  window.applyTheme(${JSON.stringify(theme)});
</script>
<script nonce="${nonce}" src="/main.js"></script>
</body>
</html>`;
}
