import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import type { ExactReport } from '../../protocol/batch/exact-report.ts';
import type { ExactTarget, ProbeConfig } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { findSourceMapUrl } from '../source/source-map-url.ts';
import { CallTimer } from './counting/call-timer.ts';
import {
  createCounters,
  disableRow,
  type ExactCounters,
  enableRow,
  isEnabled,
  maxRows,
  prepareRow,
} from './counting/exact-counters.ts';
import { hideInstrumentation, type InstrumentedText, shareTimer } from './hide-instrumentation.ts';
import type * as InstrumentModule from './instrument.ts';
import type { CodePlacement, ModuleKind } from './module-hooks.ts';
import type { ColumnShift } from './syntax/source-edits.ts';
import { type NamedFunction, reportedNames, TargetMatcher } from './target-matcher.ts';
import { TargetReports } from './target-reports.ts';
import { timerName } from './timer-name.ts';

/** A function of the user's source, and the row of its exact counters. */
export interface InstrumentedFunction {
  readonly row: number;
  readonly name: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 0. */
  readonly column: number;
  /** Position in the file as it was before instrumentation; line and column count from 0. */
  readonly position: readonly [line: number, column: number];
}

/** Facts about an instrumented file that the sampler needs. */
export interface InstrumentedFile {
  readonly file: string;
  readonly shifts: readonly ColumnShift[];
  readonly functions: readonly InstrumentedFunction[];
}

interface RegisteredFunction extends NamedFunction {
  readonly row: number;
}

interface LoadedCode {
  readonly code: string;
  readonly file: string;
  readonly kind: ModuleKind;
  readonly placement: CodePlacement;
  readonly sourceMapUrl: string | undefined;
}

interface Attempt {
  readonly result: InstrumentModule.InstrumentResult;
  readonly functions: readonly InstrumentedFunction[];
  /** All functions of the code; those without counters have the row -1. */
  readonly all: readonly RegisteredFunction[];
}

/** Functions that may be requested later get counters only in this part of the rows. */
const maxUnrequestedRows = maxRows / 2;
/** Parsing more code would delay the program for seconds. */
const maxCodeLength = 32 * 1024 * 1024;
const noPlacement: CodePlacement = { line: 0, column: 0 };
/** Function that Jest puts around a module. */
const wrapperName = 'Object.<anonymous>';

interface InstrumenterListeners {
  /** Receives the memory of the counters once they exist. */
  readonly onCounters: (memory: SharedArrayBuffer) => void;
  /** Runs after a file was instrumented. */
  readonly onFile: () => void;
}

/** Instruments files that contain functions to be timed exactly, while they are loaded. One exists per thread. */
export class FileInstrumenter {
  readonly #listeners: InstrumenterListeners;
  #config: ProbeConfig;
  #matcher: TargetMatcher;
  readonly #reports = new TargetReports();
  #counters: ExactCounters | undefined;
  #timer: CallTimer | undefined;
  readonly #contexts = new WeakSet<object>();
  #module: typeof InstrumentModule | undefined;
  readonly #functions: RegisteredFunction[] = [];
  /** Changed only in place, because the sampler can drain it at any moment, even during `#instrument`. */
  readonly #newFiles: InstrumentedFile[] = [];
  /** Test runners load the same text again for each test file; then it keeps its rows. */
  readonly #texts: (InstrumentedText & { readonly key: string })[] = [];

  constructor(config: ProbeConfig, listeners: InstrumenterListeners) {
    this.#config = config;
    this.#matcher = new TargetMatcher(config.exact);
    this.#listeners = listeners;
    // Load the parser now, before a compiler of the program installs hooks that would compile the parser too.
    if (config.exact.length > 0) this.#loadModule();
  }

  /** True if there are functions to be timed. */
  get isActive(): boolean {
    return this.#config.exact.length > 0;
  }

