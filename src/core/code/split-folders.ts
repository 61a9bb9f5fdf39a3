/** Folder or file with the time of everything in it. */
export interface FolderRow {
  readonly path: string;
  readonly isFolder: boolean;
  readonly timeNs: number;
}

interface Folder {
  readonly path: string;
  readonly children: Map<string, Folder>;
  timeNs: number;
}

/** Number of rows that are worth showing, up to which folders are split. */
const wantedRows = 4;
/** Share of the whole time that a row needs to be worth showing. */
const minShare = 0.01;
/** Share of the whole time that a folder needs to be split. */
const minSplitShare = 0.2;
/** Share of a folder that as many of its largest parts as can be listed need to have; else they would show less than the folder. */
const minCoveredShare = 1 / 3;
const maxListedParts = 6;

/**
 * Returns the folders and files that show best where the time of a workspace goes, largest first: it starts with the folder
 * that contains all files, and splits the largest folder until there are enough rows.
 *
 * @param times times by the path of the file, with `/`
 */
export function splitFolders(times: ReadonlyMap<string, number>): readonly FolderRow[] {
  const root: Folder = { path: '', children: new Map(), timeNs: 0 };
  for (const [path, timeNs] of times) addFile(root, path, timeNs);
  let rows: readonly Folder[] = [root];
  for (;;) {
    const shown = rows.filter(({ timeNs }) => timeNs >= minShare * root.timeNs);
    const next = shown.length >= wantedRows ? undefined : rows.filter((row) => canSplit(row, root)).sort(bySize)[0];
    if (!next) break;
    rows = rows.flatMap((row) => (row === next ? [...row.children.values()] : [row]));
  }
  return [...rows].sort(bySize).map(({ path, children, timeNs }) => ({ path, isFolder: children.size > 0, timeNs }));
}

function addFile(root: Folder, path: string, timeNs: number): void {
  let folder = root;
  folder.timeNs += timeNs;
  let end = -1;
  do {
    end = path.indexOf('/', end + 1);
    // The root folder is named by its slash, because the empty path stands for everything.
    const childPath = end < 0 ? path : path.slice(0, Math.max(1, end));
    const child: Folder = folder.children.get(childPath) ?? { path: childPath, children: new Map(), timeNs: 0 };
    folder.children.set(childPath, child);
    child.timeNs += timeNs;
    folder = child;
  } while (end >= 0);
}

function canSplit(folder: Folder, root: Folder): boolean {
  if (folder.children.size === 0 || folder.timeNs < minSplitShare * root.timeNs) return false;
  if (folder === root) return true;
  const largest = [...folder.children.values()].sort(bySize).slice(0, maxListedParts);
  return largest.reduce((sum, { timeNs }) => sum + timeNs, 0) >= minCoveredShare * folder.timeNs;
}

function bySize(left: Folder, right: Folder): number {
  return right.timeNs - left.timeNs;
}
