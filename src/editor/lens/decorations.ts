/** Shows timings without CodeLens: at the end of a function's first line, or as a colored line at the left edge. */
import * as vscode from 'vscode';
import type { DisplayMode, Settings } from '../settings.ts';
import { heatLevel, heatLevels } from './heat.ts';
import type { Lens } from './lens.ts';
import { anchorText, type LensAnchor } from './lens-anchors.ts';
import { fileKey } from './select-lenses.ts';

/** A decoration type and the anchors that it applies to. */
interface Layer {
  readonly type: vscode.TextEditorDecorationType;
  accepts(anchor: LensAnchor): boolean;
}

export class Decorations {
  readonly #lens: Lens;
  readonly #settings: Settings;
  readonly #disposables: readonly vscode.Disposable[];
  #mode: DisplayMode = 'off';
  #layers: readonly Layer[] = [];

  constructor(lens: Lens, settings: Settings) {
    this.#lens = lens;
    this.#settings = settings;
    const draw = () => this.#draw();
    this.#disposables = [
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
    for (const { type, accepts } of this.#layers) {
      const decorations = anchors.filter(accepts).map((anchor) => createDecoration(document, anchor, this.#mode));
      editor.setDecorations(type, decorations);
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
      return { type, accepts: ({ key, heat }: LensAnchor) => key !== fileKey && heatLevel(heat) === level };
    }),
};

function createDecoration(
  document: vscode.TextDocument,
  anchor: LensAnchor,
  mode: DisplayMode,
): vscode.DecorationOptions {
  const text = anchorText(anchor).replaceAll('$(flame)', '▲');
  const hover = new vscode.MarkdownString();
  hover.appendText(`${text}\n${anchor.tooltip}`);
  hover.appendMarkdown(
    `\n\n[Change how timings are shown](command:workbench.action.openSettings?${encodeURIComponent('["pipescope.display.mode"]')})`,
  );
  hover.isTrusted = { enabledCommands: ['workbench.action.openSettings'] };
  const range = document.lineAt(anchor.line).range;
  if (mode !== 'inline') return { range, hoverMessage: hover };
  return { range, hoverMessage: hover, renderOptions: { after: { contentText: text } } };
}
