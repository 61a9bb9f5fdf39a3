/**
 * Error for an invalid option or `pipescope.json`. Its message says what to change. The process exits with
 * `configurationErrorExitCode`.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

export const configurationErrorExitCode = 2;
