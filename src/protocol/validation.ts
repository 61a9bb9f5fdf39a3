/** What a validation says of a workspace: the shape that the pipeline writes and the host, the editor and CI read. */
import { isAmount, isListOf, isMapOf, isOptional, isRecord, isText, isWhole } from './guard.ts';

export const validationSchema = 'pipescope-validation/1';

export type Severity = 'fatal' | 'warning' | 'info';
export type CheckStatus = 'pass' | 'fail' | 'warn' | 'skip';
/** `budget`: the profile's time was used up; `no_git`: the folder is no repository; `crashed`: a fault of the check itself. */
export type SkipReason =
  | 'not_applicable'
  | 'tool_missing'
  | 'budget'
  | 'dependency_failed'
  | 'disabled'
  | 'no_git'
  | 'crashed';
export type Mode = 'fast' | 'strict' | 'paranoid';
export type EvidenceKind = 'file_content' | 'command_output' | 'log_entry' | 'metric' | 'hash';

export interface Evidence {
  readonly kind: EvidenceKind;
  readonly content: string;
  /** Relative to the workspace, with `/`. */
  readonly path?: string;
  readonly line?: number;
  /** SHA-256 of `content` in UTF-8, hexadecimal. */
  readonly hash: string;
}

/** Error types by which an operation of kind `check` tells what it found: facts, of which no ratio is taken. */
export const checkErrors = { fail: 'check_failed', warn: 'check_warned', crashed: 'check_crashed' } as const;

/** A place that a person should look at. */
export interface Finding {
  /** Relative to the workspace, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  readonly message: string;
}

export interface Remediation {
  readonly priority: 'critical' | 'high' | 'medium' | 'low';
  readonly title: string;
  readonly steps: readonly string[];
  /** A quick fix, to be run in the workspace by a person: program and arguments. */
  readonly command?: readonly string[];
}

export interface CheckResult {
  readonly id: string;
  readonly category: string;
  readonly severity: Severity;
  readonly status: CheckStatus;
  readonly skipReason?: SkipReason;
  /** One sentence. */
  readonly message: string;
  /**
   * Wall time, less what it waited for the index of sources, which is made once for all; of a check that was ended, what
   * really went by. 0 where it never began.
   */
  readonly durationNs: number;
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
  readonly remediation: readonly Remediation[];
  /** SHA-256 of the canonical JSON of all the above but the duration. */
  readonly hash: string;
}

export interface CategoryResult {
  readonly id: string;
  /** A to H for those of the Definition of Done; none for a user's own. */
  readonly letter?: string;
  readonly title: string;
  /** As configured: 0 for a category that only gates. */
  readonly weight: number;
  /** 0 to 100; none where no check was evaluated. */
  readonly score?: number;
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly skipped: number;
  /** Sum of its checks. */
  readonly durationNs: number;
}

/** `incomplete`: a fatal check could not be made, so nothing is promised. */
export type ReadyVerdict = 'ready' | 'not_ready' | 'incomplete';
/** `partial_pass`: nothing fatal failed, but the score is too low or the warnings too many. */
export type RunVerdict = 'pass' | 'partial_pass' | 'fail' | 'incomplete';

export interface Validation {
  readonly schema: typeof validationSchema;
  readonly workspace: string;
  readonly profile: string;
  readonly mode: Mode;
  readonly parallel: { readonly asked: 'auto' | 'serial' | number; readonly lanes: number };
  readonly verdict: ReadyVerdict;
  readonly runVerdict: RunVerdict;
  /** Why it is not ready, one sentence each; empty when it is. */
  readonly reasons: readonly string[];
  /** Whole number from 0 to 100. */
  readonly score: number;
  readonly minScore: number;
  readonly maxWarnings: number;
  /** Weights were divided by the sum of those categories that were evaluated. */
  readonly renormalized: boolean;
  readonly categories: readonly CategoryResult[];
  /** Categories with weight that have an evaluated check, of all that have weight. */
  readonly evaluated: number;
  readonly categoriesTotal: number;
  /** 0: as long as it takes. */
  readonly budgetMs: number;
  /** Wall time of the whole. */
  readonly durationNs: number;
  /** Sum of the checks' own times. */
  readonly checksNs: number;
  /** checksNs / checks executed, and durationNs / checks executed; 0 where none was. */
  readonly averageCheckNs: number;
  readonly wallPerCheckNs: number;
  /** checksNs / (durationNs x lanes, the cheap one included). */
  readonly parallelEfficiency: number;
  readonly evidenceCount: number;
  /** UTF-8 bytes of the contents alone. */
  readonly evidenceBytes: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly git?: { readonly commit: string; readonly branch?: string };
  /** Version of each tool that a check ran. */
  readonly tools: Readonly<Record<string, string>>;
  readonly checks: readonly CheckResult[];
  readonly suggestions: readonly Suggestion[];
}

