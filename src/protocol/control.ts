/** What the host may ask of a probe or a built-in pipeline while it runs. */
import { isAmount, isListOf, isOptional, isRecord, isText, isWhole } from './guard.ts';

/** A function to be timed exactly: by file and name, or by file and the line on which it starts. */
export interface Target {
  readonly file: string;
  readonly name?: string;
  readonly line?: number;
}

/** What a zero-code probe should do; told in the environment at the start and by `wish` later. */
export interface Wishes {
  /** Interval between two looks at the stack; 0 looks never. */
  readonly samplingNs: number;
  /** Functions whose every call is timed. */
  readonly exact: readonly Target[];
  /** Share of the program's time that measuring may take. */
  readonly budgetRatio: number;
  /** Folder whose files are the user's own. */
  readonly workspace: string;
}

/** As the system names them. */
export type Signal = `SIG${string}`;

export type Control =
  /** The first word of a host to whoever connects: another name than before means that it knows nothing yet. */
  | { readonly type: 'welcome'; readonly host: string }
  /** End early and in order: what is known is written and sent first. */
  | { readonly type: 'stop' }
  /** Send what has changed now. */
  | { readonly type: 'flush' }
  | { readonly type: 'wish'; readonly wishes: Wishes }
  /** To the keeper of a run alone: hand this signal to the program, and to it alone. */
  | { readonly type: 'signal'; readonly name: Signal }
  /** Workspace files that have changed, relative with `/`. */
  | { readonly type: 'changed'; readonly files: readonly string[] };

export function isControl(value: unknown): value is Control {
  if (!isRecord(value)) return false;
  switch (value['type']) {
    case 'stop':
    case 'flush':
      return true;
    case 'welcome':
      return isText(value['host']);
    case 'signal':
      return isText(value['name']) && /^SIG[A-Z0-9]+$/.test(value['name']);
    case 'wish':
      return isWishes(value['wishes']);
    case 'changed':
      return isListOf(value['files'], isText, 100_000);
    default:
      return false;
  }
}

export function isWishes(value: unknown): value is Wishes {
  return (
    isRecord(value) &&
    isAmount(value['samplingNs']) &&
    isListOf(value['exact'], isTarget, 10_000) &&
    isAmount(value['budgetRatio']) &&
    isText(value['workspace'])
  );
}

function isTarget(value: unknown): value is Target {
  return (
    isRecord(value) && isText(value['file']) && isOptional(value['name'], isText) && isOptional(value['line'], isWhole)
  );
}
