/** Entry point of the keeper process: receives a request from the host, sends back its address and disconnects. */
import { messageOf } from '../core/human-error.ts';
import { isKeeperRequest } from '../node/detached/keeper-request.ts';
import { Keeper } from './keeper.ts';

process.once('message', async (request: unknown) => {
  if (!isKeeperRequest(request)) process.exit(1);
  const keeper = new Keeper(request);
  // However this process ends, it must not leave a program behind.
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'])
    process.on(event, () => void keeper.shutDown());
  const answer = await keeper.open().then(
    (address) => ({ address }),
    (error: unknown) => ({ failure: messageOf(error) }),
  );
  process.send?.(answer, () => {
    process.disconnect();
    if ('failure' in answer) process.exit(1);
  });
});
