/** Returns the share of each function of a program according to a profile. */

/** One node of a call tree. */
export interface CallNode {
  /** Name of a function of the planted programs. Undefined for those of Node and V8; their caller has their time. */
  readonly name: string | undefined;
  readonly parent: CallNode | undefined;
  readonly selfNs: number;
}

/**
 * Returns the percent of the time of each function in the planted programs, by name. All time counts in which one of them is
 * on the stack.
 */
export function sharesOf(nodes: readonly CallNode[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  let sumNs = 0;
  for (const node of nodes) {
    const name = nearestName(node);
    if (name === undefined) continue;
    sumNs += node.selfNs;
    times.set(name, (times.get(name) ?? 0) + node.selfNs);
  }
  return new Map([...times].map(([name, ns]) => [name, (ns / sumNs) * 100]));
}

function nearestName(node: CallNode): string | undefined {
  let at: CallNode | undefined = node;
  while (at && at.name === undefined) at = at.parent;
  return at?.name;
}
