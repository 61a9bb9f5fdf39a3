/** Anchors of lenses to lines: they reserve a line once shown, follow edits and persist between sessions. */
import { createHash } from 'node:crypto';
import { staleText } from './lens-text.ts';
import { type Edit, findBodyEnd, findNearestLine, indentOf, shiftLine } from './line-tracking.ts';
import { fileKey, type LensCandidate } from './select-lenses.ts';

export interface LensAnchor {
  readonly path: string;
  readonly key: string;
  readonly pipeline: string;
  /** Current line of the declaration, from 0. */
  readonly line: number;
  /** Line that the latest run reported. */
  readonly sourceLine: number;
  /** Trimmed text of the declaration; undefined until the file was opened in an editor. */
  readonly anchor?: string;
  /** Digest of the measured text: the function's body, or the whole file. */
  readonly body?: string;
  /** True if the declaration was deleted. Undo may bring it back. */
  readonly isGone: boolean;
  /** True if the text has changed since it was measured. */
  readonly isEdited: boolean;
  /** True if the latest run of the pipeline did not report it. */
  readonly isOutdated: boolean;
  readonly weightNs: number;
  /** Ranges from 0 to 1. */
  readonly heat: number;
  readonly text: string;
  readonly tooltip: string;
}

export interface AnchorUpdateOptions {
  /** While a pipeline runs, visible files get no new lenses, so that their text does not move. */
  readonly isRunning: boolean;
  readonly maxPerFile: number;
  isOnScreen(path: string): boolean;
  /** Returns true if the file has changes that the run could not measure. */
  isUnsaved(path: string): boolean;
}

/** Maximum number of files with anchors. The slowest files are kept. */
const maxFiles = 2000;

export class LensAnchors {
  readonly #byPath = new Map<string, readonly LensAnchor[]>();

  /** @param stored value of `stored` in an earlier session; invalid anchors are ignored */
  constructor(stored?: unknown) {
    for (const anchor of Array.isArray(stored) ? stored.filter(isLensAnchor) : []) {
      this.#byPath.set(anchor.path, [...(this.#byPath.get(anchor.path) ?? []), anchor]);
    }
  }

