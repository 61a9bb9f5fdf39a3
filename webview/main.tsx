/** The panel's page: takes complete states from the extension and draws the newest, once a frame. */
import './main.css';
import { render } from 'preact';
import type { BenchmarkState } from '../src/protocol/benchmark-state.ts';
import type { PanelState } from '../src/protocol/panel-message.ts';
import { announce } from './announcer.tsx';
import { frames } from './frames.ts';
import { onMessage, post } from './host.ts';
import { followTheme } from './theme.ts';
import { follow, keepChoices } from './ui-state.ts';
import { Page } from './views/page.tsx';

const root = document.getElementById('root') ?? document.body.appendChild(document.createElement('div'));
root.id = 'root';

followTheme();
keepChoices();

let state: PanelState | undefined;
let benchmarks: BenchmarkState = {};
/** The tabs lie below all charts: what was asked for is brought into sight with the next frame. */
let wanted = false;

const draw = frames<PanelState>(
  (newest) => {
    render(<Page state={newest} benchmarks={benchmarks} />, root);
    announce(newest, performance.now());
    if (wanted) document.querySelector('.below')?.scrollIntoView();
    wanted = false;
  },
  (drawNs) => post({ type: 'drawn', drawNs }),
);

onMessage((message) => {
  if (message.type === 'state') state = message.state;
  else {
    benchmarks = message.benchmarks;
    wanted = follow(benchmarks.asked) || wanted;
  }
  if (state) draw(state);
});
post({ type: 'ready' });
