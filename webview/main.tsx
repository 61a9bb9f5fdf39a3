/** Entry point of the panel: receives complete states from the extension and draws the newest once per frame. */
import './main.css';
import { render } from 'preact';
import type { BenchmarkState } from '../src/protocol/panel/benchmark-state.ts';
import type { PanelState } from '../src/protocol/panel/panel-message.ts';
import { announce } from './announcer.tsx';
import { onMessage, post } from './host.ts';
import { followShownFunction, followWindow, requestStacks } from './stacks/stack-state.ts';
import { watchTheme } from './theme.ts';
import { throttleFrames } from './throttle-frames.ts';
import { selectWindow, showsWholeRun } from './time-window.ts';
import { followTabRequest, leadWithTab, persistUiState, range } from './ui-state.ts';
import { Page } from './views/page.tsx';
import { leadingTabOf } from './views/tabs.tsx';

const root = document.getElementById('root') ?? document.body.appendChild(document.createElement('div'));
root.id = 'root';

watchTheme();
persistUiState();

let state: PanelState | undefined;
let benchmarks: BenchmarkState = {};
/** Set when the extension has requested a tab: the next frame scrolls to the tabs, which are below all charts. */
let scrollsToTabs = false;

const draw = throttleFrames<PanelState>(
  (newest) => {
    render(<Page state={newest} benchmarks={benchmarks} />, root);
    announce(newest, performance.now());
    if (scrollsToTabs) document.querySelector('.below')?.scrollIntoView();
    scrollsToTabs = false;
  },
  (drawNs) => post({ type: 'drawn', drawNs }),
);

/** Shows the stacks of the time that the charts show. */
function followRange(): void {
  if (!state?.snapshot) return;
  const window = selectWindow(state.snapshot, range.value);
  followWindow(window, showsWholeRun(range.value, window.isLive));
}

onMessage((message) => {
  if (message.type === 'state') {
    state = message.state;
    if (state.snapshot) leadWithTab(leadingTabOf(state.snapshot));
    followRange();
    scrollsToTabs = followShownFunction(state.shownFunction) || scrollsToTabs;
  } else {
    benchmarks = message.benchmarks;
    scrollsToTabs = followTabRequest(benchmarks.asked) || scrollsToTabs;
  }
  if (state) draw(state);
});
post({ type: 'ready' });
requestStacks();
range.subscribe(followRange);
