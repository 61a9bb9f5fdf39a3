/** Reads JSON files that Pipescope wrote earlier, or that someone claims it has. */
import { HumanError } from '../../core/human-error.ts';
import { type ReadOptions, readRegularFile } from '../../process/read-regular-file.ts';
import { findDeepBracket } from '../../protocol/json-depth.ts';
import { parseJson } from '../../protocol/parse-json.ts';

/** Returns the value in a file. Throws a HumanError if the file may not be read or is not valid JSON. */
export function readJsonFile(file: string, options: ReadOptions): unknown {
  const read = readRegularFile(file, options);
  if (read.kind === 'missing') throw new HumanError(`${file} does not exist. Check the path.`);
  if (read.kind === 'refused') throw new HumanError(`${file} ${read.problem}. Select another file.`);
  const text = decodeText(read.bytes, file);
  if (findDeepBracket(text) !== undefined) throw new HumanError(`${file} is nested too deeply. Select another file.`);
  const value = parseJson(text);
  if (value === undefined) throw new HumanError(`${file} is not valid JSON. Select a file that Pipescope wrote.`);
  return value;
}

/** Decodes UTF-8, without a byte order mark. */
function decodeText(bytes: Buffer, file: string): string {
  try {
    return bytes.toString('utf8').replace(/^\ufeff/, '');
  } catch {
    // The engine limits the length of a string, to about 512 MB.
    throw new HumanError(`${file} is too large to read. Select another file.`);
  }
}
