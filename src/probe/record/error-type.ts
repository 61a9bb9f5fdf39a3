const maxLength = 120;

/**
 * Returns the code of an error if it has one, otherwise its class name; for other values their `typeof`. Anything can be
 * thrown, so reading it may throw again.
 */
export function errorType(error: unknown): string {
  try {
    if (!(error instanceof Error)) return typeof error;
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    if (typeof code === 'string') return code.slice(0, maxLength);
    return typeof name === 'string' ? name.slice(0, maxLength) : 'Error';
  } catch {
    return 'Error';
  }
}
