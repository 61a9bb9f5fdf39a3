/** What a workspace says of its own validation, as `validation` in its `pipescope.json`. */
import { isAmount, isListOf, isMapOf, isOptional, isRecord, isText, isWhole } from './guard.ts';
import type { Severity } from './validation.ts';

/** Process lanes: as many as the machine has cores, one lane for all, or this many. */
export type Parallel = 'auto' | 'serial' | number;

/** A check of one's own: a program whose exit code tells, or a built-in check under another name. */
export interface CustomCheck {
  readonly id: string;
  /** Of a program, where none is named, `own`; of a built-in check its own. */
  readonly category?: string;
  readonly severity?: Severity;
  /** Program, started without a shell. */
  readonly command?: string;
  readonly args?: readonly string[];
  /** Relative to the workspace. */
  readonly cwd?: string;
  /** Id of the built-in check that looks. */
  readonly builtin?: string;
  readonly timeoutMs?: number;
  readonly dependsOn?: readonly string[];
  /** Regular expression with the groups `file`, `line` and `message`, matched with each line that the program prints. */
  readonly parse?: string;
}

/** A profile of one's own, or what is to be different in a built-in one. */
export interface OwnProfile {
  /** The profile that this one adds to. */
  readonly extends?: string;
  readonly checks?: readonly string[];
  /** Checks that must be defined, and are part of the profile. */
  readonly required?: readonly string[];
  readonly minScore?: number;
  readonly maxWarnings?: number;
  readonly budgetMs?: number;
  readonly parallel?: Parallel;
}

export interface OwnValidation {
  readonly profiles?: Readonly<Record<string, OwnProfile>>;
  readonly checks?: readonly CustomCheck[];
  /** By category, each from 0 to 1. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Divide by the weights of those categories that were evaluated; true where nothing is said. */
  readonly renormalizeWeights?: boolean;
  /** Ids of checks that are not made. */
  readonly disabled?: readonly string[];
}

const most = 1000;
const isTexts = (value: unknown): value is readonly string[] => isListOf(value, isText, most);
const isOwnChecks = (value: unknown): value is readonly CustomCheck[] => isListOf(value, isOwnCheck, most);
const isOwnProfiles = (value: unknown): value is Record<string, OwnProfile> => isMapOf(value, isOwnProfile);
const isWeights = (value: unknown): value is Record<string, number> => isMapOf(value, isAmount);
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isSeverity = (value: unknown): value is Severity => ['fatal', 'warning', 'info'].some((word) => word === value);
const isParallel = (value: unknown): value is Parallel =>
  value === 'auto' || value === 'serial' || (isWhole(value) && value > 0);

export function isOwnValidation(value: unknown): value is OwnValidation {
  return (
    isRecord(value) &&
    isOptional(value['profiles'], isOwnProfiles) &&
    isOptional(value['checks'], isOwnChecks) &&
    isOptional(value['weights'], isWeights) &&
    isOptional(value['renormalizeWeights'], isBoolean) &&
    isOptional(value['disabled'], isTexts)
  );
}

function isOwnCheck(value: unknown): value is CustomCheck {
  return (
    isRecord(value) &&
    isText(value['id']) &&
    ['category', 'command', 'cwd', 'builtin', 'parse'].every((key) => isOptional(value[key], isText)) &&
    isOptional(value['severity'], isSeverity) &&
    isOptional(value['args'], isTexts) &&
    isOptional(value['timeoutMs'], isAmount) &&
    isOptional(value['dependsOn'], isTexts)
  );
}

function isOwnProfile(value: unknown): value is OwnProfile {
  return (
    isRecord(value) &&
    isOptional(value['extends'], isText) &&
    isOptional(value['checks'], isTexts) &&
    isOptional(value['required'], isTexts) &&
    ['minScore', 'maxWarnings', 'budgetMs'].every((key) => isOptional(value[key], isAmount)) &&
    isOptional(value['parallel'], isParallel)
  );
}
