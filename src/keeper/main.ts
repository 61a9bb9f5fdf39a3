/** Entry point of the keeper process: receives a request from the host, sends back its address and disconnects. */
import { isKeeperRequest } from '../node/detached/keeper-request.ts';
import { Keeper } from './keeper.ts';

process.once('message', async (request: unknown) => {
  if (!isKeeperRequest(request)) process.exit(1);
  const keeper = new Keeper(request);
  // However this process ends, it must not leave a program behind.
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'])
    process.on(event, () => void keeper.shutDown());
  const address = await keeper.open();
  process.send?.({ address }, () => process.disconnect());
});
