/** The page of the profiler panel: sends it complete states while it is visible, and executes its commands. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { StackReference } from '../../core/stacks/stack-comparison.ts';
import { defined } from '../../protocol/defined.ts';
import { isFromPanel, type PanelState, type ToPanel } from '../../protocol/panel/panel-message.ts';
import type { FunctionLocation } from '../../protocol/panel/stack-view.ts';
import { commandIds } from '../commands/command-ids.ts';
import { folderPaths } from '../workspace-folders.ts';
import { FunctionSources } from './function-sources.ts';
import { limitSnapshot } from './limit-snapshot.ts';
import { Outbox } from './outbox.ts';
import type { PanelOptions } from './panel.ts';
import { renderPanelHtml } from './panel-html.ts';
import type { RunSource } from './run-source.ts';
import { ShownStacks } from './shown-stacks.ts';

export interface PageOptions extends Omit<PanelOptions, 'currentRun'> {
  readonly currentRun: RunSource;
}

export class PanelPage {
  readonly #panel: vscode.WebviewPanel;
  readonly #options: PageOptions;
  readonly #outbox = new Outbox<ToPanel['type']>((type) => {
    if (this.#canPost) void this.#panel.webview.postMessage(this.#messageOf(type));
  });
  /** True once the page listens. A hidden page is destroyed and reports ready again when it is shown. */
  #isReady = false;
  #drawNs = 0;
  readonly #stacks: ShownStacks;

  /** Shows the page in a webview panel. */
  constructor(panel: vscode.WebviewPanel, options: PageOptions) {
    this.#panel = panel;
    this.#options = options;
    const { currentRun: run } = options;
    const sources = new FunctionSources({ folders: folderPaths, onLoad: () => this.request('state') });
    this.#stacks = new ShownStacks({
      run,
      complete: (view) => (run.snapshot ? sources.addTo(view, run.snapshot.run) : view),
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#isReady = false;
    });
    panel.onDidDispose(() => this.#outbox.reset());
    panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    const root = vscode.Uri.joinPath(options.extensionUri, 'dist', 'webview');
    panel.webview.options = { enableScripts: true, localResourceRoots: [root] };
    const uriOf = (name: string) => panel.webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
    panel.webview.html = renderPanelHtml({
      language: vscode.env.language,
      source: panel.webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
      script: uriOf('main.js'),
      style: uriOf('main.css'),
    });
  }

  /** Time that the page took to draw its latest frame; 0 before the first one. */
  get drawNs(): number {
    return this.#drawNs;
  }

  /** Posts the newest message of a type if the page is visible. A page that is shown again requests all. */
  request(...types: readonly ToPanel['type'][]): void {
    if (this.#canPost) this.#outbox.request(...types);
  }

  /** Selects a function in the flame graph. */
  showFunction(location: FunctionLocation): void {
    this.#stacks.showFunction(location);
    this.request('state');
  }

  /** Lets the user choose the run or file that the stacks are compared with. */
  async chooseReference(): Promise<void> {
    const { chooseReference } = await import('./choose-reference.ts');
    const { currentRun, log } = this.#options;
    const reference = await chooseReference(currentRun, log);
    if (reference) this.#compareWith(reference);
  }

  #compareWith(reference: StackReference | undefined): void {
    this.#stacks.compareWith(reference);
    this.request('state');
  }

  get #canPost(): boolean {
    return this.#isReady && this.#panel.visible;
  }

  get #state(): PanelState {
    const { currentRun, settings } = this.#options;
    const { phase, paused, problem, snapshot } = currentRun;
    return {
      phase,
      paused,
      ...this.#stacks.state,
      trusted: vscode.workspace.isTrusted,
      ...defined({ problem, snapshot: snapshot && limitSnapshot(snapshot) }),
      budgets: { slowNs: settings.get('codeLens.slowThresholdMs') * 1e6 },
    };
  }

  #messageOf(type: ToPanel['type']): ToPanel {
    if (type === 'state') return { type, state: this.#state };
    return { type, benchmarks: this.#options.results.state };
  }

  /** Logs errors, so that an unreadable history does not keep the rest of the panel from working. */
  async #loadHistory(load: () => Promise<void>): Promise<void> {
    try {
      await load();
    } catch (error) {
      this.#options.log.error('Could not read the benchmark history', error);
    }
  }

  #receive(message: unknown): void {
    if (!isFromPanel(message)) {
      this.#options.log.warn('Ignored an invalid message from the panel.');
      return;
    }
    const { results } = this.#options;
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#outbox.reset();
        // Together, because the page draws nothing before it has the state.
        this.request('benchmarks', 'state');
        void this.#loadHistory(() => results.restoreHistory());
        break;
      case 'history':
        void this.#loadHistory(() => results.loadHistory(message.key));
        break;
      case 'run':
        void vscode.commands.executeCommand(message.command);
        break;
      case 'stacks':
        this.#stacks.select(message.selection);
        this.request('state');
        break;
      case 'reference':
        if (message.action === 'choose') void this.chooseReference();
        else this.#compareWith(undefined);
        break;
      case 'reveal':
        void vscode.commands.executeCommand(commandIds.revealOperation, { file: message.file, line: message.line });
        break;
      case 'drawn':
        this.#drawNs = message.drawNs;
        this.#outbox.acknowledge();
        break;
    }
  }
}
