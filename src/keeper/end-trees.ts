/** Entry point of the process that ends the trees named in its arguments after their host was killed (see `watchdog.ts`). */
import { killTree } from '../process/kill-tree.ts';
import { parseWatchedTree } from '../process/watchdog.ts';

/** Time between SIGTERM and SIGKILL. */
const graceMs = 500;

await Promise.all(
  process.argv.slice(2).map(async (text) => {
    const tree = parseWatchedTree(text);
    if (tree) await killTree(tree, { marker: tree.marker, graceMs });
  }),
);
