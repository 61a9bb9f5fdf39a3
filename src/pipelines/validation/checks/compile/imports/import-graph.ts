/** Finds cycles in a directed graph with Tarjan's algorithm for strongly connected components, without recursion. */

/** Edges by the node they start from. */
export type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** Returns the strongly connected components of more than one node. Components and their nodes are sorted. */
export function findCycleGroups(graph: ImportGraph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const groups: string[][] = [];
  const lower = (node: string, number: number): void => {
    lowest.set(node, Math.min(lowest.get(node) ?? number, number));
  };
  const close = (node: string): void => {
    if (lowest.get(node) !== order.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    for (const member of group) onStack.delete(member);
    if (group.length > 1) groups.push(group.sort());
  };
  for (const start of graph.keys()) {
    if (order.has(start)) continue;
    const path: { readonly node: string; readonly edges: Iterator<string> }[] = [];
    const enter = (node: string): void => {
      order.set(node, order.size);
      lower(node, order.size - 1);
      stack.push(node);
      onStack.add(node);
      path.push({ node, edges: (graph.get(node) ?? new Set<string>()).values() });
    };
    enter(start);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const { value: next, done } = last.edges.next();
      if (done) {
        close(last.node);
        path.pop();
        const parent = path.at(-1);
        if (parent) lower(parent.node, lowest.get(last.node) as number);
      } else if (!order.has(next)) enter(next);
      else if (onStack.has(next)) lower(last.node, order.get(next) as number);
    }
  }
  return groups.sort((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1));
}

/** Returns a shortest cycle through the first node of a component. That node is both its first and its last element. */
export function findShortestCycle(graph: ImportGraph, group: readonly string[]): string[] {
  const start = group[0] as string;
  const members = new Set(group);
  const previous = new Map<string, string>();
  const queue = [start];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return buildCycle(node, previous, start);
      if (!members.has(next) || previous.has(next)) continue;
      previous.set(next, node);
      queue.push(next);
    }
  }
  return [start, start];
}

function buildCycle(last: string, previous: ReadonlyMap<string, string>, start: string): string[] {
  const path = [start];
  for (let node: string | undefined = last; node !== undefined && node !== start; node = previous.get(node))
    path.unshift(node);
  return [start, ...path];
}
