/**
 * Returns Node's name for the kind of this process, such as `run_main_module`, `worker_thread`, `eval_string`,
 * `test_runner` or `startup_snapshot`. It is read from the outermost stack frame because options can also come from configuration files.
 */
export function mainScript(): string | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    Error.prepareStackTrace = (_error, sites) => sites.at(-1)?.getFileName();
    const file = new Error().stack as string | undefined;
    return file && /^node:internal\/(?:main|v8)\/(.+)$/.exec(file)?.[1];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace) Error.prepareStackTrace = prepareStackTrace;
    else Reflect.deleteProperty(Error, 'prepareStackTrace');
  }
}
