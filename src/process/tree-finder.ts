/**
 * Finds the living processes of a tree on Linux, including those that have left it. Evidence that a process belongs to a
 * tree: it has the tree's environment entry or lineage mark, its parent belongs to the tree, or it is in a session that a
 * process of the tree started. A process is identified by its id and start time, because ids are reused.
 */
import { readLineageMark } from './lineage-mark.ts';
import { hasEnvironmentEntry, listProcesses, type ProcessStat, readStat } from './proc-reader.ts';

export interface TreeRoot {
  readonly pid: number;
  /** Start time of the root. Without it, whichever process has the id now is the root. */
  readonly startTicks?: number;
  /** Lineage mark that the root has inherited. */
  readonly mark?: string;
}

interface Member extends ProcessStat {
  readonly pid: number;
}

export interface FoundTree {
  /** Processes that have not ended, the newest first. */
  readonly members: readonly Member[];
  /** Process groups without a process outside of the tree, so that each can be signaled as a whole. */
  readonly groupIds: ReadonlySet<number>;
}

export class TreeFinder {
  readonly #root: TreeRoot;
  readonly #marker: string;
  /** Start times of all processes found so far, by id. */
  readonly #startTicks = new Map<number, number>();
  /** Processes that existed at the last search. */
  #previous: ReadonlySet<number> = new Set();

  /** @param marker `NAME=value` entry in the environment of every process of the tree */
  constructor(root: TreeRoot, marker: string) {
    this.#root = root;
    this.#marker = marker;
    if (root.startTicks !== undefined) this.#startTicks.set(root.pid, root.startTicks);
  }

  /**
   * Finds the processes that belong to the tree now. This process never does.
   * @param onMarked called with the id of each marked process as soon as it is found
   */
  find(onMarked: (pid: number) => void = () => undefined): FoundTree {
    const members = new Map<number, Member>();
    let strangers: Member[] = [];
    for (const pid of this.#listNewestFirst()) {
      const isMarked = this.#isMarked(pid);
      if (isMarked) onMarked(pid);
      const stat = readStat(pid);
      if (!stat || stat.state === 'Z') continue;
      if (isMarked || this.#isKnown(pid, stat)) members.set(pid, { ...stat, pid });
      else strangers.push({ ...stat, pid });
    }
    for (;;) {
      for (const { pid, startTicks } of members.values()) this.#startTicks.set(pid, startTicks);
      const related = strangers.filter((stat) => this.#isRelated(stat, members));
      if (related.length === 0) break;
      for (const stat of related) members.set(stat.pid, stat);
      strangers = strangers.filter(({ pid }) => !members.has(pid));
    }
    const groupIds = new Set([...members.values()].map(({ groupId }) => groupId));
    for (const { groupId } of strangers) groupIds.delete(groupId);
    return { members: [...members.values()], groupIds };
  }

  /** Lists all processes. New ones are first, because they may live shorter than a search takes. */
  #listNewestFirst(): readonly number[] {
    const pids = listProcesses();
    const previous = this.#previous;
    this.#previous = new Set(pids);
    return [...pids.filter((pid) => !previous.has(pid)), ...pids.filter((pid) => previous.has(pid))];
  }

  #isKnown(pid: number, { startTicks }: ProcessStat): boolean {
    if (this.#startTicks.has(pid)) return this.#startTicks.get(pid) === startTicks;
    return pid === this.#root.pid && this.#root.startTicks === undefined;
  }

  #isMarked(pid: number): boolean {
    if (pid === process.pid) return false;
    if (hasEnvironmentEntry(pid, this.#marker)) return true;
    const { mark } = this.#root;
    // Other children of a process that has marked itself have the mark too, but they do not belong to this tree.
    return mark !== undefined && readLineageMark(pid) === mark && readStat(pid)?.parentId !== process.pid;
  }

  #isRelated({ pid, parentId, sessionId, startTicks }: Member, members: ReadonlyMap<number, Member>): boolean {
    if (pid === process.pid || pid === 1) return false;
    if (members.has(parentId)) return true;
    const leaderTicks = this.#startTicks.get(sessionId);
    if (leaderTicks === undefined || startTicks < leaderTicks) return false;
    // The leader may have ended. If another process has its id now, this is not the session that the leader started.
    return (readStat(sessionId)?.startTicks ?? leaderTicks) === leaderTicks;
  }
}
