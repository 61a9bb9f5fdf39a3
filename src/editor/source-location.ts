/** Places that a snapshot names: found only if they lie inside the workspace, links resolved. */
import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { HumanError } from '../core/human-error.ts';
import type { ItemState, OperationState, Snapshot } from '../protocol/snapshot.ts';

/** A line of a file, from 1; the file as a snapshot names it. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export function isPlace(value: unknown): value is Place {
  return (
    typeof value === 'object' &&
    value !== null &&
    'file' in value &&
    typeof value.file === 'string' &&
    'line' in value &&
    Number.isSafeInteger(value.line)
  );
}

/** Absolute path of a file that a snapshot names, if its words stay inside one of the folders. */
export function locate(file: string, workspace: string, folders: readonly string[]): string | undefined {
  if (file.startsWith('\\\\') || file.startsWith('//') || file.includes('\0')) return undefined;
  const path = isAbsolute(file) ? join(file) : join(workspace, file);
  return folders.some((folder) => isInside(path, folder)) ? path : undefined;
}

/**
 * As `locate`, and what it leads to on the disk lies inside as well.
 * @throws HumanError when it does not, or is not there.
 */
export async function resolvePlace(file: string, workspace: string, folders: readonly string[]): Promise<string> {
  const path = locate(file, workspace, folders);
  if (path === undefined) throw new HumanError(`${file} lies outside the open workspace. Open its folder to go there.`);
  const [target, ...roots] = await Promise.all([path, ...folders].map((name) => realpath(name).catch(() => undefined)));
  if (target === undefined) throw new HumanError(`${file} is no longer there. Profile again to get its new place.`);
  if (roots.some((root) => root !== undefined && isInside(target, root))) return path;
  throw new HumanError(`${file} leads out of the open workspace, so it is not opened.`);
}

/** The operation in the workspace that used the most time by itself; where none has a place, the slowest file. */
export function hottest(snapshot: Snapshot, inside: (file: string) => boolean): Place | undefined {
  const cost = (operation: OperationState) => operation.selfNs ?? operation.totalNs;
  const operation = snapshot.operations
    .filter(({ file, line }) => file !== undefined && line !== undefined && inside(file))
    .reduce<OperationState | undefined>((most, next) => (most && cost(most) >= cost(next) ? most : next), undefined);
  if (operation?.file !== undefined) return { file: operation.file, line: operation.line ?? 1 };
  const item = snapshot.items
    .filter(({ file }) => file !== undefined && inside(file))
    .reduce<ItemState | undefined>((most, next) => (most && most.totalNs >= next.totalNs ? most : next), undefined);
  return item?.file === undefined ? undefined : { file: item.file, line: 1 };
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
