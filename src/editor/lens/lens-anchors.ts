/** Remembers the lines that lenses stand on: reserved once shown, carried along by edits, kept between sessions. */
import { createHash } from 'node:crypto';
import { staleText } from './lens-text.ts';
import { bodyEnd, type Edit, indentOf, nearestLine, shiftLine } from './line-tracking.ts';
import { type Choice, fileKey } from './select-lenses.ts';

export interface Mark {
  readonly path: string;
  readonly key: string;
  readonly pipeline: string;
  /** From 0, where the declaration is now. */
  readonly line: number;
  /** The line that the newest run named. */
  readonly sourceLine: number;
  /** Trimmed text of the declaration, once the file was seen in an editor. */
  readonly anchor?: string;
  /** Digest of what was measured: the body, or the whole file. */
  readonly body?: string;
  /** The declaration is gone from the text; it may come back by an undo. */
  readonly gone: boolean;
  /** The text is another than the one measured. */
  readonly edited: boolean;
  /** Not seen in the newest run of its pipeline. */
  readonly earlier: boolean;
  readonly weightNs: number;
  /** From 0 to 1. */
  readonly warmth: number;
  readonly text: string;
  readonly tooltip: string;
}

export interface UpdateOptions {
  /** While it runs no text moves: a file on screen gets no new line. */
  readonly running: boolean;
  readonly mostPerFile: number;
  onScreen(path: string): boolean;
  /** Has changes that a run did not see. */
  unsaved(path: string): boolean;
}

/** Files remembered at most; the slowest stay. */
const mostFiles = 2000;

export class Marks {
  readonly #byPath = new Map<string, readonly Mark[]>();

  /** Reads what `stored` gave; what is no mark is left out. */
  constructor(stored?: unknown) {
    for (const mark of Array.isArray(stored) ? stored.filter(isMark) : []) {
      this.#byPath.set(mark.path, [...(this.#byPath.get(mark.path) ?? []), mark]);
    }
  }

