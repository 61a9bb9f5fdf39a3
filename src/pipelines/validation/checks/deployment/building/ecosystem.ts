/** Interface of an ecosystem: how its projects are found and built, and which programs a build creates. */
import type { CheckContext, ProgramResult, RunProgram } from '../../../check/check.ts';

export interface BuildProject {
  /** Relative to the workspace; empty for the workspace itself. */
  readonly folder: string;
  /** Relative to the workspace. */
  readonly manifest: string;
}

/** One row per ecosystem. A build uses only the tools and the configuration of the project, and never the network. */
export interface Ecosystem {
  /** Shown in messages, such as `Go`. */
  readonly name: string;
  /** The build reads installed packages of Node, which the copy therefore contains. */
  readonly needsPackages?: true;
  find(context: CheckContext): Promise<readonly BuildProject[]>;
  build(project: BuildProject, copy: BuildCopy): Promise<ProjectBuild>;
  /** Finds programs that are built in the workspace, for a workspace that was not built by a check. */
  existingPrograms?(context: CheckContext): Promise<readonly BuiltProgram[]>;
}

/** A copy of the workspace for one build. Nothing in it leads to the original. */
export interface BuildCopy {
  /** Context of the check; its repository is the original. */
  readonly context: CheckContext;
  /** Absolute path of the copied workspace. */
  readonly root: string;
  /** Absolute path of an empty folder beside the copy, for files that a build creates elsewhere. */
  readonly output: string;
  /** The build repeats an earlier one, and must not reuse its results. */
  readonly isRepetition: boolean;
  /** Runs a program in the copy, or in a folder of it, without access to the network. Names its missing program as undefined. */
  readonly run: RunProgram;
}

/** A program with the arguments by which it starts. */
export interface BuiltProgram {
  /** Relative to the workspace. */
  readonly manifest: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Version in the manifest, if there is one. */
  readonly version?: string;
  /** Matches errors that prove that the program cannot start (default: the usual ones). */
  readonly startError?: RegExp;
}

export type ProjectBuild =
  | {
      readonly kind: 'built';
      /** Absolute paths of the created files. */
      readonly artifacts: readonly string[];
      readonly programs: readonly BuiltProgram[];
      /** Sentence for a build that creates no files. */
      readonly summary?: string;
    }
  | { readonly kind: 'failed'; readonly command: string; readonly result: ProgramResult }
  | BuildSkip;

export interface BuildSkip {
  readonly kind: 'not_applicable' | 'tool_missing';
  /** Sentence that says what is missing and what to do. */
  readonly reason: string;
}

export const missing = (reason: string): BuildSkip => ({ kind: 'tool_missing', reason });
export const notApplicable = (reason: string): BuildSkip => ({ kind: 'not_applicable', reason });
