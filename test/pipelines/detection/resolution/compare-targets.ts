/** Compares targets that detection reports with the true ones. */
import { strict as assert } from 'node:assert';

export type Verdict = 'right' | 'wrong' | 'missed';

/** Counts verdicts on calls. */
export class TargetScore {
  readonly #counts: Record<Verdict, number> = { right: 0, wrong: 0, missed: 0 };
  /** Correct targets of calls that no target was required for. */
  #extra = 0;
  readonly #problems: string[] = [];

  /** @param isRequired false if the call does not lead to a definition of the project, so that it needs no target */
  add(verdict: Verdict, text: string, isRequired = true): void {
    if (!isRequired && verdict === 'right') this.#extra++;
    else if (isRequired || verdict === 'wrong') this.#counts[verdict]++;
    if (!isRequired && verdict === 'wrong') this.#external++;
    if (verdict !== 'right' && (isRequired || verdict === 'wrong')) this.#problems.push(`${verdict}: ${text}`);
  }
  /** Wrong targets of calls that need no target. */
  #external = 0;

  /** Number of calls that need a target. */
  get required(): number {
    const { right, wrong, missed } = this.#counts;
    return right + wrong + missed - this.#external;
  }

  get recall(): number {
    return this.#counts.right / this.required;
  }

  get precision(): number {
    const right = this.#counts.right + this.#extra;
    return right / (right + this.#counts.wrong);
  }

  assertAtLeast({ recall, precision }: { readonly recall: number; readonly precision: number }): void {
    assert.ok(this.recall >= recall, `recall: ${this}`);
    assert.ok(this.precision >= precision, `precision: ${this}`);
  }

  toString(): string {
    const wrong = this.#problems.toSorted((a, b) => (a < b ? 1 : -1));
    const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
    return [
      `recall ${percent(this.recall)} and precision ${percent(this.precision)} of ${this.required} calls`,
      ...wrong.slice(0, 40),
    ].join('\n');
  }
}
