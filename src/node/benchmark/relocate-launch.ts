/** The same launch on another folder that stands for the workspace, such as an earlier commit of it. */
import { sep } from 'node:path';
import type { LaunchSpec } from '../run/launch-spec.ts';

export function relocated(launch: LaunchSpec, folder: string): LaunchSpec {
  const { workspace, cwd, start } = launch;
  if (folder === workspace) return launch;
  const moved = (text: string): string => {
    return text === workspace || text.startsWith(workspace + sep) ? folder + text.slice(workspace.length) : text;
  };
  return {
    ...launch,
    workspace: folder,
    ...(cwd === undefined ? {} : { cwd: moved(cwd) }),
    start: start.kind === 'listen' ? start : { ...start, args: start.args.map(moved) },
  };
}
