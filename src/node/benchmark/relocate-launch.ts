/** Moves a launch to another folder, such as a checkout of an earlier commit. */
import { sep } from 'node:path';
import { defined } from '../../protocol/defined.ts';
import type { LaunchSpec } from '../run/launch-spec.ts';

/** Returns the launch with its workspace, working folder and absolute arguments moved to `folder`. */
export function relocateLaunch(launch: LaunchSpec, folder: string): LaunchSpec {
  const { workspace, cwd, start } = launch;
  if (folder === workspace) return launch;
  const relocate = (text: string): string => {
    return text === workspace || text.startsWith(workspace + sep) ? folder + text.slice(workspace.length) : text;
  };
  return {
    ...launch,
    workspace: folder,
    ...defined({ cwd: cwd === undefined ? undefined : relocate(cwd) }),
    start: 'args' in start ? { ...start, args: start.args.map(relocate) } : start,
  };
}
