/** Connection to the extension. VS Code allows only one call of `acquireVsCodeApi`, so it is made here. */

import type { FromPanel, ToPanel } from '../src/protocol/panel/panel-message.ts';
import { isRecord } from '../src/protocol/schema.ts';
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

/** Calls the listener for each valid message from the extension and ignores all others. */
export function onMessage(listener: (message: ToPanel) => void): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (isToPanel(event.data)) listener(event.data);
  });
}

/** Returns the state saved before the page was hidden, or undefined. */
export function loadUiState(): unknown {
  return vscode.getState();
}

/** Saves state that survives hiding and reloading the page. */
export function saveUiState(state: unknown): void {
  vscode.setState(state);
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

/** Recognizes a `BenchmarkState` by its lists only, because the extension's own messages need no full validation. */
function isBenchmarks(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { comparison, history } = value;
  const hasList = (part: unknown, list: string): boolean => {
    return part === undefined || (isRecord(part) && Array.isArray(part[list]));
  };
  return hasList(comparison, 'rows') && hasList(history, 'cases');
}
