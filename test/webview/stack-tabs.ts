/** Opens the tabs of call stacks with planted stacks, and answers the page as the extension does. */
import type { ViewSources } from '../../src/core/stacks/stack-view.ts';
import { allThreads, type StackSelection } from '../../src/protocol/panel/stack-view.ts';
import { plantedStacks, sampledState } from '../fixtures/stack-states.ts';
import type { Panel, PanelBrowser } from './browser.ts';
import type { ThemeName } from './themes.ts';

export type StackTab = 'Flame graph' | 'Call tree';

/** Answers the newest selection of the page, and returns it. */
export async function answerStacks(panel: Panel, sources: ViewSources = {}): Promise<StackSelection | undefined> {
  const selection = (await panel.posted('stacks')).at(-1)?.selection;
  await panel.show(sampledState(selection ?? { thread: allThreads }, plantedStacks(), sources));
  return selection;
}

/** Opens a panel on one of the tabs. */
export async function openStackTab(browser: PanelBrowser, name: StackTab, theme: ThemeName = 'dark'): Promise<Panel> {
  const panel = await browser.openPanel({ theme, width: 1300 });
  await panel.show(sampledState());
  await panel.page.getByRole('tab', { name }).click();
  await answerStacks(panel);
  return panel;
}
