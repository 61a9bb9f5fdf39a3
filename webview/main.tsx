/** The panel's page: takes complete states from the extension and draws the newest, once a frame. */
import './main.css';
import { render } from 'preact';
import type { PanelState } from '../src/protocol/message.ts';
import { keepChoices } from './choice.ts';
import { frames } from './frame.ts';
import { onState, post } from './host.ts';
import { announce } from './say.tsx';
import { followTheme } from './theme.ts';
import { Page } from './views/page.tsx';

const root = document.getElementById('root') ?? document.body.appendChild(document.createElement('div'));
root.id = 'root';

followTheme();
keepChoices();

onState(
  frames<PanelState>(
    (state) => {
      render(<Page state={state} />, root);
      announce(state, performance.now());
    },
    (drawNs) => post({ type: 'drawn', drawNs }),
  ),
);
post({ type: 'ready' });
