/** The one error that is the caller's: its message says what to change, and the process then ends with `exitCode`. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
}

export const exitCode = 2;