  /** Makes instrumented code work in a context of `node:vm`. Returns false if that is not possible. */
  prepareContext(context: object): boolean {
    if (this.#contexts.has(context)) return true;
    if (!this.#timer || !shareTimer(context, this.#timer, this.#texts)) return false;
    this.#contexts.add(context);
    return true;
  }

  /** Switches functions that are already instrumented on or off; files loaded later follow the new configuration. */
  configure(config: ProbeConfig): void {
    this.#config = config;
    this.#matcher = new TargetMatcher(config.exact);
    const counters = this.#counters;
    if (!counters) return;
    for (const registered of this.#functions) {
      const isTarget = this.#isTarget(registered);
      const wasTarget = isEnabled(counters, registered.row);
      if (isTarget === wasTarget) continue;
      if (isTarget) enableRow(counters, registered.row);
      else disableRow(counters, registered.row);
    }
    for (const file of new Set(this.#functions.map((registered) => registered.file))) {
      const functions = this.#functions.filter((registered) => registered.file === file);
      for (const target of this.#matcher.targetsIn(file)) this.#reports.addFile(target, functions);
    }
  }

  /** Reports that functions cannot be timed here. A process that has described a function overrules this. */
  reportProblem(problem: string, targets: readonly ExactTarget[] = this.#config.exact): void {
    for (const target of targets) this.#reports.addProblem(target, problem);
  }

  /**
   * Returns the code to run; the same code if the file needs no instrumentation. Never throws.
   * @param placement position of the code in the file, as the inspector reports it
   */
  instrument(code: string, file: string, kind: ModuleKind, placement: CodePlacement = noPlacement): string {
    try {
      return this.#instrument(code, file, kind, placement) ?? code;
    } catch {
      return code;
    }
  }

  /** Returns the files instrumented since the previous call. */
  drainFiles(): readonly InstrumentedFile[] {
    return this.#newFiles.splice(0);
  }

  /** Returns what became known about the targets since the previous call. */
  drainReports(): readonly ExactReport[] | undefined {
    return this.#reports.drain();
  }

  #instrument(code: string, file: string, kind: ModuleKind, placement: CodePlacement): string | undefined {
    const sourceMapUrl = placement.sourceMapUrl ?? findSourceMapUrl(code);
    if (!this.isActive) return undefined;
    const sourceFiles = this.#sourceFilesWithTargets(file, sourceMapUrl);
    if (sourceFiles.length === 0) return undefined;
    const targets = sourceFiles.flatMap((source) => this.#matcher.targetsIn(source));
    const cached = this.#texts.find((text) => text.original === code && text.key === keyOf(file, kind, placement));
    if (cached) return cached.code;
    if (code.length > maxCodeLength) return void this.reportProblem('its file is larger than 32 MB', targets);
    const input = { code, file, kind, placement, sourceMapUrl };
    const attempt = this.#attempt(input, 'all functions');
    // Code that cannot be instrumented as a whole may be instrumented in part.
    const { result, functions, all } = attempt.result.kind === 'invalid' ? this.#attempt(input, 'targets') : attempt;
    if (result.kind !== 'instrumented') {
      if (result.problem !== undefined) return void this.reportProblem(result.problem, targets);
      for (const target of targets) this.#reports.addFile(target, all);
      return undefined;
    }
    const counters = this.#ensureCounters();
    for (const { row } of functions) prepareRow(counters, row);
    // Register the functions before reading the configuration, because `configure` may be called in between.
    this.#functions.push(...all.filter(({ row }) => row >= 0));
    for (const added of all) if (added.row >= 0 && this.#isTarget(added)) enableRow(counters, added.row);
    this.#newFiles.push({ file, shifts: shiftsIn(result.edits.columnShifts(code), placement), functions });
    this.#texts.push({ key: keyOf(file, kind, placement), original: code, code: result.code, edits: result.edits });
    for (const target of targets) this.#reports.addFile(target, all);
    this.#listeners.onFile();
    return result.code;
  }

  /** Instruments the code with new rows, which count only once the caller has registered them. */
  #attempt({ code, file, kind, placement, sourceMapUrl }: LoadedCode, selection: 'all functions' | 'targets'): Attempt {
    const { instrument, SourceMaps, SourceNames } = this.#loadModule();
    const sourceMaps = new SourceMaps(this.#config.workspace);
    const sourceNames = new SourceNames();
    if (sourceMapUrl) sourceMaps.add(file, sourceMapUrl);
    const functions: InstrumentedFunction[] = [];
    const all: RegisteredFunction[] = [];
    const result = instrument(code, kind, (described) => {
      const line = described.line + placement.line;
      const column = described.column + (described.line === 0 ? placement.column : 0);
      if (column < 0 || described.name === wrapperName) return undefined;
      const shown =
        described.kind === 'top level'
          ? { file, line: 1, column: 0, name: `(top level of ${basename(file)})` }
          : sourceMaps.originalFunction(file, line, column, described.name);
      const reportedName = this.#matcher.hasUnnamedIn(shown.file)
        ? sourceNames.rename(shown.name, shown.file, shown.line, shown.column)
        : shown.name;
      const names = reportedNames([shown.name, reportedName], described, shown.file, shown.line);
      const { kind, problem } = described;
      const candidate = { names, file: shown.file, line: shown.line, kind, ...defined({ problem }) };
      const row = this.#functions.length + functions.length;
      const isTarget = this.#isTarget(candidate);
      const isWanted = isTarget || (kind === 'function' && selection === 'all functions' && row < maxUnrequestedRows);
      if (!isWanted || row >= maxRows || problem !== undefined) {
        all.push({ ...candidate, row: -1 });
        return undefined;
      }
      all.push({ ...candidate, row });
      functions.push({ ...shown, row, position: [line, column] });
      return row;
    });
    return { result, functions, all };
  }

  /** Returns the source files with targets that are this file or that it was compiled from. */
  #sourceFilesWithTargets(file: string, sourceMapUrl: string | undefined): readonly string[] {
    const sourceFiles = [file];
    if (sourceMapUrl) {
      const sourceMaps = new (this.#loadModule().SourceMaps)(this.#config.workspace);
      sourceMaps.add(file, sourceMapUrl);
      sourceFiles.push(...sourceMaps.sourcesOf(file));
    }
    return [...new Set(sourceFiles)].filter((source) => this.#matcher.targetsIn(source).length > 0);
  }

  #isTarget(candidate: NamedFunction): boolean {
    return this.#matcher.targetsOf(candidate).length > 0;
  }

  /** Loads the parser only when it is needed, because most programs have no function to be timed exactly. */
  #loadModule(): typeof InstrumentModule {
    this.#module ??= createRequire(__filename)(join(__dirname, 'wrap.cjs')) as typeof InstrumentModule;
    return this.#module;
  }

  #ensureCounters(): ExactCounters {
    if (this.#counters) return this.#counters;
    this.#counters = createCounters();
    this.#timer = new CallTimer(this.#counters);
    // Not enumerable and read-only, so that the program does not notice it or replace it.
    Object.defineProperty(globalThis, timerName, { value: this.#timer });
    this.#listeners.onCounters(this.#counters.memory);
    hideInstrumentation(this.#texts);
    return this.#counters;
  }
}

function keyOf(file: string, kind: ModuleKind, { line, column }: CodePlacement): string {
  return `${kind}\0${line}\0${column}\0${file}`;
}

function shiftsIn(shifts: readonly ColumnShift[], placement: CodePlacement): readonly ColumnShift[] {
  return shifts.map(([line, column, length]) => [
    line + placement.line,
    column + (line === 0 ? placement.column : 0),
    length,
  ]);
}
