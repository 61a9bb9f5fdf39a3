/** The profiler panel: gives its page complete states while it is seen, and takes clicks back to the commands. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { defined } from '../../protocol/defined.ts';
import { isFromPanel, type PanelState, type ToPanel } from '../../protocol/panel-message.ts';
import type { Results } from '../benchmark-results.ts';
import type { Live } from '../current-run.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { Beat } from '../throttle.ts';
import { pageOf } from './panel-html.ts';

const panelType = 'pipescope.panel';

export interface PanelOptions {
  readonly extensionUri: vscode.Uri;
  readonly live: Live;
  readonly results: Results;
  readonly settings: Settings;
  readonly log: Log;
}

export class Panel implements vscode.WebviewPanelSerializer {
  readonly #options: PanelOptions;
  readonly #shown = new vscode.EventEmitter<void>();
  /** Fires when the panel comes into sight or leaves it. */
  readonly onVisibility = this.#shown.event;
  readonly #beat: Beat;
  readonly #disposables: readonly vscode.Disposable[];
  #panel: vscode.WebviewPanel | undefined;
  /** The page has said that it listens; a hidden page is gone and says so again. */
  #ready = false;
  #drawNs = 0;

  constructor(options: PanelOptions) {
    this.#options = options;
    const { live, results, settings } = options;
    this.#beat = new Beat(
      () => settings.get('refreshIntervalMs'),
      () => this.#post(),
    );
    this.#disposables = [
      vscode.window.registerWebviewPanelSerializer(panelType, this),
      live.onChange(() => this.#beat.ask()),
      results.onChange(() => this.#postBenchmarks()),
      settings.onChange(() => this.#beat.ask()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#beat.ask()),
    ];
  }

  get visible(): boolean {
    return this.#panel?.visible ?? false;
  }

  /** What the newest frame cost the page; 0 before one was drawn. */
  get drawNs(): number {
    return this.#drawNs;
  }

  /** Opens the panel, or brings it to the front. */
  open(options: { readonly preserveFocus?: boolean } = {}): void {
    const { preserveFocus = false } = options;
    if (this.#panel) {
      this.#panel.reveal(undefined, preserveFocus);
      return;
    }
    const sleeping = sleepingTab();
    const beside = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const viewColumn = sleeping?.group.viewColumn ?? beside;
    if (sleeping) void vscode.window.tabGroups.close(sleeping);
    this.#take(vscode.window.createWebviewPanel(panelType, 'Pipescope', { viewColumn, preserveFocus }, this.#access));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = this.#access;
    if (this.#panel) panel.dispose();
    else this.#take(panel);
  }

  dispose(): void {
    this.#panel?.dispose();
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#beat.dispose();
    this.#shown.dispose();
  }

  get #root(): vscode.Uri {
    return vscode.Uri.joinPath(this.#options.extensionUri, 'dist', 'webview');
  }

  get #access(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [this.#root] };
  }

  get #state(): PanelState {
    const { live, settings } = this.#options;
    return {
      phase: live.phase,
      paused: live.paused,
      trusted: vscode.workspace.isTrusted,
      ...defined({ problem: live.problem, snapshot: live.snapshot }),
      budgets: { slowNs: settings.get('codeLens.slowThresholdMs') * 1e6 },
    };
  }

  #take(panel: vscode.WebviewPanel): void {
    this.#panel = panel;
    this.#ready = false;
    const media = vscode.Uri.joinPath(this.#options.extensionUri, 'media', 'pipescope');
    panel.iconPath = {
      light: media.with({ path: `${media.path}-light.svg` }),
      dark: media.with({ path: `${media.path}-dark.svg` }),
    };
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#shown.fire();
    });
    panel.onDidChangeViewState(() => {
      // A hidden page is thrown away; it asks again when it is back.
      if (!panel.visible) this.#ready = false;
      this.#shown.fire();
    });
    panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    const address = (name: string) => panel.webview.asWebviewUri(vscode.Uri.joinPath(this.#root, name)).toString();
    panel.webview.html = pageOf({
      language: vscode.env.language,
      source: panel.webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
      script: address('main.js'),
      style: address('main.css'),
    });
    this.#shown.fire();
  }

  #post(): void {
    this.#send({ type: 'state', state: this.#state });
  }

  #postBenchmarks(): void {
    this.#send({ type: 'benchmarks', benchmarks: this.#options.results.state });
  }

  /** A history that cannot be read must not keep the rest from being seen. */
  async #read(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log.error('The history of benchmarks was not read', error);
    }
  }

  #send(message: ToPanel): void {
    if (this.#panel?.visible && this.#ready) void this.#panel.webview.postMessage(message);
  }

  #receive(message: unknown): void {
    if (!isFromPanel(message)) {
      this.#options.log.warn('The panel sent a message that is not understood; it was left out.');
      return;
    }
    const { results } = this.#options;
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#postBenchmarks();
        this.#post();
        void this.#read(() => results.recall());
        break;
      case 'history':
        void this.#read(() => results.read(message.key));
        break;
      case 'run':
        void vscode.commands.executeCommand(message.command);
        break;
      case 'reveal':
        void vscode.commands.executeCommand('pipescope.revealOperation', { file: message.file, line: message.line });
        break;
      case 'drawn':
        this.#drawNs = message.drawNs;
        break;
    }
  }
}

/** The tab of a panel that an earlier session left and that was not looked at since: it has no page yet. */
function sleepingTab(): vscode.Tab | undefined {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(panelType));
}
