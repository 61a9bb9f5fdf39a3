import { maxBatchNotices } from '../../protocol/batch/limits.ts';

/** Notices for the user that wait for the next batch. Each is sent once. */
export class NoticeQueue {
  readonly #all = new Set<string>();
  #unsent: string[] = [];

  /** Adds a notice unless it was added before. */
  add(notice: string): void {
    if (this.#all.has(notice) || this.#all.size >= maxBatchNotices) return;
    this.#all.add(notice);
    this.#unsent.push(notice);
  }

  /** Returns the notices since the previous call. */
  drain(): readonly string[] {
    const notices = this.#unsent;
    if (notices.length > 0) this.#unsent = [];
    return notices;
  }
}
