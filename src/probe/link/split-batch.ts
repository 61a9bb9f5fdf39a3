import type { Batch } from '../../protocol/batch/batch.ts';

/** Lists of a batch that may be sent in parts, after those that define what they refer to. */
const listNames = ['operations', 'samples', 'stackSamples', 'counters', 'gauges', 'items', 'spans'] as const;

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
  const { hello, definitions = [], stackNodes = [], bye, ...records } = batch;
  const { v, source, sequence, atNs, cost } = batch;
  const base = { v, source, sequence, atNs, cost };
  const lists = listNames.filter((name) => (batch[name]?.length ?? 0) > 0);
  const first = { ...base, ...(hello ? { hello } : {}) };
  const last = bye ? { bye } : {};
  const nodes = stackNodes.length > 0 ? { stackNodes } : {};
  if (definitions.length > 0 && lists.length + stackNodes.length > 0)
    return [
      { ...first, definitions },
      { ...records, ...nodes, ...last },
    ];
  if (definitions.length > 1) {
    const middle = Math.ceil(definitions.length / 2);
    return [
      { ...first, definitions: definitions.slice(0, middle) },
      { ...records, ...last, definitions: definitions.slice(middle) },
    ];
  }
  if (stackNodes.length > 0 && lists.length > 0)
    return [
      { ...first, ...nodes },
      { ...records, ...last },
    ];
  if (stackNodes.length > 1) {
    const middle = Math.ceil(stackNodes.length / 2);
    return [
      { ...first, stackNodes: stackNodes.slice(0, middle) },
      { ...records, ...last, stackNodes: stackNodes.slice(middle) },
    ];
  }
  if (lists.every((name) => batch[name]?.length === 1)) {
    const [name] = lists;
    if (lists.length < 2 || !name) return undefined;
    return [
      { ...first, [name]: batch[name] },
      { ...records, ...last, [name]: [] },
    ];
  }
  const halves = lists.map((name) => {
    const list = batch[name] ?? [];
    const middle = Math.ceil(list.length / 2);
    return { front: [name, list.slice(0, middle)], back: [name, list.slice(middle)] };
  });
  return [
    { ...first, ...Object.fromEntries(halves.map(({ front }) => front)) },
    { ...records, ...last, ...Object.fromEntries(halves.map(({ back }) => back)) },
  ];
}