/** What a check took over its last runs, by nearest rank, and the timeout that follows: max(3 x p99, 1 s). */
export interface Suggestion {
  readonly id: string;
  readonly timeoutMs: number;
  readonly runs: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
}

/** More than any profile has, and than any check finds that is of use. */
const mostRows = 100_000;

/** Says whether a parsed `report.json` can be shown; a file may have been written by another version, or by anyone. */
export function isValidation(value: unknown): value is Validation {
  return (
    isRecord(value) &&
    value['schema'] === validationSchema &&
    isText(value['workspace']) &&
    isText(value['profile']) &&
    isOneOf(value['verdict'], ['ready', 'not_ready', 'incomplete']) &&
    isOneOf(value['runVerdict'], ['pass', 'partial_pass', 'fail', 'incomplete']) &&
    isListOf(value['reasons'], isText, mostRows) &&
    [value['score'], value['minScore'], value['durationNs'], value['evaluated'], value['categoriesTotal']].every(
      isAmount,
    ) &&
    isText(value['startedAt']) &&
    isListOf(value['categories'], isCategoryResult, mostRows) &&
    isListOf(value['checks'], isCheckResult, mostRows) &&
    isListOf(value['suggestions'], isSuggestion, mostRows) &&
    isMapOf(value['tools'], isText)
  );
}

function isCategoryResult(value: unknown): value is CategoryResult {
  return (
    isRecord(value) &&
    isText(value['id']) &&
    isText(value['title']) &&
    isOptional(value['letter'], isText) &&
    isOptional(value['score'], isAmount) &&
    [value['passed'], value['failed'], value['warned'], value['skipped'], value['durationNs']].every(isAmount)
  );
}

function isCheckResult(value: unknown): value is CheckResult {
  return (
    isRecord(value) &&
    isText(value['id']) &&
    isText(value['category']) &&
    isOneOf(value['severity'], ['fatal', 'warning', 'info']) &&
    isOneOf(value['status'], ['pass', 'fail', 'warn', 'skip']) &&
    isOptional(value['skipReason'], isText) &&
    typeof value['message'] === 'string' &&
    isAmount(value['durationNs']) &&
    isListOf(value['evidence'], isEvidence, mostRows) &&
    isListOf(value['findings'], isFinding, mostRows) &&
    isListOf(value['remediation'], isRemediation, mostRows)
  );
}

function isEvidence(value: unknown): value is Evidence {
  return (
    isRecord(value) &&
    isText(value['kind']) &&
    typeof value['content'] === 'string' &&
    isOptional(value['path'], isText) &&
    isOptional(value['line'], isWhole)
  );
}

function isFinding(value: unknown): value is Finding {
  return (
    isRecord(value) &&
    isText(value['file']) &&
    isOptional(value['line'], isWhole) &&
    typeof value['message'] === 'string'
  );
}

function isRemediation(value: unknown): value is Remediation {
  return (
    isRecord(value) &&
    isOneOf(value['priority'], ['critical', 'high', 'medium', 'low']) &&
    isText(value['title']) &&
    isListOf(value['steps'], isText, 1000) &&
    (value['command'] === undefined || isListOf(value['command'], isText, 1000))
  );
}

function isSuggestion(value: unknown): value is Suggestion {
  return (
    isRecord(value) &&
    isText(value['id']) &&
    isWhole(value['runs']) &&
    [value['timeoutMs'], value['p50Ns'], value['p95Ns'], value['p99Ns']].every(isAmount)
  );
}

function isOneOf(value: unknown, words: readonly string[]): boolean {
  return typeof value === 'string' && words.includes(value);
}
