/** The page's one line to the extension; `acquireVsCodeApi` may be called once only. */
import { isRecord } from '../src/protocol/guard.ts';
import type { FromPanel, ToPanel } from '../src/protocol/panel-message.ts';
import { isSnapshot } from '../src/protocol/snapshot.ts';

interface VsCode {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

const vscode = acquireVsCodeApi();

export function post(message: FromPanel): void {
  vscode.postMessage(message);
}

/** Hands on each complete state that the extension sends; any other message is passed over. */
export function onMessage(listener: (message: ToPanel) => void): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (isToPanel(event.data)) listener(event.data);
  });
}

/** What this page remembered before it was hidden. */
export function remembered(): unknown {
  return vscode.getState();
}

/** Keeps small choices of the person while the page is hidden or reloaded. */
export function remember(choices: unknown): void {
  vscode.setState(choices);
}

function isToPanel(value: unknown): value is ToPanel {
  if (!isRecord(value)) return false;
  if (value['type'] === 'benchmarks') return isBenchmarks(value['benchmarks']);
  if (value['type'] !== 'state' || !isRecord(value['state'])) return false;
  const { phase, paused, trusted, budgets, snapshot } = value['state'];
  return (
    typeof phase === 'string' &&
    typeof paused === 'boolean' &&
    typeof trusted === 'boolean' &&
    isRecord(budgets) &&
    (snapshot === undefined || isSnapshot(snapshot))
  );
}

/** The extension is trusted to send what it promised; this only tells it from other messages. */
function isBenchmarks(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { comparison, history } = value;
  const isShown = (part: unknown, list: string): boolean => {
    return part === undefined || (isRecord(part) && Array.isArray(part[list]));
  };
  return isShown(comparison, 'rows') && isShown(history, 'cases');
}
