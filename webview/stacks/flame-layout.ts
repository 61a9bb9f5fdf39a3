import type { StackComparison, StackView, ViewedFunction, VisibleNode } from '../../src/protocol/panel/stack-view.ts';

/** A function call path as a bar of the flame graph. */
export interface Frame extends VisibleNode {
  /** IDs of the functions from the root, which are the same in the next state. In the order of time with their seconds. */
  readonly path: string;
  readonly depth: number;
  /** Distance from the left edge, in nanoseconds. */
  readonly startNs: number;
  readonly children: readonly Frame[];
  readonly above: Frame | undefined;
  readonly called: ViewedFunction;
  /** Times of the same call path in the reference. */
  readonly before: StackComparison['before'][number] | undefined;
}

export interface FlameLayout {
  readonly frames: readonly Frame[];
  readonly tops: readonly Frame[];
  readonly byPath: ReadonlyMap<string, Frame>;
  readonly depth: number;
}

type OpenFrame = Frame & { readonly children: Frame[] };

/** Layouts of the views that are still in use, because a key or the pointer draws the same view again. */
const layouts = new WeakMap<StackView['nodes'], FlameLayout>();

/** Places all call paths: callees below their caller, in the order of the view, which is by size or by time. */
export function layOutFlames(view: Pick<StackView, 'nodes' | 'functions' | 'comparison'>): FlameLayout {
  const layout = layouts.get(view.nodes) ?? placeFrames(view);
  layouts.set(view.nodes, layout);
  return layout;
}

function placeFrames({
  nodes,
  functions,
  comparison,
}: Pick<StackView, 'nodes' | 'functions' | 'comparison'>): FlameLayout {
  const frames: OpenFrame[] = [];
  const tops: Frame[] = [];
  /** Right edge of the last child of each node; the last entry is that of the root. */
  const edgesNs: number[] = [];
  let rootEdgeNs = 0;
  let depth = 0;
  for (const [index, node] of nodes.entries()) {
    const above = frames[node.parent];
    const called = functions[node.function] as ViewedFunction;
    const startNs = node.time?.offsetNs ?? (above ? (edgesNs[node.parent] as number) : rootEdgeNs);
    const step = node.time ? `${called.id}@${node.time.startNs / 1e9}` : `${called.id}`;
    const frame: OpenFrame = {
      ...node,
      path: above ? `${above.path}/${step}` : step,
      depth: above ? above.depth + 1 : 0,
      startNs,
      children: [],
      above,
      called,
      before: comparison?.before[index],
    };
    frames.push(frame);
    edgesNs.push(startNs);
    if (above) {
      above.children.push(frame);
      edgesNs[node.parent] = startNs + node.totalNs;
    } else {
      tops.push(frame);
      rootEdgeNs = startNs + node.totalNs;
    }
    depth = Math.max(depth, frame.depth + 1);
  }
  return { frames, tops, byPath: new Map(frames.map((frame) => [frame.path, frame])), depth };
}

/** Returns the frame that an arrow key leads to: siblings to the sides, the caller above, the largest callee below. */
export function frameForKey(layout: FlameLayout, current: Frame | undefined, key: string): Frame | undefined {
  if (!current) return key.startsWith('Arrow') ? layout.tops[0] : undefined;
  const siblings = current.above?.children ?? layout.tops;
  const index = siblings.indexOf(current);
  switch (key) {
    case 'ArrowUp':
      return current.above;
    case 'ArrowDown':
      return current.children.reduce<Frame | undefined>(
        (largest, child) => (largest && largest.totalNs >= child.totalNs ? largest : child),
        undefined,
      );
    case 'ArrowLeft':
      return siblings[index - 1];
    case 'ArrowRight':
      return siblings[index + 1];
    default:
      return undefined;
  }
}

/** Returns the largest frame of a function. */
export function largestFrameOf({ frames }: FlameLayout, id: number | undefined): Frame | undefined {
  let largest: Frame | undefined;
  for (const frame of frames)
    if (frame.called.id === id && (!largest || frame.totalNs > largest.totalNs)) largest = frame;
  return largest;
}
