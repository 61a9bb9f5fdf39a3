import type { SpanDeltas } from './span-deltas.ts';
import type { StackNodeDelta, StackSampleDelta } from './stack-delta.ts';

/** Maximum number of nodes of the tree of one source. */
const maxNodes = 20_000;
/** Room for nodes directly below the root, so that no span is without a place. */
const maxInnerNodes = maxNodes - 1000;

/** IDs are below this, so that a parent and an ID fit into one number. */
const maxIds = 2 ** 32;

/** Number of the node that has no span. */
export const rootNode = 0;

/**
 * Tree of the spans of one source: a node for each operation inside the same outer operations. Remembers what has changed
 * since it was drained.
 */
export class SpanTree {
  readonly #nodes: (readonly [parent: number, id: number])[] = [];
  readonly #children = new Map<number, number>();
  #sentNodes = 0;
  #times = new Map<number, { spans: number; wallNs: number }>();
  #omitted = 0;

  /** Returns the node of an operation inside another one; that of the outer one if there is no room. */
  child(parent: number, id: number): number {
    const key = parent * maxIds + id;
    const existing = this.#children.get(key);
    if (existing !== undefined) return existing;
    if (this.#nodes.length >= (parent === rootNode ? maxNodes : maxInnerNodes)) {
      this.#omitted++;
      return parent;
    }
    const node = this.#nodes.push([parent, id]);
    this.#children.set(key, node);
    return node;
  }

  /** Adds a span that has ended, with its wall time outside of the spans inside. */
  add(node: number, wallNs: number): void {
    const sum = this.#times.get(node) ?? { spans: 0, wallNs: 0 };
    sum.spans++;
    sum.wallNs += wallNs;
    this.#times.set(node, sum);
  }

  get hasChanges(): boolean {
    return this.#times.size > 0 || this.#sentNodes < this.#nodes.length;
  }

  /** Makes every node due again, for a host that may not have them. */
  redefine(): void {
    this.#sentNodes = 0;
  }

  /** Returns what has changed since the previous call, and the operations of new nodes. */
  drain(): { readonly deltas: SpanDeltas; readonly ids: ReadonlySet<number> } {
    const spanNodes = this.#nodes
      .slice(this.#sentNodes)
      .map(([parent, id], index): StackNodeDelta => [this.#sentNodes + index + 1, parent, id]);
    const spanTimes = [...this.#times].map(([node, { spans, wallNs }]): StackSampleDelta => [node, spans, wallNs]);
    const omitted = this.#omitted;
    this.#sentNodes = this.#nodes.length;
    this.#times = new Map();
    this.#omitted = 0;
    const deltas = {
      ...(spanNodes.length > 0 ? { spanNodes } : {}),
      ...(spanTimes.length > 0 ? { spanTimes } : {}),
      ...(omitted > 0 ? { spanTimesOmitted: omitted } : {}),
    };
    return { deltas, ids: new Set(spanNodes.map(([, , id]) => id)) };
  }
}
