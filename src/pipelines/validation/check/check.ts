/** What a check is: one row of the table says when it belongs, how long it may take, and how it looks. */
import type { EvidenceKind, Finding, Remediation, Severity, SkipReason } from '../../../protocol/validation.ts';
import type { Repository } from '../repository/repository.ts';

export type ProfileId = 'dev' | 'ci' | 'enterprise';

export interface Check {
  /** Upper case, such as `WS_GIT_HEAD`. */
  readonly id: string;
  /** Id of a row of `categories.ts`, or a user's own. */
  readonly category: string;
  /** Only a fatal check can fail; a warning warns, an info passes with its findings. */
  readonly severity: Severity;
  /** The smallest built-in profile that has it. */
  readonly from: ProfileId;
  /** What it looks at, in one line for people. */
  readonly title: string;
  readonly timeoutMs: number;
  /** `cheap` runs in this process beside the others and must not hold its loop; `process` waits on programs. */
  readonly lane: 'cheap' | 'process';
  /** Is skipped where one of these failed. */
  readonly dependsOn?: readonly string[];
  run(context: Context): Promise<Outcome>;
}

/** What a check may touch. */
export interface Context {
  readonly repository: Repository;
  /** Aborted at the check's timeout and when the run is stopped. */
  readonly signal: AbortSignal;
  readonly run: Run;
  readonly memory: Memory;
  /** Folder outside of the workspace for what tools keep between runs; without it they begin anew each time. */
  readonly cache?: string;
  /** Git ref that changes are counted from; none: the merge base with the remote's main branch, if there is one. */
  readonly base?: string;
}

/**
 * Runs a program to its end, without a shell, in the workspace. Nothing where there is no such program. The whole tree
 * is ended when the check's signal is; a workspace's own tool is found by `repository.tool(name)`.
 */
export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<Ran | undefined>;

export interface RunOptions {
  /** Relative to the workspace. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Of each of the two outputs; more is cut off at its start, and said. 64 kB where none is given. */
  readonly maxBytes?: number;
}

export interface Ran {
  /** Exit code; 128 + n where signal n ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** An output was longer than allowed, and was cut. */
  readonly cut: boolean;
}

/** What is kept for this workspace between runs, such as baselines and results by content. */
export interface Memory {
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown): void;
}

export interface FoundEvidence {
  readonly kind: EvidenceKind;
  readonly content: string;
  readonly path?: string;
  readonly line?: number;
}

/** What a check found. */
export interface Outcome {
  readonly status: 'pass' | 'fail' | 'skip';
  readonly skipReason?: SkipReason;
  /** One clear sentence with its numbers. */
  readonly message: string;
  readonly findings?: readonly Finding[];
  readonly evidence?: readonly FoundEvidence[];
  readonly remediation?: readonly Remediation[];
}

type More = Omit<Outcome, 'status' | 'skipReason' | 'message'>;

export const pass = (message: string, more: More = {}): Outcome => ({ status: 'pass', message, ...more });
/** A fault: shown as `fail` for a fatal check, as `warn` for a warning, as findings of a pass for an info. */
export const fault = (message: string, more: More = {}): Outcome => ({ status: 'fail', message, ...more });
export const skip = (skipReason: SkipReason, message: string, more: More = {}): Outcome => ({
  status: 'skip',
  skipReason,
  message,
  ...more,
});
