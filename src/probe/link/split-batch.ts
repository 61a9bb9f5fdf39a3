import type { Batch } from '../../protocol/batch/batch.ts';

/** Lists of a batch that may be sent in parts. Those in one row refer to those in the rows before. */
const listNames = [
  ['definitions'],
  ['stackNodes', 'spanNodes'],
  [
    'operations',
    'samples',
    'stackSamples',
    'stackLines',
    'spanTimes',
    'blocks',
    'counters',
    'gauges',
    'items',
    'spans',
  ],
] as const;

/**
 * Returns the JSON text of a batch, in parts of at most `maxLength` if it is longer. Each part is a batch; `number` gives it
 * its sequence number. A list entry is never split, so a part can be longer if a single entry is.
 */
export function splitBatch(batch: Batch, maxLength: number, number: (part: Batch) => Batch): string[] {
  const texts: string[] = [];
  const add = (part: Batch): void => {
    const text = JSON.stringify(part);
    const parts = text.length > maxLength ? halvesOf(part) : undefined;
    if (parts) parts.forEach(add);
    else texts.push(JSON.stringify(number(part)));
  };
  add(batch);
  return texts;
}

/** Returns two batches with the content of one, or undefined if it cannot be split. */
function halvesOf(batch: Batch): readonly [Batch, Batch] | undefined {
  const { v, source, sequence, atNs, cost, hello, ...records } = batch;
  const base = { v, source, sequence, atNs, cost };
  const stages = listNames
    .map((names) => names.filter((name) => (batch[name]?.length ?? 0) > 0))
    .filter((names) => names.length > 0);
  const [names = [], ...later] = stages;
  const isSplitByName = later.length > 0 || (names.length > 1 && names.every((name) => batch[name]?.length === 1));
  if (!isSplitByName && names.every((name) => batch[name]?.length === 1)) return undefined;
  const front: [string, unknown][] = [];
  const back: [string, unknown][] = [];
  for (const [index, name] of names.entries()) {
    const list = batch[name] ?? [];
    const middle = isSplitByName ? (later.length > 0 || index === 0 ? list.length : 0) : Math.ceil(list.length / 2);
    front.push([name, list.slice(0, middle)]);
    back.push([name, list.slice(middle)]);
  }
  return [
    { ...base, ...(hello ? { hello } : {}), ...withoutEmpty(front) },
    { ...base, ...withoutNames(records, names), ...withoutEmpty(back) },
  ];
}

function withoutEmpty(entries: readonly [string, unknown][]): Partial<Batch> {
  return Object.fromEntries(entries.filter(([, list]) => (list as readonly unknown[]).length > 0));
}

function withoutNames(records: Partial<Batch>, names: readonly string[]): Partial<Batch> {
  return Object.fromEntries(Object.entries(records).filter(([name]) => !names.includes(name)));
}
