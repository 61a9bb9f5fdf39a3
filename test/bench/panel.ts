/** Measures the views of call stacks: the frames of the flame graph, and the cost of what the host sends to it. */

import { subtreeTotals } from '../../src/core/stacks/function-times.ts';
import { buildStackView } from '../../src/core/stacks/stack-view.ts';
import { visibleNodes } from '../../src/core/stacks/visible-nodes.ts';
import type { PanelState } from '../../src/protocol/panel/panel-message.ts';
import { allThreads, type StackView } from '../../src/protocol/panel/stack-view.ts';
import type { Stacks } from '../../src/protocol/stacks.ts';
import { largeStacks, sampledState } from '../fixtures/stack-states.ts';
import { PanelBrowser } from '../webview/browser.ts';
import { type Figure, goal, medianOf } from './figure.ts';

/** States that the host sends in a second while a program runs. */
const updatesPerSecond = 4;
const maxHostPercent = 5;
/** The screen is refreshed 60 times a second; a few frames may be late. */
const minFrames = 58;
const zoomSteps = 240;

interface FrameOptions {
  readonly steps: number;
  readonly state: PanelState;
  readonly everyMs: number;
}

export async function panel(): Promise<Figure[]> {
  const stacks = largeStacks();
  return [hostFigure(stacks), ...(await frameFigures(stacks))];
}

function hostFigure(stacks: Stacks): Figure {
  // Trees of several threads have to be added up. Callers come first, so the first nodes are a tree of their own.
  const threads = stacks.threads.flatMap((thread) =>
    Array.from({ length: 4 }, (_, index) => ({
      ...thread,
      thread: index,
      nodes: thread.nodes.slice(0, thread.nodes.length / 4),
    })),
  );
  const times: number[] = [];
  for (let update = 0; update < 60; update++) {
    const startMs = performance.now();
    buildStackView({ ...stacks, threads }, { thread: allThreads });
    if (update >= 20) times.push(performance.now() - startMs);
  }
  const updateMs = medianOf(times);
  const value = (updateMs * updatesPerSecond) / 10;
  return {
    name: 'host while a flame graph of four threads with 20,000 nodes is shown',
    value,
    unit: '% of a core',
    ...goal('≤', maxHostPercent, value),
    how: `${updatesPerSecond} updates a second of ${updateMs.toFixed(1)} ms each, median of ${times.length}`,
  };
}

/** Frames of the flame graph while it zooms, and while the host sends states as for a program that runs. */
async function frameFigures(stacks: Stacks): Promise<Figure[]> {
  const browser = await PanelBrowser.open();
  const page = await browser.openPanel({ width: 1300 });
  try {
    const state = sampledState({ thread: allThreads }, stacks);
    const whole = { ...state, stacks: wholeView(stacks) };
    await page.show(state);
    await page.page.getByRole('tab', { name: 'Flame graph' }).click();
    const figures: Figure[] = [];
    for (const [name, shown] of [
      ['what the extension sends of 20,000 nodes', state],
      ['all of 20,000 nodes', whole],
    ] as const) {
      await page.show(shown);
      const options = { steps: zoomSteps, state: shown, everyMs: 1000 / updatesPerSecond };
      figures.push(
        frameFigure(name, await page.page.evaluate(measureFrames, options), shown.stacks?.nodes.length ?? 0),
      );
    }
    return figures;
  } finally {
    await page.close();
    await browser.close();
  }
}

function frameFigure(name: string, frames: readonly number[], count: number): Figure {
  const sorted = frames.toSorted((a, b) => a - b);
  const value = (1000 * frames.length) / frames.reduce((sum, ms) => sum + ms, 0);
  const [p95, slowest] = [sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN, sorted.at(-1) ?? Number.NaN];
  return {
    name: `flame graph while it zooms, ${name}`,
    value,
    unit: 'frames/s',
    ...goal('≥', minFrames, value),
    how: `${count} nodes, ${frames.length} frames in Chromium without a GPU, ${updatesPerSecond} states a second; 95 % within ${p95.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms`,
  };
}

/** View of all nodes of a tree: more than the extension sends. */
function wholeView(stacks: Stacks): StackView {
  const view = buildStackView(stacks, { thread: allThreads });
  const { nodes } = stacks.threads[0] ?? { nodes: [] };
  const { nodes: all } = visibleNodes(nodes, { minShare: 0, maxNodes: nodes.length }, subtreeTotals(nodes));
  return { ...view, functions: stacks.functions.map((called, id) => ({ ...called, id })), nodes: all };
}

/**
 * Runs in the page: zooms in and out at each frame, and shows states meanwhile. Returns the time between frames in
 * milliseconds.
 */
async function measureFrames({ steps, state, everyMs }: FrameOptions): Promise<readonly number[]> {
  const canvas = document.querySelector<HTMLCanvasElement>('canvas#flames');
  if (!canvas) throw new Error('The page has no flame graph.');
  const timer = setInterval(() => window.postMessage({ type: 'state', state }, '*'), everyMs);
  const { width } = canvas.getBoundingClientRect();
  const times: number[] = [];
  let last = await new Promise<number>(requestAnimationFrame);
  for (let step = 0; step < steps; step++) {
    const deltaY = step % 30 < 15 ? -60 : 60;
    canvas.dispatchEvent(
      new WheelEvent('wheel', { deltaY, ctrlKey: true, clientX: width / 3, bubbles: true, cancelable: true }),
    );
    const now = await new Promise<number>(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  clearInterval(timer);
  return times;
}
