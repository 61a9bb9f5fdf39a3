/** The door of the keeper's process: takes its errand from the host that started it, says where it is found, and lets go. */
import { isErrand } from '../node/detached/run-note.ts';
import { Keeper } from './keeper.ts';

process.once('message', async (errand: unknown) => {
  if (!isErrand(errand)) process.exit(1);
  const keeper = new Keeper(errand);
  // Whatever comes, no program is left behind that nobody can end.
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'])
    process.on(event, () => void keeper.leave());
  const address = await keeper.open();
  process.send?.({ address }, () => process.disconnect());
});
