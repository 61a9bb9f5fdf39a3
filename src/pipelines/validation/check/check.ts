/** Types of a check: its definition, the context it runs in, and the outcome it returns. */
import type {
  CheckResult,
  EvidenceKind,
  Finding,
  Remediation,
  Severity,
  SkipReason,
} from '../../../protocol/validation/validation.ts';
import type { Repository } from '../repository/repository.ts';

export type ProfileId = 'dev' | 'ci' | 'enterprise';

export interface Check {
  /** Upper case, such as `WS_GIT_HEAD`. */
  readonly id: string;
  /** Id of a row in `categories.ts` or of a custom category. */
  readonly category: string;
  /** Only a fatal check can fail. A problem found by a warning check is a warning; an info check still passes. */
  readonly severity: Severity;
  /** Smallest built-in profile that includes the check. */
  readonly minProfile: ProfileId;
  /** One line that says what the check verifies. */
  readonly title: string;
  readonly timeoutMs: number;
  /** `cheap` checks run in this process and must not block its event loop. `process` checks mostly wait for programs. */
  readonly lane: 'cheap' | 'process';
  /** Ids of checks that must not have failed; otherwise this check is skipped. */
  readonly dependsOn?: readonly string[];
  run(context: CheckContext): Promise<CheckOutcome>;
}

/** Everything a check has access to. */
export interface CheckContext {
  readonly repository: Repository;
  /** Aborted when the check times out or the run is stopped. */
  readonly signal: AbortSignal;
  readonly run: RunProgram;
  readonly cache: CheckCache;
  /** Folder outside the workspace for caches of tools. If undefined, tools run without a cache. */
  readonly toolCacheFolder?: string;
  /** Git ref to compare with. If undefined, checks use the merge base with the remote's main branch, if any. */
  readonly base?: string;
}

/**
 * Runs a program in the workspace, without a shell, and waits for its exit. Returns undefined if there is no such program.
 * Aborting the check's signal ends the whole process tree. Use `repository.tool(name)` to find tools of the workspace.
 */
export type RunProgram = (
  command: string,
  args: readonly string[],
  options?: ProgramOptions,
) => Promise<ProgramResult | undefined>;

export interface ProgramOptions {
  /** Relative to the workspace. */
  readonly cwd?: string;
  /** Variables to set in addition to the environment of this process, or to remove if they are undefined. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Maximum size of stdout and of stderr (default 64 kB). Only the end of a longer output is kept. */
  readonly maxBytes?: number;
  /** Time after which the program is ended (default: with the check). Its exit code is then that of the signal. */
  readonly timeoutMs?: number;
}

export interface ProgramResult {
  /** Exit code, or 128 + n if signal n ended the program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** At least one output exceeded `maxBytes`. */
  readonly isTruncated: boolean;
}

/** One program that a check ran, for the check's log. */
export interface ProgramCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Undefined if there is no such program. */
  readonly result?: ProgramResult;
  readonly durationNs: number;
}

/** Data that a workspace's checks keep between runs, such as baselines and results by content hash. */
export interface CheckCache {
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown): void;
}

/** Evidence as a check returns it: not yet truncated or hashed. */
export interface RawEvidence {
  readonly kind: EvidenceKind;
  readonly content: string;
  readonly path?: string;
  readonly line?: number;
}

export interface CheckOutcome {
  readonly status: 'pass' | 'fail' | 'skip';
  readonly skipReason?: SkipReason;
  /** One sentence that includes the relevant numbers. */
  readonly message: string;
  readonly findings?: readonly Finding[];
  readonly evidence?: readonly RawEvidence[];
  readonly remediation?: readonly Remediation[];
}

/** Receives the progress of a run's checks. */
export interface CheckListener {
  /** Runs the work of a check that has started. */
  execute<T>(check: Check, work: () => Promise<T>): Promise<T>;
  /** Runs the step that turns a check's outcome into evidence. */
  collect<T>(check: Check, work: () => T): T;
  onEnd(check: Check, result: CheckResult): void;
}

type OutcomeDetails = Omit<CheckOutcome, 'status' | 'skipReason' | 'message'>;

export const pass = (message: string, details: OutcomeDetails = {}): CheckOutcome => ({
  status: 'pass',
  message,
  ...details,
});

/** Reports a problem. The check's severity decides whether it is shown as `fail`, `warn`, or a pass with findings. */
export const fail = (message: string, details: OutcomeDetails = {}): CheckOutcome => ({
  status: 'fail',
  message,
  ...details,
});

export const skip = (skipReason: SkipReason, message: string, details: OutcomeDetails = {}): CheckOutcome => ({
  status: 'skip',
  skipReason,
  message,
  ...details,
});
