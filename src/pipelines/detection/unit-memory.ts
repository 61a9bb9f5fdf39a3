/** Keeps the facts that an update has read for the next one, because most changes of a file affect the same others. */
import type { Facts } from './extract/facts.ts';
import { FileUnit } from './resolve/file-unit.ts';
import type { FileRow } from './result-index.ts';

/** Maximum length of all these facts as JSON. In memory, they need several times as much. */
const maxBytes = 10e6;

export class UnitMemory {
  readonly #units = new Map<string, { readonly facts: FileRow['facts']; readonly unit: FileUnit }>();
  #bytes = 0;

  /** Returns a file, or undefined if it has no facts. Facts at the same place as before are not read again. */
  get({ name, facts }: FileRow, read: () => Facts | undefined): FileUnit | undefined {
    if (!facts) return undefined;
    const previous = this.#units.get(name);
    if (previous && String(previous.facts?.segment) === String(facts.segment)) return previous.unit;
    const content = read();
    if (!content) return undefined;
    const unit = new FileUnit(name, content);
    this.#bytes += facts.segment[1] - (previous?.facts?.segment[1] ?? 0);
    if (this.#bytes > maxBytes) {
      this.#units.clear();
      this.#bytes = facts.segment[1];
    }
    this.#units.set(name, { facts, unit });
    return unit;
  }
}
