/** Compares the facts of a source with TypeScript's parser. */
import type { Facts } from '../../../../src/pipelines/detection/extract/facts.ts';
import { parseTruth } from '../oracle.ts';
import { extractSource } from './extract-source.ts';

/** Returns a sentence for each difference, or undefined if TypeScript rejects the source. */
export async function describeDifferences(file: string, source: string): Promise<string[] | undefined> {
  const truth = parseTruth(file, source);
  if (!truth) return undefined;
  const facts = await extractSource(file, source);
  const differences = facts.syntaxError === undefined ? [] : [facts.syntaxError];
  // The calls in declaration files never run.
  const expected = new Map(file.endsWith('.d.ts') ? [] : truth.calls);
  for (const [start, end, , , , callee, form] of facts.calls) {
    const key = `${form}:${start}:${end}`;
    const site = expected.get(key);
    const name = facts.callees[callee]?.split('.').at(-1);
    if (!site) differences.push(`extra ${form} ${source.slice(start, end)}`);
    else if (site.name !== '?' && site.name !== name) differences.push(`${site.text} is named ${name}`);
    expected.delete(key);
  }
  for (const [key, { text }] of expected) differences.push(`missing ${key} ${text}`);
  const definitions = new Set(facts.definitions.map((definition) => `${endOf(definition, source)}:${definition.name}`));
  for (const key of truth.definitions.keys()) if (!definitions.has(key)) differences.push(`missing definition ${key}`);
  return differences;
}

/** Returns the end without a semicolon, as the reference does. */
function endOf({ end }: Facts['definitions'][number], source: string): number {
  return source.slice(0, end).replace(/\s*;$/, '').length;
}
