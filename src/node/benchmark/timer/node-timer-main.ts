/** Entry point of the process timer that runs in Node. */
import { serveTimer } from './node-timer.ts';

await serveTimer();
