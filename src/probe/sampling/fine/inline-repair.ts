import type { CallFrame, CpuProfile } from '../fold-profile.ts';
import { calledName } from './called-name.ts';
import { type KnownFunction, KnownFunctions, type OutlineSource } from './known-functions.ts';

/** Place at which a sample of V8's profiler really ran. */
export interface RepairedTick {
  /** Functions that V8 has inlined into that of the frame, the outermost first. Empty if the function itself ran. */
  readonly inlined: readonly CallFrame[];
  /** Line that ran, counted from 1 in the running code; 0 if it is not known. */
  readonly line: number;
}

/** Function that another one may call, directly or through others. */
interface Reached {
  readonly target: KnownFunction;
  readonly distance: number;
  /** Functions on the way, the outermost first, with this one; undefined if there are several ways. */
  readonly path: readonly KnownFunction[] | undefined;
}

/** Maximum number of inlined functions inside of each other, and of functions that are searched for one. */
const maxDepth = 4;
const maxReached = 300;
const maxTicks = 50_000;
/** Files of functions with fewer samples in a profile are not parsed. */
const minTicks = 2;
const minTickShare = 0.01;

/**
 * Finds the functions in which samples of V8's profiler ran. V8 attributes a sample in inlined code to the function into which
 * it was inlined, but reports the right line. A line outside of that function belongs to an inlined one: one that the function
 * calls, as far as its source code or other samples show.
 */
export class InlineRepair {
  readonly #functions: KnownFunctions;
  /** Functions that V8 has reported as called by another one, by its key. */
  readonly #callees = new Map<string, Set<KnownFunction>>();
  #ticks = new Map<string, RepairedTick>();
  #reached = new Map<string, readonly Reached[]>();
  #version = 0;
  /** Version of what the ticks and the reached functions are derived from. */
  #derivedFrom = 0;

  constructor(outlines: OutlineSource, unshift: (file: string, line: number, column: number) => number) {
    this.#functions = new KnownFunctions(outlines, unshift);
  }

  /** Learns from a profile which functions call each other. */
  learn(profile: CpuProfile): void {
    const byId = new Map(worthwhileNodes(profile).map((node) => [node.id, node]));
    for (const { callFrame, children = [] } of byId.values()) {
      const caller = this.#functions.find(callFrame);
      for (const child of children) {
        const frame = byId.get(child)?.callFrame;
        const callee = frame && this.#functions.find(frame);
        if (!caller || !callee) continue;
        const callees = this.#callees.get(caller.key) ?? new Set();
        this.#callees.set(caller.key, callees);
        if (callees.size === callees.add(callee).size) continue;
        this.#version++;
      }
    }
  }

