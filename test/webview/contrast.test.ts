/** Contrast of everything that is drawn in a color, in all themes that VS Code contains. */
import assert from 'node:assert/strict';
import { allColors } from '../../webview/colors.ts';
import { builtinThemes } from '../fixtures/builtin-themes.ts';
import { programState } from '../fixtures/program-states.ts';
import { type Panel, PanelBrowser } from './browser.ts';
import type { EditorTheme } from './themes.ts';

type Rgb = readonly [number, number, number];

interface DrawnColors {
  /** Of elements with the class of a color, by the color. */
  readonly elements: Readonly<Record<string, Rgb>>;
  /** Of the page and of a card. */
  readonly backgrounds: readonly Rgb[];
  /** Of all pixels of the charts that a line of the color could have, by the color. */
  readonly memory: readonly Rgb[];
}

/** WCAG 2.2, written independently of the code that it tests. */
function contrast(left: Rgb, right: Rgb): number {
  const luminance = (rgb: Rgb): number => {
    const [red, green, blue] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as unknown as Rgb;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [first, second] = [luminance(left) + 0.05, luminance(right) + 0.05];
  return Math.max(first, second) / Math.min(first, second);
}

async function applyTheme(panel: Panel, theme: EditorTheme): Promise<void> {
  await panel.page.evaluate(
    ({ next, all }) => {
      for (const name of all) document.documentElement.style.removeProperty(name);
      window.applyTheme(next as Parameters<typeof window.applyTheme>[0]);
    },
    { next: theme, all: [...new Set(Object.values(builtinThemes).flatMap(({ variables }) => Object.keys(variables)))] },
  );
  // The observer runs after this task, and the charts are drawn in the next frame.
  await panel.page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/** Returns what Chromium draws for each color. */
function drawnColors(panel: Panel): Promise<DrawnColors> {
  return panel.page.evaluate((names) => {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('no canvas');
    const paint = (...layers: readonly string[]): [number, number, number] => {
      for (const layer of ['#fff', ...layers]) {
        context.fillStyle = layer;
        context.fillRect(0, 0, 1, 1);
      }
      const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
      return [red, green, blue];
    };
    const page = getComputedStyle(document.body).backgroundColor;
    const card = getComputedStyle(document.querySelector('.card') as Element).backgroundColor;
    const elements = names.map((name) => {
      const element = document.body.appendChild(document.createElement('i'));
      element.className = name;
      const { color } = getComputedStyle(element);
      element.remove();
      return [name, paint(page, card, color)] as const;
    });
    const canvas = document.querySelector<HTMLCanvasElement>('#chart-memory');
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const opaque = new Map<number, [number, number, number]>();
    for (let index = 0; index < pixels.length; index += 4) {
      if ((pixels[index + 3] ?? 0) < 255) continue;
      const rgb = [...pixels.slice(index, index + 3)] as [number, number, number];
      opaque.set((rgb[0] << 16) + (rgb[1] << 8) + rgb[2], rgb);
    }
    return {
      elements: Object.fromEntries(elements),
      backgrounds: [paint(page), paint(page, card)],
      memory: [...opaque.values()],
    };
  }, allColors);
}

describe('colors', function () {
  this.timeout(60_000);
  let browser: PanelBrowser;
  let panel: Panel;

  before(async () => {
    browser = await PanelBrowser.open();
    panel = await browser.openPanel({ width: 1300, height: 850 });
    await panel.show(programState(30));
  });
  after(() => browser?.close());

  it('would have too little contrast in some themes as VS Code passes them', () => {
    const orange: Rgb = [0x18 + (0xea - 0x18) / 3, 0x18 + (0x5c - 0x18) / 3, 0x18 + (0 - 0x18) / 3];
    assert.equal(builtinThemes['Dark Modern']?.variables['--vscode-charts-orange'], '#ea5c0055');
    assert.ok(contrast(orange, [0x18, 0x18, 0x18]) < 2);
  });

  for (const [name, theme] of Object.entries(builtinThemes)) {
    it(`have a contrast of at least 3 with page and cards in ${name}, after it replaced another theme`, async () => {
      await applyTheme(panel, theme);
      const { elements, backgrounds, memory } = await drawnColors(panel);
      assert.equal(Object.keys(elements).length, allColors.length);
      for (const [color, rgb] of Object.entries(elements)) {
        for (const background of backgrounds) {
          const ratio = contrast(rgb, background);
          assert.ok(ratio >= 3, `${color} ${rgb} on ${background}: ${ratio.toFixed(2)}`);
        }
      }
      // The charts were drawn again with the new colors.
      for (const color of ['orange', 'purple'] as const) {
        const rgb = elements[color] as Rgb;
        const isDrawn = memory.some((pixel) => pixel.every((value, index) => Math.abs(value - (rgb[index] ?? 0)) <= 2));
        assert.ok(isDrawn, `${color} ${rgb} is not among ${memory.length} colors of the chart`);
      }
    });
  }
});
