/** Analysis of the tests in one language: focused and skipped tests, and routines with assertions. */
import type { Facts } from '../../../../detection/extract/facts.ts';
import type { StackId } from '../../../repository/repository.ts';

export interface TestSource {
  /** Relative to the workspace. */
  readonly file: string;
  readonly text: string;
  /** Facts of the detection pipeline, if it supports the language. */
  readonly facts?: Facts;
}

/** `sometimes`: skipped conditionally or by a running test. */
export type TestMarkKind = 'focused' | 'skipped' | 'sometimes';

export interface TestMark {
  readonly kind: TestMarkKind;
  readonly line: number;
  /** Mark as written, such as `it.only`. */
  readonly label: string;
}

/** A test, or a function that tests call. */
export interface TestRoutine {
  readonly name: string;
  readonly line: number;
  /** Is run directly by a test runner and not skipped. */
  readonly isTest: boolean;
  /** Contains an assertion. Unclear cases count as assertions. */
  readonly asserts: boolean;
  /** Names of called functions, without the object they belong to. */
  readonly calls: ReadonlySet<string>;
}

export interface TestDialect {
  readonly id: string;
  readonly stack: StackId;
  readonly extensions: readonly string[];
  /** Matches texts that contain a test, but not those of mere test helpers. */
  readonly testPattern: RegExp;
  /** Tests may be in the same file as the tested code, so all files must be searched. */
  readonly inline?: true;
  findMarks(source: TestSource): TestMark[];
  findRoutines(source: TestSource): TestRoutine[];
}

/** Matches names of functions that assert or report a failure. */
export const assertion =
  /assert|expect|should|raises|throws|rejects|verif|snapshot|^(?:check|ensure|must|fail|equals?|same|strictequal|notequal|deepequal|match|validate|compare|warns|satisf)/i;
