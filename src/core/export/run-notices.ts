/** Sentences about what a run could not measure or keep, for the end of a run. */
import { plural } from '../../protocol/plural.ts';
import type { Dropped, Snapshot } from '../../protocol/snapshot.ts';

/** A kind of loss and the sentence about it. Spans and items are examples, chosen from all, so leaving some out is no loss. */
const losses: readonly { readonly key: keyof Dropped; readonly describe: (count: number) => string }[] = [
  {
    key: 'batches',
    describe: (count) => `${plural(count, 'message')} from the program could not be read, so counts are minimums.`,
  },
  {
    key: 'calls',
    describe: (count) => `${plural(count, 'call')} could not be assigned to a function, because a limit was reached.`,
  },
  {
    key: 'values',
    describe: (count) => `${plural(count, 'value')} could not be kept: a name, counter or attribute beyond a limit.`,
  },
];

/** Returns a sentence for each notice of the run, and one for each kind of loss. Returns an empty list for a clean run. */
export function listNotices({ notices, dropped }: Pick<Snapshot, 'notices' | 'dropped'>): readonly string[] {
  const lost = losses.flatMap(({ key, describe }) => (dropped[key] > 0 ? [describe(dropped[key])] : []));
  return [...notices, ...lost];
}
