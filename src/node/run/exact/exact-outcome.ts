import type { Definition } from '../../../protocol/batch/batch.ts';
import type { ExactReport } from '../../../protocol/batch/exact-report.ts';
import type { ExactTarget } from '../../../protocol/control.ts';
import { defined } from '../../../protocol/defined.ts';
import { suggestName } from './suggest-name.ts';

/** Maximum number of targets with a notice of their own. */
const maxNotices = 20;
const maxNamesShown = 8;
const maxNames = 100;
/** Maximum length of everything that is kept about all targets. */
const maxTotalLength = 2 * 1024 * 1024;

const notLoadedReason = 'no process of this run that could be profiled called it or loaded its file';
const lateReason = 'its file was loaded before the function was selected, or not at all';

/** Facts about a target from all processes: problems only count while no process has found the file. */
interface TargetState {
  readonly isMatched: boolean;
  readonly names: ReadonlySet<string>;
  readonly wasLoaded: boolean;
  readonly problem?: string;
}

const unseen: TargetState = { isMatched: false, names: new Set(), wasLoaded: false };

/** Follows which of the functions to be timed exactly were found by a process of the run. */
export class ExactOutcome {
  readonly #displayPathOf: (file: string) => string;
  #targets: readonly ExactTarget[] = [];
  /** Targets that were added while the program was running. */
  readonly #lateTargets = new Set<string>();
  #remainingLength = maxTotalLength;
  readonly #states = new Map<string, TargetState>();

  constructor(displayPathOf: (file: string) => string) {
    this.#displayPathOf = displayPathOf;
  }

  /** Sets the functions to be timed from now on; `isLate` if the program is running already. */
  configure(targets: readonly ExactTarget[], isLate = false): void {
    const previous = new Set(this.#targets.map(keyOf));
    for (const target of targets) if (isLate && !previous.has(keyOf(target))) this.#lateTargets.add(keyOf(target));
    this.#targets = targets;
  }

  /** Adds what a process has reported. */
  ingest(reports: readonly ExactReport[] = []): void {
    for (const report of reports) {
      const key = keyOf(report);
      const previous = this.#states.get(key) ?? unseen;
      const details = { names: report.names ?? [], ...defined({ problem: report.problem }) };
      const length = [key, report.problem ?? '', ...details.names].join('').length;
      const hasRoom = this.#remainingLength >= length;
      if (!hasRoom && previous === unseen) continue;
      if (hasRoom) this.#remainingLength -= length;
      this.#states.set(key, {
        isMatched: previous.isMatched || report.state === 'matched',
        wasLoaded: previous.wasLoaded || report.state === 'missing',
        names: hasRoom ? new Set([...previous.names, ...details.names].slice(0, maxNames)) : previous.names,
        ...defined({ problem: hasRoom ? (report.problem ?? previous.problem) : previous.problem }),
      });
    }
  }

  /**
   * Returns a sentence for each function that no process has found.
   * @param calledFunctions functions that were counted, with the path to display. Guests other than Node report only these.
   */
  notices(calledFunctions: readonly Definition[]): string[] {
    const notices = this.#targets.flatMap((target) => this.#noticeFor(target, calledFunctions) ?? []);
    const omitted = notices.length - maxNotices;
    if (omitted <= 0) return notices;
    return [
      ...notices.slice(0, maxNotices),
      `${omitted.toLocaleString('en')} more functions were not found (--exact).`,
    ];
  }

  #noticeFor(target: ExactTarget, calledFunctions: readonly Definition[]): string | undefined {
    const { isMatched, names, wasLoaded, problem } = this.#states.get(keyOf(target)) ?? unseen;
    if (isMatched) return undefined;
    const file = this.#displayPathOf(target.file);
    const title = `${file}:${target.name ?? target.line ?? '*'}`;
    const inFile = calledFunctions.filter((definition) => definition.file === file && definition.line !== undefined);
    // Node reports all targets, so for its files the rows of sampled functions prove nothing.
    const isNodeFile = /\.([cm]?[jt]sx?|vue|svelte)$/.test(file);
    if (!isNodeFile && inFile.some((definition) => isMatch(target, definition))) return undefined;
    const allNames = names.size > 0 ? [...names] : isNodeFile ? [] : inFile.map(({ name }) => name);
    if (!wasLoaded && allNames.length === 0) {
      const reason = problem ?? (this.#lateTargets.has(keyOf(target)) ? lateReason : notLoadedReason);
      return `${title} was not timed exactly (--exact) because ${reason}.`;
    }
    if (target.name === undefined)
      return `No function starts at ${title} (--exact). Check the line.${listNames(allNames)}`;
    const suggestion = suggestName(target.name, allNames);
    const advice = suggestion ? `Did you mean ${suggestion}?` : 'Check the name.';
    const others = allNames.filter((name) => name !== suggestion);
    return `No function matches ${title} (--exact). ${advice}${listNames(others, suggestion ? 'Other names' : 'Names')}`;
  }
}

function listNames(names: readonly string[], label = 'Names'): string {
  if (names.length === 0) return '';
  const others = names.length > maxNamesShown ? ', …' : '';
  return ` ${label} in that file: ${names.slice(0, maxNamesShown).join(', ')}${others}.`;
}

function isMatch({ name, line }: ExactTarget, definition: Definition): boolean {
  if (line !== undefined && line !== definition.line) return false;
  const lastPart = definition.name.split('.').at(-1);
  return name === undefined || name === definition.name || name === lastPart || name === definition.name.split(' (')[0];
}

function keyOf({ file, name, line }: Pick<ExactTarget, 'file' | 'name' | 'line'>): string {
  return `${file}\0${name}\0${line}`;
}
