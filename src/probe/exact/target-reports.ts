import { type ExactReport, maxReportedNames } from '../../protocol/batch/exact-report.ts';
import type { ExactTarget } from '../../protocol/control.ts';
import { isMatch, type NamedFunction } from './target-matcher.ts';

const maxNameLength = 100;
const maxProblemLength = 400;
/** Maximum number of targets for which names are reported; for more, only that nothing matched. */
const maxTargetsWithNames = 100;
const ranks = { problem: 0, missing: 1, matched: 2 } as const;

/** A function, and the row of its counters; -1 if it is not instrumented. */
type Candidate = NamedFunction & { readonly row: number };

/** Collects, for each function that is to be timed exactly, whether this thread has found it. */
export class TargetReports {
  readonly #reports = new Map<string, ExactReport>();
  #hasChanged = false;

  /** Reports whether one of the functions of a file is the target, and what their names are if not. */
  addFile(target: ExactTarget, functions: readonly Candidate[]): void {
    const matching = functions.filter((candidate) => isMatch(target, candidate));
    if (matching.some(({ row }) => row >= 0)) this.#add({ ...target, state: 'matched' });
    else if (matching[0]) this.addProblem(target, matching[0].problem ?? 'more functions are to be timed than fit');
    else {
      const names = this.#reports.size < maxTargetsWithNames ? shownNames(functions) : [];
      this.#add({ ...target, state: 'missing', names });
    }
  }

  /** Reports why a target cannot be timed here. */
  addProblem(target: ExactTarget, problem: string): void {
    this.#add({ ...target, state: 'problem', problem: problem.slice(0, maxProblemLength) });
  }

  /** Returns everything reported so far if it has changed since the previous call. */
  drain(): readonly ExactReport[] | undefined {
    if (!this.#hasChanged) return undefined;
    this.#hasChanged = false;
    return [...this.#reports.values()];
  }

  /** Keeps the most specific report about a target. */
  #add(report: ExactReport): void {
    const key = `${report.file}\0${report.name}\0${report.line}`;
    const previous = this.#reports.get(key);
    if (previous && ranks[previous.state] >= ranks[report.state]) return;
    this.#reports.set(key, report);
    this.#hasChanged = true;
  }
}

function shownNames(functions: readonly Candidate[]): string[] {
  const names = functions.flatMap(({ names: [shown], kind }) => (kind === 'function' && shown ? [shown] : []));
  return [...new Set(names)]
    .filter((name) => !name.startsWith('(') && name.length <= maxNameLength)
    .slice(0, maxReportedNames);
}
