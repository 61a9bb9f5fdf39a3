/** `pipescope show`: shows the summary of a saved snapshot. */
import { basename, resolve } from 'node:path';
import { listNotices } from '../../core/export/run-notices.ts';
import { readSnapshot } from '../../core/export/snapshot-json.ts';
import { HumanError } from '../../core/human-error.ts';
import { readRegularFile } from '../../process/read-regular-file.ts';
import { joinTerminalLines } from '../../protocol/escape/terminal-lines.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { readJsonFile } from '../storage/read-json-file.ts';
import { exitCodes, type Invocation, UsageError } from './invocation.ts';
import { formatSnapshotLine } from './output/save-snapshot.ts';
import { formatSummary, formatTable } from './output/snapshot-table.ts';

/** Larger than any snapshot of a real program. */
const maxSnapshotBytes = 512e6;
/** Profiles of other tools. Any other file is a snapshot. */
const profileFile = /\.(cpuprofile|pb|pprof|gz|collapsed|folded|speedscope\.json)$/;

export async function show({ positionals, options, stdout }: Invocation): Promise<number> {
  const [file, ...extra] = positionals;
  if (file === undefined || extra.length > 0) {
    throw new UsageError(
      'show takes one argument: a file that was saved with --snapshot, or a profile of another tool.',
    );
  }
  const snapshot = await open(resolve(file));
  stdout.write(options.json ? formatSnapshotLine(snapshot) : joinTerminalLines(describe(snapshot)));
  return exitCodes.ok;
}

async function open(file: string): Promise<Snapshot> {
  try {
    if (profileFile.test(file)) return await openProfile(file);
    return readSnapshot(readJsonFile(file, { maxBytes: maxSnapshotBytes }));
  } catch (error) {
    throw error instanceof HumanError ? new UsageError(error.message) : error;
  }
}

async function openProfile(file: string): Promise<Snapshot> {
  const read = readRegularFile(file, { maxBytes: maxSnapshotBytes });
  if (read.kind !== 'content')
    throw new HumanError(`${file} ${read.kind === 'missing' ? 'does not exist' : read.problem}. Choose another file.`);
  const [{ readProfile }, { snapshotOfProfile }] = await Promise.all([
    import('../profiles/read/read-profile.ts'),
    import('../profiles/profile-snapshot.ts'),
  ]);
  return snapshotOfProfile(await readProfile(read.bytes, basename(file)), basename(file));
}

function describe(snapshot: Snapshot): readonly string[] {
  const [, ...components] = formatTable(snapshot).slice(0, -1);
  return [
    ...formatSummary(snapshot),
    ...components.map(({ text }) => text),
    ...(snapshot.run.message === undefined ? [] : [snapshot.run.message]),
    ...listNotices(snapshot).map((notice) => `pipescope: ${notice}`),
  ];
}
