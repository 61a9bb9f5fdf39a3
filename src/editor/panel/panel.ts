/** The profiler panel: sends complete states to its page while it is visible, and executes the page's commands. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { defined } from '../../protocol/defined.ts';
import { isFromPanel, type PanelState, type ToPanel } from '../../protocol/panel/panel-message.ts';
import type { BenchmarkResults } from '../benchmark-results.ts';
import { commandIds } from '../commands/command-ids.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { Throttle } from '../throttle.ts';
import { limitSnapshot } from './limit-snapshot.ts';
import { Outbox } from './outbox.ts';
import { renderPanelHtml } from './panel-html.ts';

const panelType = 'pipescope.panel';

export interface PanelOptions {
  readonly extensionUri: vscode.Uri;
  readonly currentRun: CurrentRun;
  readonly results: BenchmarkResults;
  readonly settings: Settings;
  readonly log: Log;
}

export class Panel implements vscode.WebviewPanelSerializer {
  readonly #options: PanelOptions;
  readonly #visibilityChanged = new vscode.EventEmitter<void>();
  /** Fires when the panel is shown or hidden. */
  readonly onVisibility = this.#visibilityChanged.event;
  readonly #throttle: Throttle;
  readonly #outbox = new Outbox<ToPanel['type']>((type) => {
    if (this.#canPost) void this.#panel?.webview.postMessage(this.#messageOf(type));
  });
  readonly #disposables: readonly vscode.Disposable[];
  #panel: vscode.WebviewPanel | undefined;
  /** True once the page listens. A hidden page is destroyed and reports ready again when it is shown. */
  #isReady = false;
  #drawNs = 0;

  constructor(options: PanelOptions) {
    this.#options = options;
    const { currentRun, results, settings } = options;
    this.#throttle = new Throttle(
      () => settings.get('refreshIntervalMs'),
      () => this.#request('state'),
    );
    this.#disposables = [
      vscode.window.registerWebviewPanelSerializer(panelType, this),
      currentRun.onChange(() => this.#throttle.request()),
      results.onChange(() => this.#request('benchmarks')),
      settings.onChange(() => this.#throttle.request()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#throttle.request()),
    ];
  }

  get isVisible(): boolean {
    return this.#panel?.visible ?? false;
  }

  /** Time that the page took to draw its latest frame; 0 before the first one. */
  get drawNs(): number {
    return this.#drawNs;
  }

  /** Opens the panel or brings it to the front. */
  open(options: { readonly preserveFocus?: boolean } = {}): void {
    const { preserveFocus = false } = options;
    if (this.#panel) {
      this.#panel.reveal(undefined, preserveFocus);
      return;
    }
    const unloaded = findUnloadedTab();
    const beside = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const viewColumn = unloaded?.group.viewColumn ?? beside;
    if (unloaded) void vscode.window.tabGroups.close(unloaded);
    this.#attach(
      vscode.window.createWebviewPanel(panelType, 'Pipescope', { viewColumn, preserveFocus }, this.#webviewOptions),
    );
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = this.#webviewOptions;
    if (this.#panel) panel.dispose();
    else this.#attach(panel);
  }

  dispose(): void {
    this.#panel?.dispose();
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#throttle.dispose();
    this.#visibilityChanged.dispose();
  }

  get #root(): vscode.Uri {
    return vscode.Uri.joinPath(this.#options.extensionUri, 'dist', 'webview');
  }

  get #webviewOptions(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [this.#root] };
  }

  get #state(): PanelState {
    const { currentRun, settings } = this.#options;
    const { phase, paused, problem, snapshot } = currentRun;
    return {
      phase,
      paused,
      trusted: vscode.workspace.isTrusted,
      ...defined({ problem, snapshot: snapshot && limitSnapshot(snapshot) }),
      budgets: { slowNs: settings.get('codeLens.slowThresholdMs') * 1e6 },
    };
  }

  #attach(panel: vscode.WebviewPanel): void {
    this.#panel = panel;
    this.#isReady = false;
    const media = vscode.Uri.joinPath(this.#options.extensionUri, 'media', 'pipescope');
    panel.iconPath = {
      light: media.with({ path: `${media.path}-light.svg` }),
      dark: media.with({ path: `${media.path}-dark.svg` }),
    };
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#outbox.reset();
      this.#visibilityChanged.fire();
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#isReady = false;
      this.#visibilityChanged.fire();
    });
    panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    const uriOf = (name: string) => panel.webview.asWebviewUri(vscode.Uri.joinPath(this.#root, name)).toString();
    panel.webview.html = renderPanelHtml({
      language: vscode.env.language,
      source: panel.webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
      script: uriOf('main.js'),
      style: uriOf('main.css'),
    });
    this.#visibilityChanged.fire();
  }

  get #canPost(): boolean {
    return this.#isReady && this.isVisible;
  }

  /** Posts the newest message of a type if the page is visible. A page that is shown again requests all. */
  #request(...types: readonly ToPanel['type'][]): void {
    if (this.#canPost) this.#outbox.request(...types);
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
        this.#request('benchmarks', 'state');
        void this.#loadHistory(() => results.restoreHistory());
        break;
      case 'history':
        void this.#loadHistory(() => results.loadHistory(message.key));
        break;
      case 'run':
        void vscode.commands.executeCommand(message.command);
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

/** Returns the panel's tab from an earlier session. Its page is not loaded until the tab is shown. */
function findUnloadedTab(): vscode.Tab | undefined {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(panelType));
}
