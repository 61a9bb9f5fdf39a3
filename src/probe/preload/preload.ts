/**
 * The file that `NODE_OPTIONS` loads into every Node process of a run, before its program. Any version of Node may read it,
 * so it is compiled to old syntax. It loads the probe only into runtimes that can be profiled.
 */
import { join } from 'node:path';
import { sendNotice } from './send-notice.ts';

const minNodeMajor = 18;
/** Loaded at run time, because the bundle of this file must contain only old syntax. */
const threadFile = join(__dirname, 'program-thread.cjs');

/** Returns true for Node itself; other runtimes and windows of Electron only pretend to be Node. */
function isNode(): boolean {
  const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };
  return !bun && !deno && !(process as { readonly type?: string }).type;
}

function load(): void {
  const { node } = process.versions;
  if (!isNode()) return;
  if (Number.parseInt(node, 10) < minNodeMajor) {
    sendNotice(
      `Node ${node} cannot be profiled. The program ran without measurements. Use Node ${minNodeMajor} or later.`,
    );
    return;
  }
  try {
    require(threadFile);
  } catch (error) {
    sendNotice(`The probe could not be loaded into Node ${node}. ${error instanceof Error ? error.message : ''}`);
  }
}

try {
  load();
  // A program that lists its modules must not find the probe.
  for (const file of [__filename, threadFile]) delete require.cache[file];
} catch {
  // Run the program without a profile.
}
