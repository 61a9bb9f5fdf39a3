/** A test module that kills its extension host. The launcher must not report this as a pass. */
export function run(): void {
  process.kill(process.pid, 'SIGKILL');
}
