/** Tests of JavaScript and TypeScript, by the calls that the detection pipeline finds: mocha, jest, vitest, node:test, ava, tape. */
import { isName, stepsOf } from '../../../../detection/extract/callee-text.ts';
import type { Binding, Call, Facts } from '../../../../detection/extract/facts.ts';
import { assertion, type Dialect, type Mark, type MarkKind, type Routine, type TestSource } from './test-dialect.ts';

/** Names that runners give to tests and suites. */
const tests = new Set(['it', 'test', 'specify']);
const suites = new Set(['describe', 'context', 'suite', 'QUnit', 'Deno', 'tap']);
/** Whole names of their own. */
const words: Readonly<Record<string, MarkKind>> = {
  fit: 'focused',
  fdescribe: 'focused',
  fcontext: 'focused',
  xit: 'skipped',
  xtest: 'skipped',
  xdescribe: 'skipped',
  xcontext: 'skipped',
  xspecify: 'skipped',
};
const steps: Readonly<Record<string, MarkKind>> = {
  only: 'focused',
  skip: 'skipped',
  skipIf: 'sometimes',
  runIf: 'sometimes',
};
/** Steps that leave a test a test. */
const modifiers = new Set(['only', 'concurrent', 'sequential', 'serial', 'parallel', 'each', 'for', 'failing', 'test']);
const runners =
  /^(?:node:test|mocha|vitest|jest|@jest\/globals|ava|tape|tap|uvu|jasmine|qunit|bun:test|@playwright\/test)$/;
/** Methods of a test's `t` that assert nothing. */
const silent = new Set(
  'log end plan timeout teardown skip test diagnostic before after beforeEach afterEach'.split(' '),
);

