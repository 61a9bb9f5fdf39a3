/** Circles in a directed graph: Tarjan's strongly connected components, without recursion. */

export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Groups of more than one node that all reach each other, each in order. */
export function groupsOf(graph: Graph): string[][] {
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
    const way: { readonly node: string; readonly rest: Iterator<string> }[] = [];
    const enter = (node: string): void => {
      order.set(node, order.size);
      lower(node, order.size - 1);
      stack.push(node);
      onStack.add(node);
      way.push({ node, rest: (graph.get(node) ?? new Set<string>()).values() });
    };
    enter(start);
    for (let last = way.at(-1); last; last = way.at(-1)) {
      const { value: next, done } = last.rest.next();
      if (done) {
        close(last.node);
        way.pop();
        const outer = way.at(-1);
        if (outer) lower(outer.node, lowest.get(last.node) as number);
      } else if (!order.has(next)) enter(next);
      else if (onStack.has(next)) lower(last.node, order.get(next) as number);
    }
  }
  return groups.sort((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1));
}

/** A shortest way round from the first of a group, which stands at its start and at its end. */
export function circleIn(graph: Graph, group: readonly string[]): string[] {
  const start = group[0] as string;
  const inside = new Set(group);
  const before = new Map<string, string>();
  const waiting = [start];
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return wayTo(node, before, start);
      if (!inside.has(next) || before.has(next)) continue;
      before.set(next, node);
      waiting.push(next);
    }
  }
  return [start, start];
}

function wayTo(last: string, before: ReadonlyMap<string, string>, start: string): string[] {
  const way = [start];
  for (let node: string | undefined = last; node !== undefined && node !== start; node = before.get(node))
    way.unshift(node);
  return [start, ...way];
}
