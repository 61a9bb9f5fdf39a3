/** What a person does in VS Code, by keyboard and mouse alone, and what there is to see. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errors, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { openWorkbench, type Workbench, type WorkbenchOptions } from '../host.mjs';
import { type Server, type ServerOptions, startServer } from '../server.mjs';
import { root } from '../setup.mjs';
import { witness } from './witness.ts';

/** Pictures of what was seen: not in git. */
const pictures = join(root, 'test/output');

/** Longest wait for what comes at once on a machine that is not busy. */
export const soonMs = 60_000;

/** After this long a key is pressed again. */
const tryMs = 6_000;

export class Person {
  /** Absent where it is another's. */
  readonly #server: Server | undefined;
  readonly #workbench: Workbench;
  readonly page: Page;

  private constructor(server: Server | undefined, workbench: Workbench) {
    this.#server = server;
    this.#workbench = workbench;
    this.page = workbench.page;
  }

  /** Starts a VS Code with Pipescope installed and opens a workspace in it. */
  static async opens(options: ServerOptions & WorkbenchOptions): Promise<Person> {
    const server = await startServer({ extension: root, ...options });
    try {
      return new Person(server, await openWorkbench(server, options));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Opens an address at which a VS Code is served already. */
  static async follows(origin: string, options: WorkbenchOptions): Promise<Person> {
    return new Person(undefined, await openWorkbench({ origin }, options));
  }

  async leaves(): Promise<void> {
    await this.#workbench.close();
    await this.#server?.stop();
  }

  /** The page inside the profiler panel. */
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

  /** A command of the palette, by its whole title. */
  async runs(title: string): Promise<void> {
    await this.asks('F1', `>${title}`, title);
    await this.picks(title);
  }

  /** A file of the workspace, by its path. */
  async visits(path: string): Promise<void> {
    const name = path.split('/').at(-1) ?? path;
    await this.asks('ControlOrMeta+p', path, name);
    await this.picks(name);
    await this.page.locator('.tab.active', { hasText: name }).waitFor({ timeout: soonMs });
  }

  /** Types into a quick input until it offers what is wanted: it lists what is known at the moment it opens. */
  async asks(key: string, text: string, wanted: string): Promise<void> {
    await eventually(`"${wanted}" among what is offered for "${text}"`, async () => {
      try {
        await this.page.keyboard.press(key);
        await this.input.first().fill(text, { timeout: tryMs });
        await this.rows.filter({ hasText: wanted }).first().waitFor({ timeout: tryMs });
        return true;
      } catch (error) {
        if (!(error instanceof errors.TimeoutError)) throw error;
        await this.page.keyboard.press('Escape');
        return false;
      }
    });
  }

  async picks(text: string | RegExp): Promise<void> {
    await this.rows.filter({ hasText: text }).first().click({ timeout: soonMs });
  }

  /**
   * Answers the dialog that asks for a file: it proposes one first, and takes nothing while it looks up the folder.
   * Until it stands there, the palette may still be seen, or nothing.
   */
  async names(path: string): Promise<void> {
    const input = this.input.first();
    const value = () => input.inputValue({ timeout: tryMs }).catch(() => undefined);
    await eventually('a proposed file', async () => /^\/./.test((await value()) ?? ''));
    let isEntered = false;
    await eventually(`the dialog taking ${path}`, async () => {
      const shown = (await input.isVisible()) ? await value() : undefined;
      if (shown === undefined) return isEntered;
      isEntered = shown === path;
      if (isEntered) await this.page.keyboard.press('Enter');
      else await input.fill(path, { timeout: tryMs });
      await this.page.waitForTimeout(500);
      return false;
    });
  }

  /** Reloads the window, and waits until it is another page. */
  async reloads(): Promise<void> {
    await this.page.evaluate(() => Object.assign(window, { beforeReload: true }));
    const back = this.page.waitForEvent('load', { timeout: soonMs });
    await this.runs('Developer: Reload Window');
    await back;
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: soonMs });
    assert.equal(await this.page.evaluate(() => 'beforeReload' in window), false, 'it is another page');
  }

  /** Exports the newest snapshot to a file, and reads it there. */
  async exports(file: string): Promise<unknown> {
    await this.runs('Pipescope: Export Snapshot');
    await this.names(file);
    return eventually(`a snapshot in ${file}`, async () => existsSync(file) && parsed(readFileSync(file, 'utf8')));
  }

  /** After each test: what there was to see when it failed. */
  async tellsFailure(test: Mocha.Test | undefined): Promise<void> {
    if (test?.state !== 'failed') return;
    console.log(`      There was to see:\n${await witness(this.page, this.panel, this.#server?.dataDir)}`);
    await this.photographs(`failed-${test.title.replace(/\W+/g, '-').slice(0, 60)}`);
  }

  async photographs(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }
}

/** Nothing while the text is still being written. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Waits until `look` answers with something, asking again and again; fails with `what` when it never does. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  limitMs = soonMs,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > end) throw new Error(`Not seen in ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
