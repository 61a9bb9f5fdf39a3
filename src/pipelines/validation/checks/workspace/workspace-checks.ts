/** Checks of the workspace category, in the order of the report. */
import type { Check } from '../../check/check.ts';
import { configParse } from './config/config-parse.ts';
import { manifest } from './config/manifest.ts';
import { toolchain } from './config/toolchain.ts';
import { docs } from './files/docs.ts';
import { eol } from './files/eol.ts';
import { largeFiles } from './files/large-files.ts';
import { portablePaths } from './files/portable-paths.ts';
import { symlinks } from './files/symlinks.ts';
import { conflicts } from './git/conflicts.ts';
import { fsck } from './git/fsck.ts';
import { gitClean } from './git/git-clean.ts';
import { gitHead } from './git/git-head.ts';
import { ignoredTracked } from './git/ignored-tracked.ts';
import { inProgress } from './git/in-progress.ts';

export const workspaceChecks: readonly Check[] = [
  gitHead,
  gitClean,
  inProgress,
  fsck,
  conflicts,
  symlinks,
  largeFiles,
  portablePaths,
  eol,
  ignoredTracked,
  manifest,
  toolchain,
  docs,
  configParse,
];
