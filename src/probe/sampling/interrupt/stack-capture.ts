import { createContext, runInContext } from 'node:vm';

/** Deepest stacks that are captured. Of deeper ones, the outermost frames are missing. */
export const maxFrames = 128;
/** Maximum number of code positions with their own number; functions at further ones share number 0. */
const maxPositions = 50_000;

/** The methods of V8's `CallSite` that are called; some are missing in the types of Node. */
interface Frame {
  getFunctionName(): string | null;
  getScriptNameOrSourceURL(): string | null;
  getPosition(): number;
  getLineNumber(): number | null;
  getEnclosingLineNumber(): number | null;
  getEnclosingColumnNumber(): number | null;
  isAsync(): boolean;
}

/**
 * Position in running code: its number, function name, script, and one-based lines and column: those where the function
 * begins, and the line that runs.
 */
export type CapturedPosition = readonly [
  number: number,
  name: string,
  script: string,
  functionLine: number,
  functionColumn: number,
  line: number,
];

/** A captured stack, which `StackCapture` returns as JSON. */
export interface CapturedStack {
  /** Numbers of the positions on the stack, the innermost first. */
  readonly stack: readonly number[];
  /** Positions whose numbers were not used before. */
  readonly positions: readonly CapturedPosition[];
  /** Time that the capture took. */
  readonly costMs: number;
}

interface Realm {
  readonly capture: (target: object) => void;
  readonly createObject: () => { readonly stack?: unknown };
}

/**
 * Captures the stack of the program that an inspector request has interrupted. Stack traces are made in a context of their
 * own: there, programs cannot replace `Error.prepareStackTrace`, and nothing that they see changes.
 */
export class StackCapture {
  readonly #now = performance.now.bind(performance);
  readonly #stringify = JSON.stringify;
  readonly #scripts = new Map<string, Map<number | string, number>>();
  #realm: Realm | undefined;
  #count = 0;

  /** Returns a `CapturedStack` as JSON text. */
  capture(): string {
    const startMs = this.#now();
    this.#realm ??= createRealm();
    const target = this.#realm.createObject();
    this.#realm.capture(target);
    const frames = Array.isArray(target.stack) ? (target.stack as readonly Frame[]) : [];
    const positions: CapturedPosition[] = [];
    const stack: number[] = [];
    // The innermost frames are those of this class and of the request.
    for (let index = ownFrames; index < frames.length; index++) {
      const frame = frames[index] as Frame;
      // Functions that wait for the one that runs are not on the stack.
      if (frame.isAsync()) break;
      stack.push(this.#numberOf(frame, positions));
    }
    return this.#stringify({ stack, positions, costMs: this.#now() - startMs });
  }

  #numberOf(frame: Frame, added: CapturedPosition[]): number {
    const script = frame.getScriptNameOrSourceURL() ?? '';
    let numbers = this.#scripts.get(script);
    if (!numbers) {
      numbers = new Map();
      this.#scripts.set(script, numbers);
    }
    const key = isFile(script) ? frame.getPosition() : `${frame.getPosition()} ${frame.getFunctionName()}`;
    const existing = numbers.get(key);
    if (existing !== undefined) return existing;
    if (this.#count >= maxPositions) return 0;
    const number = ++this.#count;
    numbers.set(key, number);
    added.push([
      number,
      frame.getFunctionName() ?? '',
      script,
      frame.getEnclosingLineNumber() ?? 0,
      frame.getEnclosingColumnNumber() ?? 0,
      frame.getLineNumber() ?? 0,
    ]);
    return number;
  }
}

/** Frames of `StackCapture.capture`, of the method of the agent that calls it, and of the request itself. */
const ownFrames = 3;

/** Returns false for code without a name of its own, such as that of `eval`. Its positions are not unique. */
function isFile(script: string): boolean {
  return script.startsWith('/') || script.includes(':') || script.includes('\\');
}

function createRealm(): Realm {
  const context = createContext(Object.create(null));
  const realm: Realm = runInContext(
    `Error.prepareStackTrace = (error, frames) => frames; Error.stackTraceLimit = ${maxFrames + ownFrames};
    ({ capture: Error.captureStackTrace, createObject: () => ({}) })`,
    context,
    // Without a name, because debuggers list scripts.
    { filename: '' },
  );
  return realm;
}
