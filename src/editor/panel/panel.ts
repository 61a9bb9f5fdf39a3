/** The profiler panel: opens it, or keeps that of an earlier session. The code of its page is loaded when it is opened. */
import * as vscode from 'vscode';
import type { FunctionLocation } from '../../protocol/panel/stack-view.ts';
import type { BenchmarkResults } from '../benchmark-results.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { Throttle } from '../throttle.ts';
import type { PanelPage } from './panel-page.ts';

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
  readonly #disposables: readonly vscode.Disposable[];
  #panel: vscode.WebviewPanel | undefined;
  #page: PanelPage | undefined;
  /** Action for the page, until its code is loaded. */
  #pending: ((page: PanelPage) => unknown) | undefined;

  constructor(options: PanelOptions) {
    this.#options = options;
    const { currentRun, results, settings } = options;
    this.#throttle = new Throttle(
      () => settings.get('refreshIntervalMs'),
      () => this.#page?.request('state'),
    );
    this.#disposables = [
      vscode.window.registerWebviewPanelSerializer(panelType, this),
      currentRun.onChange(() => this.#throttle.request()),
      results.onChange(() => this.#page?.request('benchmarks')),
      settings.onChange(() => this.#throttle.request()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#throttle.request()),
    ];
  }

  get isVisible(): boolean {
    return this.#panel?.visible ?? false;
  }

  /** Time that the page took to draw its latest frame; 0 before the first one. */
  get drawNs(): number {
    return this.#page?.drawNs ?? 0;
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
    void this.#attach(vscode.window.createWebviewPanel(panelType, 'Pipescope', { viewColumn, preserveFocus }));
  }

  /** Opens the panel on the flame graph with a function selected. A function that was not sampled is shown as such. */
  showFunction(location: FunctionLocation): void {
    this.#whenLoaded((page) => page.showFunction(location));
  }

  /** Lets the user choose a run or file to compare the stacks with. */
  compareStacks(): void {
    this.#whenLoaded((page) => page.chooseReference());
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    if (this.#panel) panel.dispose();
    else await this.#attach(panel);
  }

  dispose(): void {
    this.#panel?.dispose();
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#throttle.dispose();
    this.#visibilityChanged.dispose();
  }

  #whenLoaded(action: (page: PanelPage) => unknown): void {
    this.#pending = action;
    this.open();
    this.#act();
  }

  #act(): void {
    if (!this.#page) return;
    this.#pending?.(this.#page);
    this.#pending = undefined;
  }

  async #attach(panel: vscode.WebviewPanel): Promise<void> {
    this.#panel = panel;
    const media = vscode.Uri.joinPath(this.#options.extensionUri, 'media', 'pipescope');
    panel.iconPath = {
      light: media.with({ path: `${media.path}-light.svg` }),
      dark: media.with({ path: `${media.path}-dark.svg` }),
    };
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#page = undefined;
      this.#visibilityChanged.fire();
    });
    panel.onDidChangeViewState(() => this.#visibilityChanged.fire());
    this.#visibilityChanged.fire();
    const { PanelPage } = await import('./panel-page.ts');
    // The panel may have been closed meanwhile.
    if (this.#panel !== panel) return;
    this.#page = new PanelPage(panel, this.#options);
    this.#act();
  }
}

/** Returns the panel's tab from an earlier session. Its page is not loaded until the tab is shown. */
function findUnloadedTab(): vscode.Tab | undefined {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(panelType));
}