  /**
   * Returns where a sample ran.
   *
   * @param frame function to which V8 attributes the sample
   * @param line counted from 1 in the running code
   */
  repair(frame: CallFrame, line: number): RepairedTick {
    const outer = this.#functions.find(frame, 'if open');
    // Without the source text, only a line in front of the function is certain to be wrong.
    if (!outer) return { inlined: [], line: line > frame.lineNumber ? line : 0 };
    this.#forgetOutdated();
    const key = `${outer.key}\0${line}`;
    const existing = this.#ticks.get(key);
    if (existing) return existing;
    const tick = this.#resolve(outer, line);
    if (this.#ticks.size < maxTicks) this.#ticks.set(key, tick);
    return tick;
  }

  /** Returns the functions that V8 has inlined between one that it reports and its caller, the outermost first. */
  between(caller: CallFrame, callee: CallFrame): readonly CallFrame[] {
    const [outer, inner] = [this.#functions.find(caller, 'if open'), this.#functions.find(callee, 'if open')];
    if (!outer || !inner || outer.key === inner.key) return [];
    this.#forgetOutdated();
    const path = this.#reachableFrom(outer).find(({ target }) => target.key === inner.key)?.path ?? [];
    return path.slice(0, -1).map((target) => this.#functions.frameOf(target));
  }

  /** Returns the only line, from 1, at which a function calls or passes another one; 0 if it is not known. */
  callLine(caller: CallFrame, callee: CallFrame): number {
    const outer = this.#functions.find(caller, 'if open');
    if (!outer) return 0;
    const inner = this.#functions.find(callee, 'if open');
    const line = outer.outlined.calls.get(calledName(inner?.outlined.name || callee.functionName));
    if (line !== undefined || !inner) return line ?? 0;
    // A function without a name is called by the one to which it is passed.
    return inner.file === outer.file && inner.outlined.parent === outer.index ? this.#functions.startLineOf(inner) : 0;
  }

  #resolve(outer: KnownFunction, line: number): RepairedTick {
    const { file } = outer;
    const isOwn = this.#functions.ownersOf(file, line).includes(outer);
    if (isOwn && !this.#functions.runsOnce(outer, line)) return { inlined: [], line };
    let candidates = this.#candidates(outer, line);
    if (candidates.length === 0 && this.#functions.loadImports(file)) {
      this.#forgetOutdated();
      candidates = this.#candidates(outer, line);
    }
    const best = candidates.length > 0 || isOwn ? this.#choose(outer, candidates) : this.#onlyOwner(outer, line);
    if (!best) return { inlined: [], line: isOwn ? line : 0 };
    const path = best.path ?? [best.target];
    return { inlined: path.map((inner) => this.#functions.frameOf(inner)), line };
  }

  /** Returns the functions that may be called and to which the line belongs. */
  #candidates(outer: KnownFunction, line: number): readonly Reached[] {
    return this.#reachableFrom(outer).filter(({ target: { file, key } }) =>
      this.#functions.ownersOf(file, line).some((owner) => owner.key === key),
    );
  }

  /** Returns the most likely one: seen by V8 before others, then the shortest way, then the same file. */
  #choose({ key, file }: KnownFunction, candidates: readonly Reached[]): Reached | undefined {
    const rankOf = ({ target, distance }: Reached): number =>
      (this.#callees.get(key)?.has(target) ? 0 : 100) + 2 * distance + (target.file === file ? 0 : 1);
    const [first, second] = [...candidates].sort((left, right) => rankOf(left) - rankOf(right));
    return first && (!second || rankOf(first) < rankOf(second)) ? first : undefined;
  }

  /** Returns the function of the same file to which the line belongs, if there is one only. */
  #onlyOwner({ file, key }: KnownFunction, line: number): Reached | undefined {
    const owners = this.#functions.ownersOf(file, line).filter((owner) => owner.index > 0 && owner.key !== key);
    const [first] = owners;
    return first && owners.length === 1 ? { target: first, distance: 1, path: [first] } : undefined;
  }

  #reachableFrom(outer: KnownFunction): readonly Reached[] {
    const existing = this.#reached.get(outer.key);
    if (existing) return existing;
    const all = new Map<string, Reached>();
    const start: Reached = { target: outer, distance: 0, path: [] };
    const search = (from: readonly Reached[]): void => {
      let last = from;
      while (last.length > 0 && all.size < maxReached) {
        const next = new Map<string, Reached>();
        for (const { target: caller, distance, path } of last) {
          if (distance >= maxDepth) continue;
          for (const callee of this.#writtenCalleesOf(caller)) {
            if (callee.key === outer.key || callee.index === 0 || all.has(callee.key)) continue;
            const isRepeated = next.has(callee.key);
            const longer = path && !isRepeated ? [...path, callee] : undefined;
            next.set(callee.key, { target: callee, distance: distance + 1, path: longer });
          }
        }
        for (const [key, reached] of next) all.set(key, reached);
        last = [...next.values()];
      }
    };
    search([start]);
    // V8 leaves inlined functions out, so a way through the source code is better than what it has seen.
    const seen = [...(this.#callees.get(outer.key) ?? [])].filter(
      ({ key, index }) => index > 0 && key !== outer.key && !all.has(key),
    );
    const first = seen.map((target): Reached => ({ target, distance: 1, path: [target] }));
    for (const reached of first) all.set(reached.target.key, reached);
    search(first);
    const reached = [...all.values()];
    this.#reached.set(outer.key, reached);
    return reached;
  }

  /** Returns each function that the code of another one names in a call, or that has no name and is written inside of it. */
  #writtenCalleesOf(caller: KnownFunction): ReadonlySet<KnownFunction> {
    const named = [...caller.outlined.calls.keys()].flatMap((name) => this.#functions.named(name));
    const unnamed = this.#functions.nestedIn(caller).filter(({ outlined }) => outlined.name === '');
    return new Set([...named, ...unnamed]);
  }

  /** Forgets what was derived from less than is known now. */
  #forgetOutdated(): void {
    const version = this.#version + this.#functions.version;
    if (version === this.#derivedFrom) return;
    this.#derivedFrom = version;
    this.#ticks = new Map();
    this.#reached = new Map();
  }
}

type ProfileNode = CpuProfile['nodes'][number];

/** Returns the nodes with enough samples, in them and below them, to parse their files. */
function worthwhileNodes({ nodes }: CpuProfile): readonly ProfileNode[] {
  const indices = new Map(nodes.map(({ id }, index) => [id, index]));
  const ticks = nodes.map(({ positionTicks = [] }) => positionTicks.reduce((sum, entry) => sum + entry.ticks, 0));
  const allTicks = ticks.reduce((sum, count) => sum + count, 0);
  // V8 lists callers before their callees.
  for (let index = nodes.length - 1; index >= 0; index--) {
    for (const child of nodes[index]?.children ?? [])
      ticks[index] = (ticks[index] ?? 0) + (ticks[indices.get(child) ?? -1] ?? 0);
  }
  return nodes.filter((_, index) => (ticks[index] ?? 0) >= Math.max(minTicks, minTickShare * allTicks));
}
