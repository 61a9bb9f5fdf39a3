/** How tests are written in a language: what is focused or skipped, and which routines assert something. */
import type { Facts } from '../../../../detection/extract/facts.ts';
import type { StackId } from '../../../repository/repository.ts';

export interface TestSource {
  /** Relative to the workspace. */
  readonly file: string;
  readonly text: string;
  /** Of the languages whose calls are found. */
  readonly facts?: Facts;
}

/** `sometimes`: skipped on a condition, or while it runs. */
export type MarkKind = 'focused' | 'skipped' | 'sometimes';

export interface Mark {
  readonly kind: MarkKind;
  readonly line: number;
  /** As written, such as `it.only`. */
  readonly words: string;
}

/** A test, or what tests call. */
export interface Routine {
  readonly name: string;
  readonly line: number;
  /** A runner runs it by itself, and it is not skipped. */
  readonly test: boolean;
  /** It asserts something, or may: what cannot be told counts as an assertion. */
  readonly asserts: boolean;
  /** Names that it calls, without what stands before a dot. */
  readonly calls: ReadonlySet<string>;
}

export interface Dialect {
  readonly id: string;
  readonly stack: StackId;
  readonly extensions: readonly string[];
  /** Fits a text that has a test in it, and no text that only helps tests. */
  readonly holds: RegExp;
  /** Tests stand beside the code that they test, so every file is looked at. */
  readonly inline?: true;
  marks(source: TestSource): Mark[];
  routines(source: TestSource): Routine[];
}

/** By its name, a routine that asserts or that tells of a failure. */
export const assertion =
  /assert|expect|should|raises|throws|rejects|verif|snapshot|^(?:check|ensure|must|fail|equals?|same|strictequal|notequal|deepequal|match|validate|compare|warns|satisf)/i;
