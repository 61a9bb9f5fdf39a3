/** The one kind of error that is shown to people; every other goes to the log with its stack. */

/** Its message says what happened and what to do next. */
export class HumanError extends Error {
  override readonly name = 'HumanError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
