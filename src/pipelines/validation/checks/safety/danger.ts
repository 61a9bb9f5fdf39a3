/** SAF_DEBUG and SAF_DANGEROUS: what was left in by a search for a fault, and what runs texts, data or memory unchecked. */
import type { Facts } from '../../../detection/facts.ts';
import { languageOf } from '../../../detection/languages.ts';
import { type Check, type Context, fault, pass, skip } from '../../check.ts';
import { callsAt, type Named } from './calls.ts';
import { counted, evidenceOf, findingsOf, linesOf, tally } from './findings.ts';
import { type Hit, topicOf } from './sweep.ts';
import { type Place, sweepCode, sweepMs } from './thread.ts';

/** Whether a call is what the rule looks for; the text is that of the call. */
type Confirm = (name: string, text: string) => boolean;

const oneOf =
  (pattern: RegExp): Confirm =>
  (name) =>
    pattern.test(name);

const literal = /[rbuRBU]{0,2}(?:'''[\s\S]*?'''|\x22{3}[\s\S]*?\x22{3}|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`$]*`)/
  .source;
/** What is written down in the call itself and put together nowhere is as safe as code: `eval('1 + 1')`. */
const constant = new RegExp(`^[^(]*\\(\\s*\\[?\\s*${literal}\\s*[,)]`);
/** The last of the arguments is the code. */
const allConstant = new RegExp(`^[^(]*\\((?:\\s*${literal}\\s*,)*\\s*${literal}\\s*,?\\s*\\)$`);
const notConstant =
  (pattern: RegExp, known = constant): Confirm =>
  (name, text) =>
    pattern.test(name) && !known.test(text);

/** Loaders that build plain values alone. */
const safeLoader = /\b(?:C?SafeLoader|C?BaseLoader|SafeLineLoader)\b/;
const pickles =
  /^(?:c?pickle|cPickle|_pickle|pickle5|dill|cloudpickle|joblib|marshal|jsonpickle|torch)\.(?:loads?|Unpickler)$/;

/** Rules of languages whose calls are known. A rule that is not here needs no call: it is a statement. */
const confirms: Readonly<Record<string, Confirm>> = {
  breakpoint: oneOf(
    /^(?:breakpoint|(?:i|pu|w|r|rp)?pdb\.set_trace|bdb\.set_trace|(?:IPython\.core\.)?debugger\.set_trace)$/,
  ),
  eval: notConstant(/^(?:(?:window|globalThis|global|self)\.)?eval$/),
  function: notConstant(/^Function$/, allConstant),
  python_eval: notConstant(/^(?:builtins\.)?(?:eval|exec)$/),
  // torch.load reads weights alone where it is told so.
  unpickle: (name, text) => pickles.test(name) && !/weights_only\s*=\s*True/.test(text),
  yaml_load: (name, text) => /^yaml\.(?:unsafe_load|load)(?:_all)?$/.test(name) && !safeLoader.test(text),
  shell: (name, text) =>
    /^(?:subprocess|asyncio)\.|(?:^|\.)Popen$/.test(name) && /\bshell\s*=\s*True\b/.test(text) && !constant.test(text),
  os_system: notConstant(/^os\.(?:system|popen)$/),
};

export const debug: Check = {
  id: 'SAF_DEBUG',
  category: 'safety',
  severity: 'warning',
  from: 'dev',
  title: 'No breakpoint is left in the code',
  timeoutMs: sweepMs,
  lane: 'cheap',
  async run(context) {
    const { texts, places } = await confirmed(context, 'debug');
    if (texts === 0) return skip('not_applicable', 'There is no source code to look at.');
    if (places.length === 0) return pass(`No breakpoint is left in ${counted(texts, 'file')}.`);
    return fault(`${counted(places.length, 'breakpoint')} left in the code: ${tally(places)}.`, {
      findings: findingsOf(places),
      evidence: evidenceOf(linesOf(places)),
      remediation: [
        { priority: 'medium', title: 'Remove the breakpoints', steps: ['Open each place and delete the statement.'] },
      ],
    });
  },
};

export const dangerous: Check = {
  id: 'SAF_DANGEROUS',
  category: 'safety',
  severity: 'warning',
  from: 'ci',
  title: 'No text runs as code, no data builds objects, no unsafe block is left unexplained',
  timeoutMs: sweepMs,
  lane: 'cheap',
  async run(context) {
    const { texts, places } = await confirmed(context, 'danger');
    if (texts === 0) return skip('not_applicable', 'There is no source code to look at.');
    if (places.length === 0) return pass(`No dangerous call is in ${counted(texts, 'file')} outside of tests.`);
    const files = new Set(places.map(({ file }) => file)).size;
    return fault(`${counted(places.length, 'dangerous place')} in ${counted(files, 'file')}: ${tally(places)}.`, {
      findings: findingsOf(places),
      evidence: evidenceOf(linesOf(places)),
      remediation: [
        {
          priority: 'medium',
          title: 'Take the danger out, or say why there is none',
          steps: [
            'Make sure that nothing from outside reaches the place.',
            'Use what cannot run code: JSON instead of pickle, yaml.safe_load, a list of arguments instead of a shell.',
            'Explain an unsafe block by a comment that begins with SAFETY.',
          ],
        },
      ],
    });
  },
};

async function confirmed(
  context: Context,
  topic: 'debug' | 'danger',
): Promise<{ texts: number; places: Place<Hit>[] }> {
  const { places, texts } = await sweepCode(context);
  const found = places.filter((place) => topicOf(place.found.rule) === topic);
  // The index is asked only where a place depends on it: it may take long where nobody has made it yet.
  const asks = found.some(({ file, found: hit }) => hit.rule in confirms && languageOf(file) !== undefined);
  const index = asks ? await context.repository.index() : new Map<string, Facts>();
  const kept: Place<Hit>[] = [];
  for (const place of found) {
    if (await isMeant(context, place, index.get(place.file))) kept.push(place);
  }
  return { texts, places: kept };
}

/** A file that the index does not know is judged by its words alone. */
async function isMeant(
  { repository }: Context,
  { file, found }: Place<Hit>,
  facts: Facts | undefined,
): Promise<boolean> {
  const confirm = confirms[found.rule];
  if (!confirm || !facts) return true;
  const text = (await repository.text(file)) ?? '';
  return callsAt(facts, found.line, text).some(({ call, name }: Named) => confirm(name, text.slice(call[0], call[1])));
}
