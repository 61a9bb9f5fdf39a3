/** Drives VS Code like a user, by keyboard and mouse only, and reads what it shows. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errors, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { openWorkbench, type Workbench, type WorkbenchOptions } from '../host.mjs';
import { type Server, type ServerOptions, startServer } from '../server.mjs';
import { root } from '../setup.mjs';
import { describeWindow } from './describe-window.ts';

/** Folder of the screenshots, ignored by git. */
const outputDir = join(root, 'test/output');

/** Default time limit. On an idle machine the awaited events happen immediately. */
export const timeoutMs = 60_000;

/** Time after which a key press is repeated. */
const retryMs = 6_000;

export class WorkbenchUser {
  /** Undefined if the server was started elsewhere. */
  readonly #server: Server | undefined;
  readonly #workbench: Workbench;
  readonly page: Page;

  private constructor(server: Server | undefined, workbench: Workbench) {
    this.#server = server;
    this.#workbench = workbench;
    this.page = workbench.page;
  }

  /** Starts a VS Code with Pipescope installed and opens a workspace in it. */
  static async open(options: ServerOptions & WorkbenchOptions): Promise<WorkbenchUser> {
    const server = await startServer({ extension: root, ...options });
    try {
      return new WorkbenchUser(server, await openWorkbench(server, options));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Opens the address of a running VS Code server. */
  static async openAt(origin: string, options: WorkbenchOptions): Promise<WorkbenchUser> {
    return new WorkbenchUser(undefined, await openWorkbench({ origin }, options));
  }

  async close(): Promise<void> {
    await this.#workbench.close();
    await this.#server?.stop();
  }

  /** The page of the profiler panel. */
  get panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  get input(): Locator {
    return this.page.locator('.quick-input-widget:visible input');
  }

  get rows(): Locator {
    return this.page.locator('.quick-input-widget:visible .monaco-list-row');
  }

  get lenses(): Locator {
    return this.page.locator('.codelens-decoration a, .codelens-decoration span');
  }

  toast(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /** Runs a command from the Command Palette by its full title. */
  async runCommand(title: string): Promise<void> {
    await this.searchQuickInput('F1', `>${title}`, title);
    await this.pick(title);
  }

  /** Opens a file of the workspace by its path. */
  async openFile(path: string): Promise<void> {
    const name = path.split('/').at(-1) ?? path;
    await this.searchQuickInput('ControlOrMeta+p', path, name);
    await this.pick(name);
    await this.page.locator('.tab.active', { hasText: name }).waitFor({ timeout: timeoutMs });
  }

  /**
   * Opens a quick input and types until it lists the wanted entry. It is reopened on each attempt, because it only lists
   * the entries known when it opens.
   */
  async searchQuickInput(key: string, text: string, wanted: string): Promise<void> {
    await eventually(`"${wanted}" among what is offered for "${text}"`, async () => {
      try {
        await this.page.keyboard.press(key);
        await this.input.first().fill(text, { timeout: retryMs });
        await this.rows.filter({ hasText: wanted }).first().waitFor({ timeout: retryMs });
        return true;
      } catch (error) {
        if (!(error instanceof errors.TimeoutError)) throw error;
        await this.page.keyboard.press('Escape');
        return false;
      }
    });
  }

  async pick(text: string | RegExp): Promise<void> {
    await this.rows.filter({ hasText: text }).first().click({ timeout: timeoutMs });
  }

  /**
   * Enters a path into the file dialog. The dialog first suggests a file and ignores input while it reads the folder.
   * Before it appears, the Command Palette may still be visible.
   */
  async enterFileName(path: string): Promise<void> {
    const input = this.input.first();
    const value = () => input.inputValue({ timeout: retryMs }).catch(() => undefined);
    await eventually('a suggested file', async () => /^\/./.test((await value()) ?? ''));
    let isEntered = false;
    await eventually(`the dialog to accept ${path}`, async () => {
      const current = (await input.isVisible()) ? await value() : undefined;
      if (current === undefined) return isEntered;
      isEntered = current === path;
      if (isEntered) await this.page.keyboard.press('Enter');
      else await input.fill(path, { timeout: retryMs });
      await this.page.waitForTimeout(500);
      return false;
    });
  }

  /** Reloads the window and waits until the new page is ready. */
  async reloadWindow(): Promise<void> {
    await this.page.evaluate(() => Object.assign(window, { beforeReload: true }));
    const loaded = this.page.waitForEvent('load', { timeout: timeoutMs });
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: timeoutMs });
    assert.equal(await this.page.evaluate(() => 'beforeReload' in window), false, 'the page was reloaded');
  }

  /** Exports the latest snapshot to a file and returns its parsed content. */
  async exportSnapshot(file: string): Promise<unknown> {
    await this.runCommand('Pipescope: Export Snapshot');
    await this.enterFileName(file);
    return eventually(
      `a snapshot in ${file}`,
      async () => existsSync(file) && parseIfComplete(readFileSync(file, 'utf8')),
    );
  }

  /** Prints the state of the window and takes a screenshot if the test has failed. Called after each test. */
  async reportFailure(test: Mocha.Test | undefined): Promise<void> {
    if (test?.state !== 'failed') return;
    console.log(`      State of the window:\n${await describeWindow(this.page, this.panel, this.#server?.dataDir)}`);
    await this.screenshot(`failed-${test.title.replace(/\W+/g, '-').slice(0, 60)}`);
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(outputDir, { recursive: true });
    await this.page.screenshot({ path: join(outputDir, `${name}.png`) });
  }
}

/** Returns undefined while the file is incomplete. */
function parseIfComplete(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Calls `probe` until it returns a value other than undefined and false. Throws an error with `what` after the time limit. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  limitMs = timeoutMs,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`Timed out after ${limitMs} ms waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
