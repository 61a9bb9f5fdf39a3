/** Timings without a line of their own: behind the declaration, or as a coloured edge. The lens is the other way. */
import * as vscode from 'vscode';
import type { Display as Mode, Settings } from '../settings.ts';
import { heatOf, heats } from './heat.ts';
import type { Lens } from './lens.ts';
import { type Mark, markText } from './lens-anchors.ts';
import { fileKey } from './select-lenses.ts';

/** One kind of decoration, and the marks that get it. */
interface Layer {
  readonly type: vscode.TextEditorDecorationType;
  takes(mark: Mark): boolean;
}

export class Display {
  readonly #lens: Lens;
  readonly #settings: Settings;
  readonly #disposables: readonly vscode.Disposable[];
  #mode: Mode = 'off';
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
    if (mode !== this.#mode) this.#layers = layersOf[mode]();
    this.#mode = mode;
    for (const editor of vscode.window.visibleTextEditors) this.#drawIn(editor);
    // What was there goes only when the new is in its place: nothing flickers.
    if (old !== this.#layers) for (const { type } of old) type.dispose();
  }

  #drawIn(editor: vscode.TextEditor): void {
    if (editor.document.uri.scheme !== 'file') return;
    const marks = this.#lens.marksIn(editor.document);
    for (const { type, takes } of this.#layers) {
      editor.setDecorations(
        type,
        marks.filter(takes).map((mark) => decoration(editor.document, mark, this.#mode)),
      );
    }
  }
}

const layersOf: Readonly<Record<Mode, () => readonly Layer[]>> = {
  lens: () => [],
  off: () => [],
  inline: () => [
    {
      type: vscode.window.createTextEditorDecorationType({
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 2em' },
      }),
      takes: () => true,
    },
  ],
  gutter: () =>
    heats.map((heat) => {
      const color = new vscode.ThemeColor(`pipescope.heat.${heat}`);
      const type = vscode.window.createTextEditorDecorationType({
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        isWholeLine: true,
        borderStyle: 'solid',
        borderWidth: '0 0 0 2px',
        borderColor: color,
        overviewRulerColor: color,
        overviewRulerLane: vscode.OverviewRulerLane.Left,
      });
      return { type, takes: (mark: Mark) => mark.key !== fileKey && heatOf(mark.warmth) === heat };
    }),
};

function decoration(document: vscode.TextDocument, mark: Mark, mode: Mode): vscode.DecorationOptions {
  const text = markText(mark).replaceAll('$(flame)', '▲');
  const hover = new vscode.MarkdownString();
  hover.appendText(`${text}\n${mark.tooltip}`);
  hover.appendMarkdown(
    `\n\n[How timings are shown](command:workbench.action.openSettings?${encodeURIComponent('["pipescope.display.mode"]')})`,
  );
  hover.isTrusted = { enabledCommands: ['workbench.action.openSettings'] };
  const range = document.lineAt(mark.line).range;
  if (mode !== 'inline') return { range, hoverMessage: hover };
  return { range, hoverMessage: hover, renderOptions: { after: { contentText: text } } };
}
