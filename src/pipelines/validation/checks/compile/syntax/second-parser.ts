/** Second opinions on sources that the grammar of the detection pipeline does not understand. */
import { stripTypeScriptTypes } from 'node:module';
import { Script } from 'node:vm';

/** What another parser says of a text: all is well, what is wrong, or that it cannot tell. */
export type Opinion = 'fine' | 'unknown' | { readonly line?: number; readonly message: string };

/** Flow and templates look like JavaScript and are none. */
const otherLanguage = /@flow\b|<%|\{%|\{\{[^}]*\}\}\s*$/m;

/** Node's own parsers: scripts as Node loads them, and modules with types or without. */
export function scriptOpinion(file: string, text: string): Opinion {
  if (/\.[jt]sx$/.test(file) || otherLanguage.test(text.slice(0, 4000))) return 'unknown';
  const plain = text.replace(/^#!.*/, '');
  const asScript = /\.[cm]?js$/.test(file) ? scriptFault(file, plain) : undefined;
  if (asScript === 'fine') return 'fine';
  const asModule = moduleFault(plain);
  if (asModule === 'fine' || asModule === 'unknown') return asModule;
  // JSX in a plain file is fine for whoever compiles it.
  if (/\.js$/.test(file) && /<\/?[A-Za-z][\w.]*[\s/>]/.test(text)) return 'unknown';
  return asScript ?? asModule;
}

/** As the body of a function, which is what `require` makes of a file. */
function scriptFault(file: string, text: string): Opinion {
  try {
    new Script(`(function (exports, require, module, __filename, __dirname) { ${text}\n})`, { filename: file });
    return 'fine';
  } catch (error) {
    return faultOf(error, new RegExp(`^${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+)`, 'm'));
  }
}

function moduleFault(text: string): Opinion {
  if (typeof stripTypeScriptTypes !== 'function') return 'unknown';
  const warn = process.emitWarning;
  // Node says that it may change; that is no matter of who runs a validation.
  process.emitWarning = () => {};
  try {
    stripTypeScriptTypes(text);
    return 'fine';
  } catch (error) {
    // What cannot be stripped, such as an enum, was understood.
    if ((error as NodeJS.ErrnoException).code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return 'fine';
    return (error as NodeJS.ErrnoException).code === 'ERR_INVALID_TYPESCRIPT_SYNTAX'
      ? faultOf(error, /:(\d+)$/m)
      : 'unknown';
  } finally {
    process.emitWarning = warn;
  }
}

function faultOf(error: unknown, place: RegExp): Opinion {
  const { stack = '', message } = error as Error;
  const line = Number(place.exec(stack)?.[1]);
  return { ...(line > 0 ? { line } : {}), message: message.split('\n')[0] as string };
}

/** Reads files named in its input and writes the faults of each as JSON; takes what is known to be fine by its hash. */
export const pythonProgram = `
import ast, hashlib, json, sys, warnings
warnings.simplefilter('ignore')
asked = json.load(sys.stdin)
fine, faults = {}, []
for name in asked['files']:
    try:
        with open(name, 'rb') as file:
            data = file.read(2000001)
    except OSError:
        continue
    if len(data) > 2000000 or b'\\0' in data:
        continue
    mark = hashlib.sha1(data).hexdigest()
    if asked['fine'].get(name) != mark:
        try:
            ast.parse(data, name)
        except SyntaxError as error:
            faults.append({'file': name, 'line': error.lineno, 'message': error.msg})
            continue
        except (ValueError, RecursionError, MemoryError):
            continue
    fine[name] = mark
json.dump({'version': list(sys.version_info[:2]), 'fine': fine, 'faults': faults}, sys.stdout)
`;
