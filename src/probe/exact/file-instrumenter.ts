import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ExactTarget, ProbeConfig } from '../../protocol/control.ts';
import { findSourceMapUrl } from '../source/source-map-url.ts';
import { CallTimer, timerName } from './call-timer.ts';
import { createCounters, disabledMask, type ExactCounters, maxRows } from './exact-counters.ts';
import type * as InstrumentModule from './instrument.ts';
import type { ModuleKind } from './module-hooks.ts';
import type { ColumnShift, SourceEdits } from './source-edits.ts';

/** A function of the user's source, and the row of its exact counters. */
export interface InstrumentedFunction {
  readonly row: number;
  readonly name: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Facts about an instrumented file that the sampler needs. */
export interface InstrumentedFile {
  readonly file: string;
  readonly shifts: readonly ColumnShift[];
  readonly functions: readonly InstrumentedFunction[];
}

interface InstrumentedText {
  readonly original: string;
  readonly code: string;
  readonly edits: SourceEdits;
}

/** Instruments files that contain functions to be timed exactly, while they are loaded. One exists per thread. */
export class FileInstrumenter {
  readonly #shareCounters: (memory: SharedArrayBuffer) => void;
  #config: ProbeConfig;
  #counters: ExactCounters | undefined;
  #module: typeof InstrumentModule | undefined;
  readonly #functions: InstrumentedFunction[] = [];
  /** Changed only in place, because the sampler can drain it at any moment, even during `#instrument`. */
  readonly #newFiles: InstrumentedFile[] = [];
  readonly #texts: InstrumentedText[] = [];
  readonly #realPaths = new Map<string, string>();

  /** `shareCounters` passes the memory of the counters to the sampler once they exist. */
  constructor(config: ProbeConfig, shareCounters: (memory: SharedArrayBuffer) => void) {
    this.#config = config;
    this.#shareCounters = shareCounters;
    // Load the parser now, before a compiler of the program installs hooks that would compile the parser too.
    if (config.exact.length > 0) this.#loadModule();
  }

  /** True if there are functions to be timed. */
  get isActive(): boolean {
    return this.#config.exact.length > 0;
  }

  /** Switches functions that are already instrumented on or off; files loaded later follow the new configuration. */
  configure(config: ProbeConfig): void {
    this.#config = config;
    const mask = this.#counters?.mask;
    if (!mask) return;
    for (const instrumented of this.#functions) {
      const isTarget = this.#isTarget(instrumented);
      const isEnabled = (mask[instrumented.row] as number) >= 0;
      if (isTarget !== isEnabled) mask[instrumented.row] = isTarget ? 0 : disabledMask;
    }
  }

  /** Returns the code to run; the same code if the file needs no instrumentation. Never throws. */
  instrument(code: string, file: string, kind: ModuleKind): string {
    try {
      return this.#instrument(code, file, kind) ?? code;
    } catch {
      return code;
    }
  }

  /** Returns the files instrumented since the previous call. */
  drainFiles(): readonly InstrumentedFile[] {
    return this.#newFiles.splice(0);
  }

  #instrument(code: string, file: string, kind: ModuleKind): string | undefined {
    const sourceMapUrl = findSourceMapUrl(code);
    if (!this.isActive || !this.#mayContainTarget(file, sourceMapUrl)) return undefined;
    const { instrument, SourceMaps } = this.#loadModule();
    const sourceMaps = new SourceMaps(this.#config.workspace);
    if (sourceMapUrl) sourceMaps.add(file, sourceMapUrl);
    const { mask, minNs } = this.#ensureCounters();
    const functions: InstrumentedFunction[] = [];
    const instrumented = instrument(code, kind, ({ name, line, column }) => {
      const row = this.#functions.length + functions.length;
      if (row >= maxRows) return undefined;
      const original = sourceMaps.originalPosition(file, line, column);
      // Keep the class in the name unless the source map says that the name was changed.
      const isRenamed = original.name !== undefined && original.name !== name.split('.').at(-1);
      functions.push({
        row,
        name: isRenamed && original.name ? original.name : name,
        file: original.file,
        line: original.line,
      });
      minNs[row] = Number.POSITIVE_INFINITY;
      return row;
    });
    if (!instrumented) return undefined;
    // Register the functions before reading the configuration, because `configure` may be called in between.
    this.#functions.push(...functions);
    for (const added of functions) mask[added.row] = this.#isTarget(added) ? 0 : disabledMask;
    this.#newFiles.push({ file, shifts: instrumented.edits.columnShifts(code), functions });
    this.#texts.push({ original: code, ...instrumented });
    return instrumented.code;
  }

  /** Returns true if a function to be timed may be in this file or in a source file that it was compiled from. */
  #mayContainTarget(file: string, sourceMapUrl: string | undefined): boolean {
    const targetFiles = new Set(this.#config.exact.map((target) => this.#realPathOf(target.file)));
    if (targetFiles.has(this.#realPathOf(file))) return true;
    if (!sourceMapUrl) return false;
    const sourceMaps = new (this.#loadModule().SourceMaps)(this.#config.workspace);
    sourceMaps.add(file, sourceMapUrl);
    return sourceMaps.sourcesOf(file).some((source) => targetFiles.has(this.#realPathOf(source)));
  }

  #isTarget(instrumented: InstrumentedFunction): boolean {
    return this.#config.exact.some((target) => this.#matches(target, instrumented));
  }

  #matches(target: ExactTarget, { name, file, line }: InstrumentedFunction): boolean {
    if (this.#realPathOf(target.file) !== this.#realPathOf(file)) return false;
    if (target.line !== undefined && target.line !== line) return false;
    return target.name === undefined || target.name === name || target.name === name.split('.').at(-1);
  }

  /** Resolves symbolic links; a file that no longer exists keeps its path. */
  #realPathOf(file: string): string {
    const cached = this.#realPaths.get(file);
    if (cached) return cached;
    let path = file;
    try {
      path = realpathSync(file);
    } catch {
      // Keep the path as given.
    }
    this.#realPaths.set(file, path);
    return path;
  }

  /** Loads the parser only when it is needed, because most programs have no function to be timed exactly. */
  #loadModule(): typeof InstrumentModule {
    this.#module ??= createRequire(__filename)(join(__dirname, 'wrap.cjs')) as typeof InstrumentModule;
    return this.#module;
  }

  #ensureCounters(): ExactCounters {
    if (this.#counters) return this.#counters;
    this.#counters = createCounters();
    // Not enumerable and read-only, so that the program does not notice it or replace it.
    Object.defineProperty(globalThis, timerName, { value: new CallTimer(this.#counters) });
    this.#shareCounters(this.#counters.memory);
    this.#hideInstrumentation();
    return this.#counters;
  }

  /**
   * Makes `Function.prototype.toString` return the original text. Programs send function texts to other realms, such as
   * browsers, where there is no timer.
   */
  #hideInstrumentation(): void {
    const texts = this.#texts;
    const native = Function.prototype.toString;
    const proxy = new Proxy(native, {
      apply: (target, self: unknown, parameters: []) => {
        const text = Reflect.apply(target, self, parameters);
        return text.includes(timerName) ? originalText(text, texts) : text;
      },
    });
    Object.defineProperty(Function.prototype, 'toString', { value: proxy, writable: true, configurable: true });
  }
}

function originalText(text: string, texts: readonly InstrumentedText[]): string {
  for (const { code, original, edits } of texts) {
    const start = code.indexOf(text);
    if (start >= 0) return original.slice(edits.originalOffset(start), edits.originalOffset(start + text.length));
  }
  return text;
}
