import { createContext, runInContext } from 'node:vm';
import { type LoopTurn, TurnReader } from '../turns/turn-reader.ts';

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
  getColumnNumber(): number | null;
  getEnclosingLineNumber(): number | null;
  getEnclosingColumnNumber(): number | null;
  isAsync(): boolean;
}

/**
 * Position in running code: its number, function name, script, and one-based lines and column: those where the function
 * begins, and those that run.
 */
export type CapturedPosition = readonly [
  number: number,
  name: string,
  script: string,
  functionLine: number,
  functionColumn: number,
  line: number,
  column: number,
];

/** A captured stack, which `StackCapture` returns as JSON. */
export interface CapturedStack {
  /** Numbers of the positions on the stack, the innermost first. */
  readonly stack: readonly number[];
  /** Positions whose numbers were not used before. */
  readonly positions: readonly CapturedPosition[];
  /** Turn of the event loop in which the stack was captured. */
  readonly turn: LoopTurn;
  /** Time that the capture took. */
  readonly costMs: number;
}

/** Positions of one script that have a number. */
interface ScriptNumbers {
  readonly numbers: Map<number | string, number>;
  readonly isFile: boolean;
}

/** Functions of another context, whose objects have methods that programs cannot replace. */
interface Realm {
  readonly capture: (target: object) => void;
  readonly createObject: () => { readonly stack?: unknown };
  readonly createList: <T>() => T[];
  readonly createMap: <Key, Value>() => Map<Key, Value>;
  /** Returns false for code without a name of its own, such as that of `eval`. Its positions are not unique. */
  readonly isFile: (script: string) => boolean;
  readonly toText: (captured: CapturedStack) => string;
}

/**
 * Captures the stack of the program that an inspector request has interrupted. Stack traces are made in a context of their
 * own: there, programs cannot replace `Error.prepareStackTrace`, and nothing that they see changes. The lists and maps used
 * here are of that context too, because programs replace methods such as `Map.prototype.get`.
 */
export class StackCapture {
  readonly #now = performance.now.bind(performance);
  readonly #turns = new TurnReader();
  /** Created late, because many programs end before they are sampled. */
  #state: { readonly realm: Realm; readonly scripts: Map<string, ScriptNumbers> } | undefined;
  #count = 0;

  /** Returns a `CapturedStack` as JSON text. */
  capture(): string {
    const startMs = this.#now();
    const { realm } = this.#ready();
    const target = realm.createObject();
    realm.capture(target);
    const frames = (target.stack ?? realm.createList()) as readonly Frame[];
    const positions = realm.createList<CapturedPosition>();
    const stack = realm.createList<number>();
    let isMainScript = false;
    // The innermost frames are those of this class and of the request.
    for (let index = ownFrames; index < frames.length; index++) {
      const frame = frames[index] as Frame;
      const script = frame.getScriptNameOrSourceURL() ?? '';
      isMainScript ||= script === mainScriptRunner;
      // Functions that wait for the one that runs are not on the stack.
      if (!frame.isAsync()) stack.push(this.#numberOf(frame, script, positions));
    }
    const turn = this.#turns.read(isMainScript);
    return realm.toText({ stack, positions, turn, costMs: this.#now() - startMs });
  }

  /** Returns the turn of the event loop of this thread. */
  readTurn(): LoopTurn {
    return this.#turns.read(false);
  }

  #ready(): { readonly realm: Realm; readonly scripts: Map<string, ScriptNumbers> } {
    if (!this.#state) {
      const realm = createRealm();
      this.#state = { realm, scripts: realm.createMap() };
    }
    return this.#state;
  }

  /** Leaves the thread as it was. */
  close(): void {
    this.#turns.close();
  }

  #numberOf(frame: Frame, script: string, added: CapturedPosition[]): number {
    const { realm, scripts } = this.#ready();
    let entry = scripts.get(script);
    if (!entry) {
      entry = { numbers: realm.createMap(), isFile: realm.isFile(script) };
      scripts.set(script, entry);
    }
    const key = entry.isFile ? frame.getPosition() : `${frame.getPosition()} ${frame.getFunctionName()}`;
    const existing = entry.numbers.get(key);
    if (existing !== undefined) return existing;
    if (this.#count >= maxPositions) return 0;
    const number = ++this.#count;
    entry.numbers.set(key, number);
    const position = realm.createList<CapturedPosition[number]>();
    position.push(
      number,
      frame.getFunctionName() ?? '',
      script,
      frame.getEnclosingLineNumber() ?? 0,
      frame.getEnclosingColumnNumber() ?? 0,
      frame.getLineNumber() ?? 0,
      frame.getColumnNumber() ?? 0,
    );
    added.push(position as unknown as CapturedPosition);
    return number;
  }
}

/** Frames of `StackCapture.capture`, of the method of the agent that calls it, and of the request itself. */
const ownFrames = 3;
/** Module of Node that is on the stack, or waits for it, while the main script of a thread runs for the first time. */
const mainScriptRunner = 'node:internal/modules/run_main';

function createRealm(): Realm {
  const context = createContext(Object.create(null));
  const realm: Realm = runInContext(
    `Error.prepareStackTrace = (error, frames) => frames; Error.stackTraceLimit = ${maxFrames + ownFrames};
    ({
      capture: Error.captureStackTrace, createObject: () => ({}), createList: () => [], createMap: () => new Map(),
      isFile: (script) => script.startsWith('/') || script.includes(':') || script.includes('\\\\'),
      toText: ({ stack, positions, turn: { atMs, turn, idleMs }, costMs }) =>
        JSON.stringify({ stack, positions, turn: { atMs, turn, idleMs }, costMs }),
    })`,
    context,
    // Without a name, because debuggers list scripts.
    { filename: '' },
  );
  return realm;
}
