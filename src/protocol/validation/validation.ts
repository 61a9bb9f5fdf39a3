/** Report of a validation, as the pipeline writes it and the host, the editor and CI read it. */
import {
  amount,
  boolean,
  type Infer,
  list,
  literal,
  longText,
  map,
  object,
  openText,
  optional,
  text,
  unchecked,
  uncheckedOptional,
  whole,
} from '../schema.ts';

export const validationSchema = 'pipescope-validation/1';

export const severity = literal('fatal', 'warning', 'info');
export type Severity = Infer<typeof severity>;

export const checkStatus = literal('pass', 'fail', 'warn', 'skip');
export type CheckStatus = Infer<typeof checkStatus>;

/**
 * `budget`: the profile's time was used up. `timeout`: the check exceeded its own timeout. `no_git`: the folder is not a Git repository. `crashed`: the check itself threw
 * an error.
 */
export type SkipReason =
  | 'not_applicable'
  | 'tool_missing'
  | 'budget'
  | 'timeout'
  | 'dependency_failed'
  | 'disabled'
  | 'no_git'
  | 'crashed';
export type Mode = 'fast' | 'strict' | 'paranoid';
export type EvidenceKind = 'file_content' | 'command_output' | 'log_entry' | 'metric' | 'hash';

/** Maximum number of rows in a list of the report: more than any profile has checks or any check has useful findings. */
export const maxReportRows = 100_000;
const maxSteps = 1000;

const evidence = object({
  kind: openText<EvidenceKind>(),
  content: longText,
  /** Relative to the workspace, with `/`. */
  path: optional(text),
  line: optional(whole),
  /** SHA-256 of `content` in UTF-8, hexadecimal. */
  hash: unchecked<string>(),
});
export type Evidence = Infer<typeof evidence>;

const finding = object({
  /** Relative to the workspace, with `/`. */
  file: text,
  /** One-based. */
  line: optional(whole),
  message: longText,
});
/** A source location to look at, with the reason. */
export type Finding = Infer<typeof finding>;

const remediation = object({
  priority: literal('critical', 'high', 'medium', 'low'),
  title: text,
  steps: list(text, maxSteps),
  /** Quick fix that the user can run in the workspace: program and arguments. */
  command: optional(list(text, maxSteps)),
});
export type Remediation = Infer<typeof remediation>;

const checkResult = object({
  id: text,
  category: text,
  severity,
  status: checkStatus,
  skipReason: optional(openText<SkipReason>()),
  /** One sentence. */
  message: longText,
  /**
   * Wall time without the time spent waiting for the shared index of sources. For a check that was stopped, the time that
   * really passed: a lower bound of its duration. 0 if it never started.
   */
  durationNs: amount,
  /** True if the check was stopped before it finished, by its timeout or by the time budget. */
  stopped: optional(boolean),
  evidence: list(evidence, maxReportRows),
  findings: list(finding, maxReportRows),
  remediation: list(remediation, maxReportRows),
  /** SHA-256 of the canonical JSON of all other properties except the duration. */
  hash: unchecked<string>(),
});
export type CheckResult = Infer<typeof checkResult>;

const categoryResult = object({
  id: text,
  /** A to H for the categories of the Definition of Done; absent for custom ones. */
  letter: optional(text),
  title: text,
  /** Configured weight; 0 for a category whose checks can fail the validation but do not affect the score. */
  weight: unchecked<number>(),
  /** 0 to 100; absent if no check was evaluated. */
  score: optional(amount),
  /** True if all its checks were skipped because they do not apply to the workspace. */
  notApplicable: optional(boolean),
  passed: amount,
  failed: amount,
  warned: amount,
  skipped: amount,
  /** Sum of the durations of its checks. */
  durationNs: amount,
});
export type CategoryResult = Infer<typeof categoryResult>;

const coverage = object({
  /** Files whose content the checks read. */
  judged: whole,
  /** Files, of all kinds, that Git does not track and does not ignore. */
  untracked: whole,
  /** Generated, vendored or minified files and test data, to which rules about handwritten text do not apply. */
  foreign: whole,
  binary: whole,
  /** Files above the size limit for handwritten text, 2 MB. */
  large: whole,
  /** Git LFS pointers whose content was not downloaded. */
  pointers: whole,
  /** Tracked files that do not exist or cannot be read, and symbolic links. */
  missing: whole,
  /** Ignored files and folders; each folder counts once. */
  ignored: whole,
  submodules: whole,
  /** Repositories in the workspace that are not submodules. */
  nestedRepositories: whole,
});
/** Numbers of files that were judged, and of those that were not. */
export type Coverage = Infer<typeof coverage>;

export const readyVerdict = literal('ready', 'not_ready', 'incomplete');
/** `incomplete`: a fatal check could not be evaluated, so it is unknown whether the workspace is ready. */
export type ReadyVerdict = Infer<typeof readyVerdict>;

/** `partial_pass`: no fatal check failed, but the score is too low or there are too many warnings. */
const runVerdict = literal('pass', 'partial_pass', 'fail', 'incomplete');

const suggestion = object({
  id: text,
  timeoutMs: amount,
  runs: whole,
  p50Ns: amount,
  p95Ns: amount,
  p99Ns: amount,
});
/** Nearest-rank percentiles of a check's last durations, with the timeout that follows: max(3 × p99, 1 s). */
export type Suggestion = Infer<typeof suggestion>;

/** Accepts a parsed `report.json` that can be shown; the file may come from another version or be edited by hand. */
export const isValidation = object({
  schema: literal(validationSchema),
  workspace: text,
  profile: text,
  mode: unchecked<Mode>(),
  parallel: unchecked<{ readonly asked: 'auto' | 'serial' | number; readonly lanes: number }>(),
  verdict: readyVerdict,
  runVerdict,
  /** One sentence for each reason why it is not ready; empty if it is. */
  reasons: list(text, maxReportRows),
  /** Whole number from 0 to 100. */
  score: amount,
  minScore: amount,
  maxWarnings: unchecked<number>(),
  /** True if weights were divided by the sum of the weights of the evaluated categories. */
  renormalized: unchecked<boolean>(),
  categories: list(categoryResult, maxReportRows),
  /** Number of categories that have a weight and an evaluated check. */
  evaluated: amount,
  /** Number of categories that have a weight. */
  categoriesTotal: amount,
  /** 0 means unlimited. */
  budgetMs: unchecked<number>(),
  /** Wall time of the whole validation. */
  durationNs: amount,
  /** Sum of the durations of all checks. */
  checksNs: unchecked<number>(),
  /** Mean duration of the checks that finished with a result; 0 if there are none. Stopped and skipped checks do not count. */
  averageCheckNs: unchecked<number>(),
  /** durationNs / number of executed checks; 0 if none was executed. */
  wallPerCheckNs: unchecked<number>(),
  /** Share of the time for which the lanes, including the one for cheap checks, were occupied: 0 to 1. */
  parallelEfficiency: unchecked<number>(),
  evidenceCount: unchecked<number>(),
  /** Size of all evidence contents in UTF-8. */
  evidenceBytes: unchecked<number>(),
  /** ISO 8601. */
  startedAt: text,
  git: uncheckedOptional<{ readonly commit: string; readonly branch?: string }>(),
  /** Absent in reports of earlier versions. */
  coverage: optional(coverage),
  /** Version of each tool that a check ran. */
  tools: map(text),
  checks: list(checkResult, maxReportRows),
  suggestions: list(suggestion, maxReportRows),
});
export type Validation = Infer<typeof isValidation>;
