/** Parses JSON text. Returns `undefined` if the text is not valid JSON (`undefined` is not a JSON value). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