  get stored(): readonly Mark[] {
    return [...this.#byPath.values()].flat();
  }

  /** True when a file has marks, shown or gone. */
  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** Marks to show in a file, from its head down. */
  of(path: string): readonly Mark[] {
    return (this.#byPath.get(path) ?? []).filter((mark) => !mark.gone);
  }

  clear(): void {
    this.#byPath.clear();
  }

  /** Takes the newest numbers of one pipeline. */
  update(pipeline: string, choices: readonly Choice[], options: UpdateOptions): void {
    const fresh = Map.groupBy(choices, (choice) => choice.path);
    for (const path of new Set([...this.#byPath.keys(), ...fresh.keys()])) {
      const marks = merge(this.#byPath.get(path) ?? [], pipeline, fresh.get(path) ?? [], {
        running: options.running,
        mostPerFile: options.mostPerFile,
        mayGrow: !(options.running && options.onScreen(path)),
        unsaved: options.unsaved(path),
      });
      if (marks.length > 0) this.#byPath.set(path, marks);
      else this.#byPath.delete(path);
    }
    this.#forget();
  }

  /** Follows edits of a file, in the order told; `lines` are those after all of them. */
  edit(path: string, edits: readonly Edit[], lines: readonly string[]): void {
    this.#replace(path, lines, (mark) => edits.reduce((moved, edit) => follow(moved, edit, lines), mark));
  }

  /** Finds the declarations in a file that was opened, or changed by another program. */
  settle(path: string, lines: readonly string[]): void {
    this.#replace(path, lines, (mark) => mark);
  }

  #replace(path: string, lines: readonly string[], change: (mark: Mark) => Mark): void {
    const marks = this.#byPath.get(path);
    if (marks) {
      this.#byPath.set(
        path,
        marks.map((mark) => anchored(change(mark), lines)),
      );
    }
  }

  #forget(): void {
    if (this.#byPath.size <= mostFiles) return;
    const slowest = (path: string) => Math.max(...(this.#byPath.get(path) ?? []).map((mark) => mark.weightNs));
    const paths = [...this.#byPath.keys()].sort((a, b) => slowest(b) - slowest(a));
    for (const path of paths.slice(mostFiles)) this.#byPath.delete(path);
  }
}

/** What the lens of a mark says: bracketed when its text or its run is no longer the newest. */
export function markText(mark: Mark): string {
  if (mark.edited) return staleText(mark.text, 'edited');
  return mark.earlier ? staleText(mark.text, 'earlier run') : mark.text;
}

interface MergeOptions {
  readonly running: boolean;
  readonly mayGrow: boolean;
  readonly mostPerFile: number;
  readonly unsaved: boolean;
}

function merge(
  old: readonly Mark[],
  pipeline: string,
  choices: readonly Choice[],
  options: MergeOptions,
): readonly Mark[] {
  const fresh = new Map(choices.map((choice) => [choice.key, choice]));
  const kept = old.map((mark) => {
    const choice = fresh.get(mark.key);
    if (choice && tellsOf(mark, pipeline)) return renewed(mark, choice, options.unsaved);
    return mark.pipeline !== pipeline || options.running ? mark : { ...mark, earlier: true };
  });
  if (!options.mayGrow) return kept;
  const known = new Set(kept.filter((mark) => mark.pipeline === pipeline).map((mark) => mark.key));
  const added = choices.filter((choice) => choice.worthy && !known.has(choice.key)).map(created);
  return [...kept, ...added]
    .sort((a, b) => rank(a) - rank(b) || b.weightNs - a.weightNs)
    .slice(0, options.mostPerFile)
    .sort((a, b) => a.line - b.line || rank(a) - rank(b));
}

/** A function has one line, whichever program told of it last; the head of a file has one for each pipeline. */
function tellsOf(mark: Mark, pipeline: string): boolean {
  return mark.pipeline === pipeline || mark.key !== fileKey;
}

/** Who stays when a file has too many: its head, then what the newest run saw. */
function rank(mark: Mark): number {
  if (mark.key === fileKey) return 0;
  return mark.earlier ? 2 : 1;
}

function created(choice: Choice): Mark {
  const { worthy: _, ...rest } = choice;
  return { ...rest, sourceLine: choice.line, gone: false, edited: false, earlier: false };
}

/** A run that names the same line as the last one leaves the mark where edits have carried it. */
function renewed(mark: Mark, choice: Choice, unsaved: boolean): Mark {
  const { pipeline, text, tooltip, weightNs, warmth } = choice;
  const numbers = { ...mark, pipeline, text, tooltip, weightNs, warmth, earlier: false };
  if (unsaved) return numbers;
  const { body: _, ...measured } = numbers;
  if (choice.line === mark.sourceLine) return { ...measured, edited: false };
  const { anchor: __, ...elsewhere } = measured;
  return { ...elsewhere, line: choice.line, sourceLine: choice.line, gone: false, edited: false };
}

function follow(mark: Mark, edit: Edit, lines: readonly string[]): Mark {
  if (mark.key === fileKey || mark.gone) return mark;
  const line = shiftLine(mark.line, indentOf(lines[mark.line] ?? ''), edit);
  return line === undefined ? { ...mark, gone: true } : { ...mark, line };
}

/** Holds a mark to the text of its declaration, and tells whether its body is still the one measured. */
function anchored(mark: Mark, lines: readonly string[]): Mark {
  if (mark.key === fileKey) return compared(mark, lines);
  const here = mark.gone ? '' : (lines[mark.line]?.trim() ?? '');
  const anchor = mark.anchor ?? here;
  const line = here === anchor ? mark.line : nearestLine(lines, anchor, mark.line);
  if (anchor === '' || (line === undefined && here === '')) return { ...mark, gone: true };
  // The declaration itself was changed where it stands: its new text is what is looked for from now on.
  const placed = line === undefined ? { ...mark, anchor: here } : { ...mark, anchor, line, gone: false };
  return compared(placed, lines.slice(placed.line, bodyEnd(lines, placed.line) + 1));
}

function compared(mark: Mark, lines: readonly string[]): Mark {
  const digest = createHash('sha1')
    .update(lines.map((line) => line.trim()).join('\n'))
    .digest('base64url');
  return { ...mark, body: mark.body ?? digest, edited: mark.body !== undefined && mark.body !== digest };
}

function isMark(value: unknown): value is Mark {
  const mark = value as Partial<Mark> | null;
  return (
    typeof mark === 'object' &&
    mark !== null &&
    [mark.path, mark.key, mark.pipeline, mark.text, mark.tooltip].every((text) => typeof text === 'string') &&
    [mark.line, mark.sourceLine].every((line) => Number.isSafeInteger(line)) &&
    typeof mark.weightNs === 'number' &&
    typeof mark.warmth === 'number' &&
    [mark.gone, mark.edited, mark.earlier].every((flag) => typeof flag === 'boolean')
  );
}
