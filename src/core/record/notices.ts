/** Sentences for the user about what could not be measured, and why: each once, within a limit of number and size. */

/** Maximum number of distinct notices. */
const maxNotices = 100;
/** Maximum length of all notices together, in UTF-16 code units. */
const maxTotalLength = 64 * 1024;

export class Notices {
  readonly #notices = new Set<string>();
  #length = 0;
  #omitted = 0;

  /** Returns the number of notices for which there is no room. */
  add(notices: readonly string[] = []): number {
    const omittedBefore = this.#omitted;
    for (const notice of notices) {
      if (this.#notices.has(notice)) continue;
      if (this.#notices.size >= maxNotices || this.#length + notice.length > maxTotalLength) {
        this.#omitted++;
        continue;
      }
      this.#notices.add(notice);
      this.#length += notice.length;
    }
    return this.#omitted - omittedBefore;
  }

  /** Returns the notices in the order in which they arrived. The last one counts those left out, if any. */
  list(): readonly string[] {
    const omitted = this.#omitted > 0 ? [`${this.#omitted.toLocaleString('en')} further notices are not shown.`] : [];
    return [...this.#notices, ...omitted];
  }
}
