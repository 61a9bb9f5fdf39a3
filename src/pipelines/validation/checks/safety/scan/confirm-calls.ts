/** Looks by the detection pipeline's facts whether a word is a call of what it looks like. Runs in a thread of its own. */
import { extractFile } from '../../../../detection/extract/extract-file.ts';
import type { Facts } from '../../../../detection/extract/facts.ts';
import type { Language } from '../../../../detection/extract/languages.ts';
import { grammarOf } from '../../../../detection/extract/parse-file.ts';
import { callsAt } from './named-calls.ts';
import type { Hit } from './scan.ts';

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

/** By rule, those that have `call`. */
export const confirms: Readonly<Record<string, Confirm>> = {
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

/** Hits that are no call of what their rule means are left out; what cannot be parsed is judged by its words alone. */
export async function confirmed(path: string, text: string, language: Language, hits: readonly Hit[]): Promise<Hit[]> {
  const facts = await factsOf(path, language);
  if (!facts) return [...hits];
  return hits.filter(({ rule, line }) => {
    const confirm = confirms[rule];
    if (!confirm) return true;
    return callsAt(facts, line, text).some(({ call, name }) => confirm(name, text.slice(call[0], call[1])));
  });
}

async function factsOf(path: string, language: Language): Promise<Facts | undefined> {
  try {
    return extractFile(path, path, await grammarOf(language)).facts;
  } catch {
    // Too deep, too slow, or a fault of the parser.
    return undefined;
  }
}
