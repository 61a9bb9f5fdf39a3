/** Describes the state of the window as text after a failed test, because a CI log has no screenshots. */
import { globSync, readFileSync, statSync } from 'node:fs';
import type { FrameLocator, Page } from 'playwright-core';

const logLines = 15;

/** Returns the visible messages, dialogs and panel text, and the end of the extension's log. */
export async function describeWindow(page: Page, panel: FrameLocator, dataDir: string | undefined): Promise<string> {
  const texts = async (selector: string) => (await page.locator(selector).allInnerTexts()).map(toOneLine).join(' | ');
  const parts: [string, string][] = [
    ['messages', await texts('.notification-toast, .notifications-center .notification-list-item')],
    ['dialogs', await texts('.monaco-dialog-box, .quick-input-widget:visible')],
    ['input', await readQuickInput(page)],
    ['status bar', await texts('.statusbar-item.has-background-color, .statusbar-item[id*=pipescope]')],
    [
      'panel',
      toOneLine(
        await panel
          .locator('body')
          .innerText({ timeout: 1000 })
          .catch(() => ''),
      ).slice(0, 300),
    ],
    ['log', dataDir ? readLogEnd(dataDir) : ''],
  ];
  return parts.map(([name, text]) => `      ${name}: ${text || '(empty)'}`).join('\n');
}

async function readQuickInput(page: Page): Promise<string> {
  const input = page.locator('.quick-input-widget:visible input').first();
  return (await input.isVisible()) ? input.inputValue({ timeout: 1000 }).catch(() => '') : '';
}

function readLogEnd(dataDir: string): string {
  const files = globSync(`${dataDir}/data/logs/**/*Pipescope.log`);
  const newest = files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  return newest ? `\n${readFileSync(newest, 'utf8').trim().split('\n').slice(-logLines).join('\n')}` : '';
}

function toOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
