/** Time to end in order before the process is ended by force. */
const maxOrderlyMs = 1000;

/** Calls `stop` when the process that forked this one has ended, and then ends this process if it continues to run. */
export function endWithParent(stop: () => void): void {
  if (!process.channel) return;
  process.once('disconnect', () => {
    stop();
    setTimeout(() => process.exit(1), maxOrderlyMs).unref();
  });
  // Listening must not keep this process alive.
  process.channel.unref();
}
