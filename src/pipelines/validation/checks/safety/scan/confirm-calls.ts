/** Confirms rule matches as calls, using the detection pipeline's parser. Runs in the scan worker. */
import { extractFile } from '../../../../detection/extract/extract-file.ts';
import type { Facts } from '../../../../detection/extract/facts.ts';
import type { Language } from '../../../../detection/extract/languages.ts';
import { getLanguage } from '../../../../detection/extract/parse-file.ts';
import { findCallsAt } from './named-calls.ts';
import type { RuleMatch } from './scan.ts';

/** Returns true if a call is what the rule looks for. `text` is the source of the call. */
type CallTest = (name: string, text: string) => boolean;

const isNamed =
  (pattern: RegExp): CallTest =>
  (name) =>
    pattern.test(name);

const stringLiteral =
  /[rbuRBU]{0,2}(?:'''[\s\S]*?'''|\x22{3}[\s\S]*?\x22{3}|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`$]*`)/.source;
/** A call whose first argument is a string literal, such as `eval('1 + 1')`, is as safe as any other code. */
const constantFirstArgument = new RegExp(`^[^(]*\\(\\s*\\[?\\s*${stringLiteral}\\s*[,)]`);
/** All arguments must be literals if the last argument is the code. */
const constantArguments = new RegExp(`^[^(]*\\((?:\\s*${stringLiteral}\\s*,)*\\s*${stringLiteral}\\s*,?\\s*\\)$`);
const isNamedAndDynamic =
  (pattern: RegExp, constantCall = constantFirstArgument): CallTest =>
  (name, text) =>
    pattern.test(name) && !constantCall.test(text);

/** YAML loaders that only create plain values. */
const safeLoader = /\b(?:C?SafeLoader|C?BaseLoader|SafeLineLoader)\b/;
const pickleFunctions =
  /^(?:c?pickle|cPickle|_pickle|pickle5|dill|cloudpickle|joblib|marshal|jsonpickle|torch)\.(?:loads?|Unpickler)$/;

/** Call tests by the id of their rule. Each rule with `mustBeCall` has one. */
export const callTests: Readonly<Record<string, CallTest>> = {
  breakpoint: isNamed(
    /^(?:breakpoint|(?:i|pu|w|r|rp)?pdb\.set_trace|bdb\.set_trace|(?:IPython\.core\.)?debugger\.set_trace)$/,
  ),
  eval: isNamedAndDynamic(/^(?:(?:window|globalThis|global|self)\.)?eval$/),
  function: isNamedAndDynamic(/^Function$/, constantArguments),
  python_eval: isNamedAndDynamic(/^(?:builtins\.)?(?:eval|exec)$/),
  // With `weights_only=True`, torch.load does not run code.
  unpickle: (name, text) => pickleFunctions.test(name) && !/weights_only\s*=\s*True/.test(text),
  yaml_load: (name, text) => /^yaml\.(?:unsafe_load|load)(?:_all)?$/.test(name) && !safeLoader.test(text),
  shell: (name, text) =>
    /^(?:subprocess|asyncio)\.|(?:^|\.)Popen$/.test(name) &&
    /\bshell\s*=\s*True\b/.test(text) &&
    !constantFirstArgument.test(text),
  os_system: isNamedAndDynamic(/^os\.(?:system|popen)$/),
};

/** Removes matches that are not the call their rule looks for. If the file cannot be parsed, all matches are kept. */
export async function confirmCalls(
  path: string,
  text: string,
  language: Language,
  matches: readonly RuleMatch[],
): Promise<RuleMatch[]> {
  const facts = await extractFacts(path, language);
  if (!facts) return [...matches];
  return matches.filter(({ rule, line }) => {
    const isMatchingCall = callTests[rule];
    if (!isMatchingCall) return true;
    return findCallsAt(facts, line, text).some(({ call, name }) => isMatchingCall(name, text.slice(call[0], call[1])));
  });
}

async function extractFacts(path: string, language: Language): Promise<Facts | undefined> {
  try {
    return (await extractFile(path, path, await getLanguage(language))).facts;
  } catch {
    // The code is nested too deeply, parsing took too long, or the parser failed.
    return undefined;
  }
}