/** A call that begins a line and gives a test its name or its code; or a script that asserts by itself. */
const holds =
  /^[ \t]*(?:await\s+)?(?:it|test|specify|describe|context|suite|tap|fit|fdescribe|xit|xdescribe|(?:Deno|QUnit)\.\w+)(?:\.\w+)*(?:\([^'"`\n]*\)|`[^`]*`)?\s*\(\s*(?:['"`{(]|async\b|function\b|[\w$.]+\s*,)|\brequire\(['"](?:node:)?assert['"]\)|\bfrom\s*['"](?:node:)?assert['"/]/m;

/** The second value of a call: `it('name', { only: true }, …)`. */
const options = /^[\w.$]+\(\s*(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)\s*,\s*\{([^{}]*)\}\s*,/;

/** Throws, rejects, or waits to be told that it is done: who waits for a call expects it. */
const telling = /\bthrow\b|\.should\b|\breject\(|\b(?:done|cb|callback|next|finish)\s*\)?\s*(?:=>|\{)/;

interface Site {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly callee: string;
  readonly steps: readonly string[];
  readonly form: Call[6];
}

function sitesOf({ calls, callees }: Facts): Site[] {
  const known = callees.map(stepsOf);
  return calls.map(([start, end, line, , , callee, form]) => ({
    start,
    end,
    line,
    callee: callees[callee] as string,
    steps: known[callee] as readonly string[],
    form,
  }));
}

function bindingsOf(facts: Facts, name: string): Binding[] {
  return facts.scopes.flatMap(({ names }) => names.filter(([other]) => other === name).map(([, binding]) => binding));
}

/** The name is a runner's: global, imported from one, or made from one; not a function of the file or of its product. */
function isRunners(facts: Facts, name: string): boolean {
  const ofItsOwn = name in words;
  return bindingsOf(facts, name).every((binding) => {
    if ('definition' in binding) return false;
    if ('from' in binding) return !ofItsOwn || runners.test(binding.from);
    return !ofItsOwn;
  });
}

function marks({ text, facts }: TestSource): Mark[] {
  if (!facts) return [];
  const found = new Map<number, Mark>();
  const functions = facts.definitions.filter(({ form }) => form === 'function' || form === 'method');
  for (const site of sitesOf(facts)) {
    const kind = kindOf(site, text);
    const root = site.steps[0] as string;
    if (!kind || found.has(site.start) || !isRunners(facts, root)) continue;
    // What a function skips, it skips in some of its cases.
    const isCase = functions.some(({ start, end }) => start < site.start && site.end <= end);
    const mark = kind === 'skipped' && isCase ? 'sometimes' : kind;
    found.set(site.start, { kind: mark, line: site.line, words: wordsOf(site, kind) });
  }
  return [...found.values()];
}

/** As written; a mark that is no word of the callee stands in its options. */
function wordsOf({ callee, steps: names }: Site, kind: MarkKind): string {
  const isWord = names.some((name) => steps[name] === kind || words[name] === kind);
  return `${callee.replace(/\(\).*/, '')}${isWord ? '' : ` with the option ${kind === 'focused' ? 'only' : 'skip'}`}`;
}

function kindOf({ steps: [root = '', ...rest], start, end, form }: Site, text: string): MarkKind | undefined {
  if (form === 'new' || form === 'decorator') return undefined;
  const word = rest.length === 0 ? words[root] : undefined;
  if (word) return word;
  if (tests.has(root) || suites.has(root)) {
    const step = rest.find((name) => steps[name]);
    if (step) return steps[step];
    if (rest.some((name) => !modifiers.has(name) && name !== 'describe')) return undefined;
    const given = options.exec(text.slice(start, end))?.[1] ?? '';
    if (/\bonly\s*:\s*true\b/.test(given)) return 'focused';
    if (/\bskip\s*:\s*(?:true\b|['"`])/.test(given)) return 'skipped';
    return /\bskip\s*:/.test(given) ? 'sometimes' : undefined;
  }
  return (root === 'this' || root === 't') && rest.length === 1 && rest[0] === 'skip' ? 'sometimes' : undefined;
}

function routines({ text, facts }: TestSource): Routine[] {
  if (!facts) return [];
  const sites = sitesOf(facts);
  const found: Routine[] = [];
  for (const site of sites) {
    if (isCase(site) && isRunners(facts, site.steps[0] as string)) {
      const code = text.slice(site.start, site.end);
      if (!/=>|\bfunction\b/.test(code)) continue;
      const name = /^[^(]*\(\s*(['"`])(.*?)\1/.exec(code)?.[2] ?? site.callee;
      found.push(routineOf(name, site, true, code, sites));
    }
  }
  for (const { name, form, start, end, line } of facts.definitions) {
    if (form !== 'function' && form !== 'method') continue;
    found.push(routineOf(name, { start, end, line }, false, text.slice(start, end), sites));
  }
  return found;
}

/** A call that hands a test to a runner. */
function isCase({ steps: [root = '', ...rest], form }: Site): boolean {
  if (form !== 'call' || !(tests.has(root) || root === 'fit')) return false;
  if (rest.at(-1) === 'each' || rest.at(-1) === 'for') return false;
  return rest.every((step) => modifiers.has(step) || step === '()' || step === '[]');
}

type Part = Pick<Site, 'start' | 'end' | 'line'>;

function routineOf(name: string, part: Part, test: boolean, code: string, sites: readonly Site[]): Routine {
  const inside = sites
    .slice(firstFrom(sites, part.start), firstFrom(sites, part.end))
    .filter((site) => site.end <= part.end);
  const asserts =
    inside.some(({ steps: names, start }) => start > part.start && (names.some(isAssertion) || isOfTest(names))) ||
    telling.test(code);
  const calls = inside.flatMap(({ steps: names }) => names.filter(isName).at(-1) ?? []);
  return { name, line: part.line, test, asserts, calls: new Set(calls) };
}

/** Index of the first call at or after an offset; calls stand in order. */
function firstFrom(sites: readonly Site[], offset: number): number {
  let low = 0;
  let high = sites.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sites[middle] as Site).start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

const isAssertion = (step: string) => assertion.test(step);
/** `t.is(…)`, as ava, tape and node:test have it. */
const isOfTest = ([root, step]: readonly string[]) => root === 't' && step !== undefined && !silent.has(step);

export const ecmascript: Dialect = {
  id: 'ecmascript',
  stack: 'node',
  extensions: ['ts', 'mts', 'cts', 'tsx', 'js', 'mjs', 'cjs', 'jsx'],
  holds,
  marks,
  routines,
};
