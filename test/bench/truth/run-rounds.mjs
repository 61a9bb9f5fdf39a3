/** `node run-rounds.mjs PROGRAM ROUNDS`: runs a program as users would. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , file, rounds] = process.argv;
const program = await import(pathToFileURL(resolve(file)).href);
if (program.main) await program.main(Number(rounds));
else for (let index = 0; index < Number(rounds); index++) await program.round();
