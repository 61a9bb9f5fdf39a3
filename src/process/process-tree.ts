/** Finds the descendants of a process and checks whether processes are running. */
import { readDescendants, readStat } from './proc-reader.ts';

const isLinux = process.platform === 'linux';

/** Returns a process and all its descendants, the process first. On Linux, the process itself may have ended. */
export async function listTree(pid: number): Promise<readonly number[]> {
  if (isLinux) return readDescendants(pid);
  const { default: pidtree } = await import('pidtree');
  return pidtree(pid, { root: true }).catch(() => []);
}

/**
 * Returns whether a process is running. On Linux, a zombie is not. A negative number stands for a process group, which
 * only systems other than Linux can check.
 */
export function isAlive(pid: number): boolean {
  if (isLinux) {
    const stat = readStat(pid);
    return stat !== undefined && stat.state !== 'Z';
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