  /** All anchors, in a form that can be stored. */
  get stored(): readonly LensAnchor[] {
    return [...this.#byPath.values()].flat();
  }

  /** Returns true if a file has anchors, visible or not. */
  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** Returns the anchors to show in a file, by line. */
  visibleIn(path: string): readonly LensAnchor[] {
    return (this.#byPath.get(path) ?? []).filter((anchor) => !anchor.isGone);
  }

  clear(): void {
    this.#byPath.clear();
  }

  /** Applies the latest numbers of a pipeline. */
  update(pipeline: string, candidates: readonly LensCandidate[], options: AnchorUpdateOptions): void {
    const { isRunning, maxPerFile } = options;
    const fresh = Map.groupBy(candidates, (candidate) => candidate.path);
    for (const path of new Set([...this.#byPath.keys(), ...fresh.keys()])) {
      const anchors = merge(this.#byPath.get(path) ?? [], pipeline, fresh.get(path) ?? [], {
        isRunning,
        maxPerFile,
        canGrow: !(isRunning && options.isOnScreen(path)),
        isUnsaved: options.isUnsaved(path),
      });
      if (anchors.length > 0) this.#byPath.set(path, anchors);
      else this.#byPath.delete(path);
    }
    this.#dropFastestFiles();
  }

  /**
   * Moves anchors along with edits of a file.
   * @param edits in the order in which the editor reported them
   * @param lines of the file after all edits
   */
  edit(path: string, edits: readonly Edit[], lines: readonly string[]): void {
    this.#replace(path, lines, (anchor) => edits.reduce((moved, edit) => applyEdit(moved, edit, lines), anchor));
  }

  /** Finds the declarations again after a file was opened or changed by another program. */
  settle(path: string, lines: readonly string[]): void {
    this.#replace(path, lines, (anchor) => anchor);
  }

  #replace(path: string, lines: readonly string[], move: (anchor: LensAnchor) => LensAnchor): void {
    const anchors = this.#byPath.get(path);
    if (!anchors) return;
    this.#byPath.set(
      path,
      anchors.map((anchor) => reanchor(move(anchor), lines)),
    );
  }

  #dropFastestFiles(): void {
    if (this.#byPath.size <= maxFiles) return;
    const slowestNs = (path: string) => Math.max(...(this.#byPath.get(path) ?? []).map(({ weightNs }) => weightNs));
    const paths = [...this.#byPath.keys()].sort((a, b) => slowestNs(b) - slowestNs(a));
    for (const path of paths.slice(maxFiles)) this.#byPath.delete(path);
  }
}

/** Returns the text of the lens, in parentheses if the file was edited or a newer run did not report the function. */
export function anchorText({ text, isEdited, isOutdated }: LensAnchor): string {
  if (isEdited) return staleText(text, 'edited');
  return isOutdated ? staleText(text, 'earlier run') : text;
}

interface MergeOptions {
  readonly isRunning: boolean;
  readonly canGrow: boolean;
  readonly maxPerFile: number;
  readonly isUnsaved: boolean;
}

function merge(
  anchors: readonly LensAnchor[],
  pipeline: string,
  candidates: readonly LensCandidate[],
  options: MergeOptions,
): readonly LensAnchor[] {
  const byKey = new Map(candidates.map((candidate) => [candidate.key, candidate]));
  const updated = anchors.map((anchor) => {
    const candidate = byKey.get(anchor.key);
    if (candidate && isUpdatedBy(anchor, pipeline)) return updateAnchor(anchor, candidate, options.isUnsaved);
    return anchor.pipeline !== pipeline || options.isRunning ? anchor : { ...anchor, isOutdated: true };
  });
  if (!options.canGrow) return updated;
  const anchored = new Set(updated.filter((anchor) => anchor.pipeline === pipeline).map(({ key }) => key));
  const added = candidates.filter(({ isSlowEnough, key }) => isSlowEnough && !anchored.has(key)).map(createAnchor);
  return [...updated, ...added]
    .sort((a, b) => rank(a) - rank(b) || b.weightNs - a.weightNs)
    .slice(0, options.maxPerFile)
    .sort((a, b) => a.line - b.line || rank(a) - rank(b));
}

/** A function has one anchor, which any pipeline updates. The first line of a file has one anchor per pipeline. */
function isUpdatedBy(anchor: LensAnchor, pipeline: string): boolean {
  return anchor.pipeline === pipeline || anchor.key !== fileKey;
}

/** Returns the priority of an anchor if a file has too many: its first line, then functions of the latest run. */
function rank(anchor: LensAnchor): number {
  if (anchor.key === fileKey) return 0;
  return anchor.isOutdated ? 2 : 1;
}

function createAnchor(candidate: LensCandidate): LensAnchor {
  const { isSlowEnough: _, ...rest } = candidate;
  return { ...rest, sourceLine: candidate.line, isGone: false, isEdited: false, isOutdated: false };
}

/** Updates the numbers. Moves the anchor only if the run reports another line than the previous run. */
function updateAnchor(anchor: LensAnchor, candidate: LensCandidate, isUnsaved: boolean): LensAnchor {
  const { pipeline, text, tooltip, weightNs, heat, line } = candidate;
  const updated = { ...anchor, pipeline, text, tooltip, weightNs, heat, isOutdated: false };
  if (isUnsaved) return updated;
  const { body: _, ...measured } = updated;
  if (line === anchor.sourceLine) return { ...measured, isEdited: false };
  const { anchor: __, ...moved } = measured;
  return { ...moved, line, sourceLine: line, isGone: false, isEdited: false };
}

function applyEdit(anchor: LensAnchor, edit: Edit, lines: readonly string[]): LensAnchor {
  if (anchor.key === fileKey || anchor.isGone) return anchor;
  const line = shiftLine(anchor.line, indentOf(lines[anchor.line] ?? ''), edit);
  return line === undefined ? { ...anchor, isGone: true } : { ...anchor, line };
}

/** Moves an anchor to the line with the text of its declaration, and checks whether the measured body has changed. */
function reanchor(anchor: LensAnchor, lines: readonly string[]): LensAnchor {
  if (anchor.key === fileKey) return compareDigest(anchor, lines);
  const current = anchor.isGone ? '' : (lines[anchor.line]?.trim() ?? '');
  const declaration = anchor.anchor ?? current;
  const line = current === declaration ? anchor.line : findNearestLine(lines, declaration, anchor.line);
  if (declaration === '' || (line === undefined && current === '')) return { ...anchor, isGone: true };
  // If the text was not found, the declaration itself was edited in place: from now on, look for its new text.
  const placed =
    line === undefined ? { ...anchor, anchor: current } : { ...anchor, anchor: declaration, line, isGone: false };
  return compareDigest(placed, lines.slice(placed.line, findBodyEnd(lines, placed.line) + 1));
}

function compareDigest(anchor: LensAnchor, lines: readonly string[]): LensAnchor {
  const digest = createHash('sha1')
    .update(lines.map((line) => line.trim()).join('\n'))
    .digest('base64url');
  return { ...anchor, body: anchor.body ?? digest, isEdited: anchor.body !== undefined && anchor.body !== digest };
}

function isLensAnchor(value: unknown): value is LensAnchor {
  const anchor = value as Partial<LensAnchor> | null;
  return (
    typeof anchor === 'object' &&
    anchor !== null &&
    [anchor.path, anchor.key, anchor.pipeline, anchor.text, anchor.tooltip].every((text) => typeof text === 'string') &&
    [anchor.line, anchor.sourceLine].every((line) => Number.isSafeInteger(line)) &&
    typeof anchor.weightNs === 'number' &&
    typeof anchor.heat === 'number' &&
    [anchor.isGone, anchor.isEdited, anchor.isOutdated].every((flag) => typeof flag === 'boolean')
  );
}
