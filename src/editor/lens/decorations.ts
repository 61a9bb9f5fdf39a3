/** Shows timings without CodeLens: at the end of a function's first line, or as a colored line at the left edge. */
import * as vscode from 'vscode';
import type { CurrentRun } from '../current-run.ts';
import type { DisplayMode, Settings } from '../settings.ts';
import { Throttle } from '../throttle.ts';
import { heatLevel, heatLevels } from './heat.ts';
import type { Lens } from './lens.ts';
import { anchorText, type LensAnchor } from './lens-anchors.ts';
import type { LineHeat } from './line-heat.ts';
import { LineHeatSource } from './line-heat-source.ts';
import { fileKey } from './select-lenses.ts';

/** Minimum time between two updates of the heat of lines, because all stacks of the run are read for it. */
const lineIntervalMs = 2000;

/** A decoration type and the anchors and lines that it applies to. */
interface Layer {
  readonly type: vscode.TextEditorDecorationType;
  accepts(anchor: LensAnchor): boolean;
  acceptsLine(line: LineHeat): boolean;
}

export class Decorations {
  readonly #lens: Lens;
  readonly #settings: Settings;
  readonly #lines: LineHeatSource;
  readonly #throttle = new Throttle(
    () => lineIntervalMs,
    () => this.#draw(),
  );
  readonly #disposables: readonly vscode.Disposable[];
  #mode: DisplayMode = 'off';
  #layers: readonly Layer[] = [];

  constructor(lens: Lens, currentRun: CurrentRun, settings: Settings) {
    this.#lens = lens;
    this.#settings = settings;
    this.#lines = new LineHeatSource(currentRun);
    const draw = () => this.#draw();
    const redraw = () => this.#mode === 'gutter' && this.#throttle.request();
    this.#disposables = [
      this.#lines,
      this.#throttle,
      currentRun.onChange(redraw),
      vscode.workspace.onDidChangeTextDocument(redraw),
      lens.onDidChangeCodeLenses(draw),
      settings.onChange(draw),
      vscode.window.onDidChangeVisibleTextEditors(draw),
    ];
    this.#draw();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables, ...this.#layers.map(({ type }) => type)).dispose();
  }

  #draw(): void {
    const mode = this.#settings.get('codeLens.enabled') ? this.#settings.get('display.mode') : 'off';
    const old = this.#layers;
    if (mode !== this.#mode) this.#layers = createLayers[mode]();
    this.#mode = mode;
    for (const editor of vscode.window.visibleTextEditors) this.#drawIn(editor);
    // Dispose the old decorations after the new ones are in place, so that they do not flicker.
    if (old !== this.#layers) for (const { type } of old) type.dispose();
  }

  #drawIn(editor: vscode.TextEditor): void {
    const { document } = editor;
    if (document.uri.scheme !== 'file') return;
    const anchors = this.#lens.anchorsIn(document);
    const marked = new Set(anchors.map(({ line }) => line));
    const lines = this.#mode === 'gutter' ? this.#lines.linesOf(document) : [];
    for (const { type, accepts, acceptsLine } of this.#layers) {
      const decorations = anchors.filter(accepts).map((anchor) => createDecoration(document, anchor, this.#mode));
      // The first line of a function has the color of the function.
      const ofLines = lines.filter((line) => !marked.has(line.line) && acceptsLine(line));
      editor.setDecorations(type, [...decorations, ...ofLines.map((line) => createLineDecoration(document, line))]);
    }
  }
}

const createLayers: Readonly<Record<DisplayMode, () => readonly Layer[]>> = {
  lens: () => [],
  off: () => [],
  inline: () => [
    {
      type: vscode.window.createTextEditorDecorationType({
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 2em' },
      }),
      accepts: () => true,
      acceptsLine: () => false,
    },
  ],
  gutter: () =>
    heatLevels.map((level) => {
      const color = new vscode.ThemeColor(`pipescope.heat.${level}`);
      const type = vscode.window.createTextEditorDecorationType({
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        isWholeLine: true,
        borderStyle: 'solid',
        borderWidth: '0 0 0 2px',
        borderColor: color,
        overviewRulerColor: color,
        overviewRulerLane: vscode.OverviewRulerLane.Left,
      });
      return {
        type,
        accepts: ({ key, heat }: LensAnchor) => key !== fileKey && heatLevel(heat) === level,
        acceptsLine: ({ heat }: LineHeat) => heatLevel(heat) === level,
      };
    }),
};

function createDecoration(
  document: vscode.TextDocument,
  anchor: LensAnchor,
  mode: DisplayMode,
): vscode.DecorationOptions {
  const text = anchorText(anchor).replaceAll('$(flame)', '▲');
  const hover = createHover(`${text}\n${anchor.tooltip}`);
  const range = document.lineAt(anchor.line).range;
  if (mode !== 'inline') return { range, hoverMessage: hover };
  return { range, hoverMessage: hover, renderOptions: { after: { contentText: text } } };
}

function createLineDecoration(document: vscode.TextDocument, { line, text }: LineHeat): vscode.DecorationOptions {
  return { range: document.lineAt(line).range, hoverMessage: createHover(text) };
}

function createHover(text: string): vscode.MarkdownString {
  const hover = new vscode.MarkdownString();
  hover.appendText(text);
  hover.appendMarkdown(
    `\n\n[Change how timings are shown](command:workbench.action.openSettings?${encodeURIComponent('["pipescope.display.mode"]')})`,
  );
  hover.isTrusted = { enabledCommands: ['workbench.action.openSettings'] };
  return hover;
}
