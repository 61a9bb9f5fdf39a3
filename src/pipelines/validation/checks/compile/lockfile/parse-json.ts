/** Reads JSON of others, which may be none. */

/** What a tool wrote as JSON; nothing where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
