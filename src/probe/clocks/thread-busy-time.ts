/** Returns the CPU time of this thread. On older Node versions, the time that its event loop was active. */
export function threadBusyMs(): number {
  const usage = (process as { threadCpuUsage?: () => { user: number; system: number } }).threadCpuUsage?.();
  return usage ? (usage.user + usage.system) / 1000 : performance.eventLoopUtilization().active;
}
