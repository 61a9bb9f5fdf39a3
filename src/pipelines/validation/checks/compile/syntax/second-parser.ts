/** Second parsers for sources that the grammar of the detection pipeline rejects. */
import { stripTypeScriptTypes } from 'node:module';
import { Script } from 'node:vm';
import { type ParserPlugin, parse } from '@babel/parser';
import { defined } from '../../../../../protocol/defined.ts';
import { tolerantOptions } from '../../../../detection/ecmascript/normalize/tolerant-options.ts';

/** Result of a second parser. `unknown` means that it cannot parse this kind of file. */
export type ParseResult = 'valid' | 'unknown' | { readonly line?: number; readonly message: string };

/** Tags of templates. Objects in attributes of JSX, as in `style={{ a: 1 }}`, look similar. */
const templateTag = /<%|\{%|(?<![\w-]=)\{\{[^}]*\}\}/;
/** Length of the head in which a file says that it has types of Flow. */
const headLength = 4000;

/** Parses a file with Node's parsers: as a CommonJS script, then as a module with or without types. Babel parses JSX. */
export function parseScript(file: string, text: string): ParseResult {
  const result = findError(file, text.replace(/^#!.*/, ''));
  if (typeof result === 'string') return result;
  return isOtherLanguage(text, result.line) ? 'unknown' : result;
}

/** Returns whether the file has types of Flow, or a parser stopped at a tag of a template. */
function isOtherLanguage(text: string, line: number | undefined): boolean {
  const head = text.slice(0, headLength);
  return /@flow\b/.test(head) || templateTag.test(line === undefined ? head : (text.split('\n')[line - 1] ?? ''));
}

function findError(file: string, text: string): ParseResult {
  if (/\.[jt]sx$/.test(file)) return parseJsx(file, text);
  const commonJsResult = /\.[cm]?js$/.test(file) ? parseCommonJs(file, text) : undefined;
  if (commonJsResult === 'valid') return 'valid';
  const moduleResult = parseModule(text);
  if (moduleResult === 'valid' || moduleResult === 'unknown') return moduleResult;
  // A .js file with JSX is valid for the compiler of the project.
  if (/\.js$/.test(file) && /<\/?[A-Za-z][\w.]*[\s/>]|<>/.test(text)) return parseJsx(file, text);
  const isModule = typeof commonJsResult === 'object' && moduleSyntax.test(commonJsResult.message);
  return isModule ? moduleResult : (commonJsResult ?? moduleResult);
}

/** Messages by which the parser of scripts rejects modules. */
const moduleSyntax = /import statement|token 'export'|import\.meta|await is only valid/;

/** Errors after which Babel continues, although no compiler accepts them. It also continues after names that occur twice. */
const fatalReasons =
  /^(?:MissingClosingTag(?:Element|Fragment)|MissingSemicolon|UnexpectedToken|UnwrappedAdjacentJSXElements|AttributeIsEmpty)$/;

interface BabelError extends Error {
  readonly loc?: { readonly line: number };
  readonly reasonCode?: string;
}

function parseJsx(file: string, text: string): ParseResult {
  const types: ParserPlugin = /\.tsx$/.test(file) ? 'typescript' : 'flow';
  try {
    const { errors } = parse(text, {
      ...tolerantOptions,
      plugins: [types, 'jsx', 'decorators-legacy', 'decoratorAutoAccessors'],
    });
    const error = (errors as readonly BabelError[] | null)?.find(({ reasonCode }) =>
      fatalReasons.test(reasonCode ?? ''),
    );
    return error ? toBabelResult(error) : 'valid';
  } catch (error) {
    return toBabelResult(error as BabelError);
  }
}

function toBabelResult({ loc, message, reasonCode }: BabelError): ParseResult {
  // Syntax that has not been standardized yet, which the project may have a plugin for.
  if (loc === undefined || /^Missing(?:OneOf)?Plugins?$/.test(reasonCode ?? '')) return 'unknown';
  return { line: loc.line, message: message.replace(/\.?\s*\(\d+:\d+\)[\s\S]*$/, '') };
}

/** Parses the text as the body of a function, as `require` does. */
function parseCommonJs(file: string, text: string): ParseResult {
  try {
    new Script(`(function (exports, require, module, __filename, __dirname) { ${text}\n})`, { filename: file });
    return 'valid';
  } catch (error) {
    return toParseError(error, new RegExp(`^${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+)`, 'm'));
  }
}

function parseModule(text: string): ParseResult {
  if (typeof stripTypeScriptTypes !== 'function') return 'unknown';
  const { emitWarning } = process;
  // Suppresses Node's warning about an experimental function, which does not concern the user.
  process.emitWarning = () => {};
  try {
    stripTypeScriptTypes(text);
    return 'valid';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The text was parsed, but contains syntax that cannot be stripped, such as an enum.
    if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return 'valid';
    return code === 'ERR_INVALID_TYPESCRIPT_SYNTAX' ? toParseError(error, /:(\d+)$/m) : 'unknown';
  } finally {
    process.emitWarning = emitWarning;
  }
}

function toParseError(error: unknown, linePattern: RegExp): ParseResult {
  const { stack = '', message } = error as Error;
  const line = Number(linePattern.exec(stack)?.[1]);
  return { ...defined({ line: line > 0 ? line : undefined }), message: message.split('\n')[0] as string };
}

/** Python program that parses the files named in its JSON input, except known valid hashes, and writes errors as JSON. */
export const pythonParser = `
import ast, hashlib, json, sys, warnings
warnings.simplefilter('ignore')
request = json.load(sys.stdin)
valid, errors = {}, []
for name in request['files']:
    try:
        with open(name, 'rb') as file:
            data = file.read(2000001)
    except OSError:
        continue
    if len(data) > 2000000 or b'\\0' in data:
        continue
    digest = hashlib.sha1(data).hexdigest()
    if request['valid'].get(name) != digest:
        try:
            ast.parse(data, name)
        except SyntaxError as error:
            errors.append({'file': name, 'line': error.lineno, 'message': error.msg})
            continue
        except (ValueError, RecursionError, MemoryError):
            continue
    valid[name] = digest
json.dump({'version': list(sys.version_info[:2]), 'valid': valid, 'errors': errors}, sys.stdout)
`;
