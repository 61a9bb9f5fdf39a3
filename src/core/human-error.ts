/**
 * An error whose message is shown to the user: it says what happened and what to do. Other errors are logged with their
 * stacks.
 */
export class HumanError extends Error {
  override readonly name = 'HumanError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
