/** A test module whose extension host dies: nothing may call that a pass. */
export function run(): void {
  process.kill(process.pid, 'SIGKILL');
}
