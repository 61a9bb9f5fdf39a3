import type { StackView, ViewedFunction, VisibleNode } from '../../src/protocol/panel/stack-view.ts';

/** A function call path as a bar of the flame graph. */
export interface Frame extends VisibleNode {
  /** IDs of the functions from the root, which are the same in the next state. */
  readonly path: string;
  readonly depth: number;
  /** Distance from the left edge, in nanoseconds. */
  readonly startNs: number;
  readonly children: readonly Frame[];
  readonly above: Frame | undefined;
  readonly called: ViewedFunction;
}

export interface FlameLayout {
  readonly frames: readonly Frame[];
  readonly tops: readonly Frame[];
  readonly byPath: ReadonlyMap<string, Frame>;
  readonly depth: number;
}

type OpenFrame = Frame & { readonly children: Frame[] };

/** Places all call paths: callees below their caller, larger ones further left. */
export function layOutFlames({ nodes, functions }: Pick<StackView, 'nodes' | 'functions'>): FlameLayout {
  const frames: OpenFrame[] = [];
  const tops: Frame[] = [];
  /** Right edge of the last child of each node; the last entry is that of the root. */
  const edgesNs: number[] = [];
  let rootEdgeNs = 0;
  let depth = 0;
  for (const node of nodes) {
    const above = frames[node.parent];
    const called = functions[node.function] as ViewedFunction;
    const startNs = above ? (edgesNs[node.parent] as number) : rootEdgeNs;
    const frame: OpenFrame = {
      ...node,
      path: above ? `${above.path}/${called.id}` : `${called.id}`,
      depth: above ? above.depth + 1 : 0,
      startNs,
      children: [],
      above,
      called,
    };
    frames.push(frame);
    edgesNs.push(startNs);
    if (above) {
      above.children.push(frame);
      edgesNs[node.parent] = startNs + node.totalNs;
    } else {
      tops.push(frame);
      rootEdgeNs += node.totalNs;
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
      return current.children[0];
    case 'ArrowLeft':
      return siblings[index - 1];
    case 'ArrowRight':
      return siblings[index + 1];
    default:
      return undefined;
  }
}
