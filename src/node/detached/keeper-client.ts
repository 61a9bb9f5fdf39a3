/** Starts keepers (`src/keeper`) and connects to those that an earlier host has started. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join, parse } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import { isRecord } from '../../protocol/schema.ts';
import { keeperEnvironment } from '../run/guest-environment.ts';
import { explainStartError } from '../run/start-error.ts';
import type { RunHandle } from '../run/start-run.ts';
import { type KeeperAbsence, KeeperConnection } from './keeper-connection.ts';
import type { KeeperRequest } from './keeper-request.ts';
import type { RunEvents } from './run-events.ts';

/** Starts a keeper and resolves with its address. It starts the program once a host has connected. */
export async function startKeeper(request: KeeperRequest): Promise<string> {
  const module = join(request.dist, 'keeper.js');
  if (!existsSync(module)) {
    throw new HumanError(`This installation is incomplete: ${module} is missing. Reinstall Pipescope.`);
  }
  const keeper = forkKeeper(module);
  const address = await new Promise<string>((resolve, reject) => {
    const fail = (): void => reject(new HumanError('Could not start the program in the background. Try again.'));
    keeper.once('error', fail).once('exit', fail);
    keeper.once('message', (message: unknown) => {
      if (!isRecord(message)) fail();
      else if (typeof message['address'] === 'string') resolve(message['address']);
      else reject(new HumanError(String(message['failure'])));
    });
    keeper.send(request, () => undefined);
  });
  keeper.unref();
  return address;
}

function forkKeeper(module: string): ChildProcess {
  try {
    return fork(module, [], {
      // This folder exists for as long as the keeper runs, and nobody needs to remove it.
      cwd: parse(process.execPath).root,
      env: keeperEnvironment(),
      execArgv: [],
      // Signals to our process group and the end of our terminal must not reach the keeper.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  } catch (error) {
    throw explainStartError({ command: process.execPath, cwd: '/' }, error);
  }
}

/** Connects to a keeper. Resolves once everything recorded before has arrived, or with the reason why it cannot be used. */
export async function connectToKeeper(address: string, events: RunEvents): Promise<RunHandle | KeeperAbsence> {
  const connection = new KeeperConnection(connect(address), events);
  const absence = await connection.opened;
  return absence ?? connection;
}
