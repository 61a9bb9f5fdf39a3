import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { ExactTarget } from '../../protocol/control.ts';
import { cleanText, maxNameLength } from '../record/clean-text.ts';
import type { FoundFunction } from './syntax/found-function.ts';

/** A function of the user's source with all names under which a report may show it. */
export interface NamedFunction {
  readonly names: ReadonlySet<string>;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly kind: FoundFunction['kind'];
  readonly problem?: string;
}

/** Finds the functions that are to be timed exactly. */
export class TargetMatcher {
  readonly #targets = new Map<string, ExactTarget[]>();
  readonly #realPaths = new Map<string, string>();

  constructor(targets: readonly ExactTarget[]) {
    for (const target of targets) {
      const path = this.#realPathOf(target.file);
      const targetsOfFile = this.#targets.get(path) ?? [];
      targetsOfFile.push(target);
      this.#targets.set(path, targetsOfFile);
    }
  }

  /** Returns the targets in a source file. */
  targetsIn(file: string): readonly ExactTarget[] {
    return this.#targets.get(this.#realPathOf(file)) ?? [];
  }

  /** Returns true if a target in a file may be a function without a name in the code, which reports name after its use. */
  hasUnnamedIn(file: string): boolean {
    return this.targetsIn(file).some(({ name = '' }) => /[ [.]/.test(name));
  }

  /** Returns the targets that a function is. */
  targetsOf(candidate: NamedFunction): readonly ExactTarget[] {
    return this.targetsIn(candidate.file).filter((target) => isMatch(target, candidate));
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
}

/** Returns every name that a report may have for a function; `shownNames` are those that its row may have. */
export function reportedNames(
  shownNames: readonly string[],
  described: FoundFunction,
  file: string,
  line: number,
): ReadonlySet<string> {
  const names = [...shownNames, described.name, described.inspectorName, ...described.otherNames];
  const lastParts = names.map((name) => name.split('.').at(-1) ?? '');
  // Only accessors have a space in their name that is not part of a property name.
  const properties = lastParts.map((name) => name.replace(/^(?:get|set) /, ''));
  const isAnonymous = shownNames.includes('') || described.inspectorName === '';
  const anonymous = isAnonymous ? [anonymousName(file, line), '(anonymous)'] : [];
  const all = [...names, ...lastParts, ...properties, ...anonymous];
  return new Set(all.filter(Boolean).map((name) => cleanText(name, maxNameLength) ?? name));
}

/** Returns the name that a report shows for a function without a name. */
export function anonymousName(file: string, line: number): string {
  return `(anonymous ${basename(file)}:${line})`;
}

/** Returns true if the function is the target. */
export function isMatch({ name, line }: ExactTarget, candidate: NamedFunction): boolean {
  // A number can also be the name of a property.
  if (name === undefined && line !== undefined) return line === candidate.line || candidate.names.has(String(line));
  if (name === undefined) return candidate.kind === 'function';
  if (line !== undefined && line !== candidate.line) return false;
  if (candidate.names.has(name)) return true;
  // Reports append the place if two functions have the same name.
  const place = ` (${basename(candidate.file)}:${candidate.line})`;
  return name.endsWith(place) && candidate.names.has(name.slice(0, -place.length));
}
