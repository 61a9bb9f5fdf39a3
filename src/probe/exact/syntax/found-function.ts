/** A function in the text that is being instrumented, or other code that the inspector reports like one. */
export interface FoundFunction {
  readonly name: string;
  /** Name that the inspector reports; empty if the function is anonymous. */
  readonly inspectorName: string;
  readonly otherNames: readonly string[];
  /** Position of the parameter list, as in the inspector; line and column count from 0. */
  readonly line: number;
  readonly column: number;
  /** Code other than functions is timed only if it is requested by name or line. */
  readonly kind: 'function' | 'initializer' | 'top level';
  /** Reason why it cannot be instrumented; its row is ignored then. */
  readonly problem?: string;
}

/** Returns the row of a function's counters, or undefined to leave the function as it is. */
export type RegisterFunction = (candidate: FoundFunction) => number | undefined;
