/** An invalid option or `pipescope.json`. Its message says what to change; the process exits with `configurationErrorExitCode`. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

export const configurationErrorExitCode = 2;
