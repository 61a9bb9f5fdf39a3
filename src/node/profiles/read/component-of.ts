import { ownerOfPath } from '../../../core/code/path-owner.ts';

/** Returns the component of a function in a profile of another tool, by the path or URL of its file. */
export function componentOf(file: string | undefined): string {
  if (file === undefined || file === '') return '(native)';
  const owner = ownerOfPath(file);
  if (owner !== undefined) return owner;
  const path = file.replaceAll('\\', '/');
  return path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '.';
}
