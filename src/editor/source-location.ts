/** Source locations named by a snapshot. They are opened only if they are inside the workspace, symbolic links resolved. */
import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { HumanError } from '../core/human-error.ts';
import { isForeignComponent } from '../core/snapshot/foreign-component.ts';
import { compareBySelfTime } from '../core/snapshot/operation-times.ts';
import type { ItemState, Snapshot } from '../protocol/snapshot.ts';

export interface SourceLocation {
  /** Absolute, or relative to the workspace of the run. */
  readonly file: string;
  /** One-based. */
  readonly line: number;
}

export function isSourceLocation(value: unknown): value is SourceLocation {
  return (
    typeof value === 'object' &&
    value !== null &&
    'file' in value &&
    typeof value.file === 'string' &&
    'line' in value &&
    Number.isSafeInteger(value.line)
  );
}

/** Returns the absolute path of a file of a snapshot. Returns undefined if it is outside all folders. */
export function locateInWorkspace(file: string, workspace: string, folders: readonly string[]): string | undefined {
  if (file.startsWith('\\\\') || file.startsWith('//') || file.includes('\0')) return undefined;
  const path = isAbsolute(file) ? join(file) : join(workspace, file);
  return folders.some((folder) => isInside(path, folder)) ? path : undefined;
}

/**
 * Returns the absolute path of a file of a snapshot, and checks on disk that it does not lead outside.
 * @throws HumanError if the file is missing or outside all folders
 */
export async function resolveSourceFile(file: string, workspace: string, folders: readonly string[]): Promise<string> {
  const path = locateInWorkspace(file, workspace, folders);
  if (path === undefined) throw new HumanError(`${file} is outside the workspace. Open its folder first.`);
  const [target, ...roots] = await Promise.all([path, ...folders].map((name) => realpath(name).catch(() => undefined)));
  if (target === undefined) throw new HumanError(`${file} no longer exists. Profile again to update its location.`);
  if (roots.some((root) => root !== undefined && isInside(target, root))) return path;
  throw new HumanError(`${file} is a link to a file outside the workspace, so it was not opened.`);
}

/** Returns the operation with the most self time, not one that only waits; if none has a location, the slowest file. */
export function findHottest(snapshot: Snapshot, isInWorkspace: (file: string) => boolean): SourceLocation | undefined {
  const [operation] = snapshot.operations
    .filter(({ component, file, line }) => {
      return file !== undefined && line !== undefined && isInWorkspace(file) && !isForeignComponent(component);
    })
    .toSorted(compareBySelfTime);
  if (operation?.file !== undefined) return { file: operation.file, line: operation.line ?? 1 };
  const item = snapshot.items
    .filter(({ file }) => file !== undefined && isInWorkspace(file))
    .reduce<ItemState | undefined>(
      (slowest, next) => (slowest && slowest.totalNs >= next.totalNs ? slowest : next),
      undefined,
    );
  return item?.file === undefined ? undefined : { file: item.file, line: 1 };
}

function isInside(path: string, folder: string): boolean {
  const relativePath = relative(folder, path);
  const isOutside = relativePath === '..' || relativePath.startsWith(`..${sep}`) || isAbsolute(relativePath);
  return relativePath !== '' && !isOutside;
}
