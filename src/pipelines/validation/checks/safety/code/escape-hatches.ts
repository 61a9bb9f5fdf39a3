/** SAF_ESCAPE_HATCHES and SAF_TODO: what there is may stay, but it must not become more than it was. */
import { createHash } from 'node:crypto';
import { type Check, type Context, fault, type Outcome, pass, skip } from '../../../check/check.ts';
import { type Hit, titleOf, topicOf } from '../scan/scan.ts';
import { type Place, sweepCode, sweepMs } from '../scan/scan-client.ts';
import { counted, evidenceOf, findingsOf, linesOf, tally } from '../scan/scan-findings.ts';
import type { Topic } from '../scan/scan-rules.ts';

/** Of each rule the count, and the lines by a short hash each: a line that moves is none that is new. */
interface Baseline {
  readonly counts: Readonly<Record<string, number>>;
  readonly lines: string;
}

const hashLength = 8;
/** Lines that are remembered one by one; of more only the counts are. */
const mostLines = 20_000;

const lineHash = ({ found }: Place<Hit>): string =>
  createHash('sha256').update(`${found.rule}\0${found.text}`).digest('base64url').slice(0, hashLength);

function baselineOf(places: readonly Place<Hit>[]): Baseline {
  const counts: Record<string, number> = {};
  for (const { found } of places) counts[found.rule] = (counts[found.rule] ?? 0) + 1;
  return { counts, lines: places.length > mostLines ? '' : places.map(lineHash).join('') };
}

interface Words {
  readonly topic: Topic;
  readonly key: string;
  /** `escape hatch`, `escape hatches`. */
  readonly one: string;
  readonly many: string;
  readonly steps: readonly string[];
}

async function compare(context: Context, { topic, key, one, many, steps }: Words): Promise<Outcome> {
  const { places: all, texts } = await sweepCode(context);
  if (texts === 0) return skip('not_applicable', 'There is no source code to look at.');
  const places = all.filter(({ found }) => topicOf(found.rule) === topic);
  const now = baselineOf(places);
  const then = context.memory.get<Baseline>(key);
  const evidence = evidenceOf([JSON.stringify(now.counts), ...linesOf(places.slice(0, 50))]);
  const rules = Object.keys(now.counts);
  const what =
    places.length === 0
      ? `No ${one}`
      : `${counted(places.length, one, many)}${rules.length > 1 ? ` (${tally(places)})` : ''}`;
  if (!then) {
    context.memory.set(key, now);
    return pass(`${what} in ${counted(texts, 'file')}: noted as the baseline, from now on there may be no more.`, {
      evidence,
    });
  }
  const grown = Object.entries(now.counts).filter(([rule, count]) => count > (then.counts[rule] ?? 0));
  if (grown.length === 0) {
    // What went away must not come back: the baseline never rises, so it may only sink.
    context.memory.set(key, now);
    const before = Object.values(then.counts).reduce((sum, count) => sum + count, 0);
    const fewer = before > places.length ? `, ${before - places.length} fewer than before` : ', no more than before';
    return pass(`${what} in ${counted(texts, 'file')}${fewer}.`, { evidence });
  }
  const said = grown
    .map(([rule, count]) => `${count} ${titleOf(rule)} instead of ${then.counts[rule] ?? 0}`)
    .join(', ');
  return fault(`There are more ${many} than the baseline has: ${said}.`, {
    findings: findingsOf(newcomers(places, then, new Set(grown.map(([rule]) => rule)))),
    evidence,
    remediation: [{ priority: 'low', title: `Remove the new ${many}`, steps }],
  });
}

/** Places whose lines the baseline does not have, or not as often. All of a rule where lines are not remembered. */
function newcomers(places: readonly Place<Hit>[], then: Baseline, grown: ReadonlySet<string>): Place<Hit>[] {
  const left = new Map<string, number>();
  for (const hash of then.lines.match(/.{8}/g) ?? []) left.set(hash, (left.get(hash) ?? 0) + 1);
  return places.filter((place) => {
    if (!grown.has(place.found.rule)) return false;
    const hash = lineHash(place);
    const count = left.get(hash) ?? 0;
    left.set(hash, count - 1);
    return count <= 0;
  });
}

export const escapeHatches: Check = {
  id: 'SAF_ESCAPE_HATCHES',
  category: 'safety',
  severity: 'warning',
  from: 'ci',
  title: 'No more escape hatches (any, @ts-ignore, bare except, unwrap, linters switched off) than before',
  timeoutMs: sweepMs,
  lane: 'cheap',
  run: (context) =>
    compare(context, {
      topic: 'hatch',
      key: 'safety.hatches/1',
      one: 'escape hatch',
      many: 'escape hatches',
      steps: [
        'Give the value its type, handle the error, or mend what the linter says.',
        'Where that cannot be, remove another one that is no longer needed.',
      ],
    }),
};

export const todo: Check = {
  id: 'SAF_TODO',
  category: 'safety',
  severity: 'info',
  from: 'enterprise',
  title: 'No more TODO, FIXME, XXX and HACK than before',
  timeoutMs: sweepMs,
  lane: 'cheap',
  run: (context) =>
    compare(context, {
      topic: 'todo',
      key: 'safety.todo/1',
      one: 'open remark',
      many: 'open remarks',
      steps: ['Do what the remark says, or write it down where work is planned.'],
    }),
};
