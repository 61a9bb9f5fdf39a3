/** What there was to see when a test failed, in words: a machine elsewhere keeps what was printed, and no pictures. */
import { globSync, readFileSync, statSync } from 'node:fs';
import type { FrameLocator, Page } from 'playwright-core';

const lines = 15;

/** Says what the window shows and what the extension has logged last. */
export async function witness(page: Page, panel: FrameLocator, dataDir: string | undefined): Promise<string> {
  const texts = async (selector: string) => (await page.locator(selector).allInnerTexts()).map(inLine).join(' | ');
  const seen: [string, string][] = [
    ['messages', await texts('.notification-toast, .notifications-center .notification-list-item')],
    ['dialogs', await texts('.monaco-dialog-box, .quick-input-widget:visible')],
    ['input', await proposal(page)],
    ['status bar', await texts('.statusbar-item.has-background-color, .statusbar-item[id*=pipescope]')],
    [
      'panel',
      inLine(
        await panel
          .locator('body')
          .innerText({ timeout: 1000 })
          .catch(() => ''),
      ).slice(0, 300),
    ],
    ['log', dataDir ? logOf(dataDir) : ''],
  ];
  return seen.map(([what, text]) => `      ${what}: ${text || 'none'}`).join('\n');
}

async function proposal(page: Page): Promise<string> {
  const input = page.locator('.quick-input-widget:visible input').first();
  return (await input.isVisible()) ? input.inputValue({ timeout: 1000 }).catch(() => '') : '';
}

function logOf(dataDir: string): string {
  const files = globSync(`${dataDir}/data/logs/**/*Pipescope.log`);
  const newest = files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  return newest ? `\n${readFileSync(newest, 'utf8').trim().split('\n').slice(-lines).join('\n')}` : '';
}

function inLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
