/** `npm run bench [-- SUITE…] [--json FILE]`: measures all published figures and prints them as a table. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { activation } from './activation.ts';
import { compiler } from './compiler.ts';
import { detection } from './detection.ts';
import { type Figure, formatTable } from './figure.ts';
import { fiveNodes, recordedCall } from './guest.ts';
import { host } from './host.ts';
import { operations } from './operations.ts';
import { otlp } from './otlp.ts';
import { panel } from './panel.ts';
import { python } from './python.ts';
import { same } from './same.ts';
import { server } from './server/server.ts';
import { sizes } from './size.ts';
import { truth } from './truth/truth.ts';
import { validation } from './validation.ts';
import { zero } from './zero.ts';

const suites: Readonly<Record<string, () => Figure[] | Promise<Figure[]>>> = {
  guest: () => [...recordedCall(), fiveNodes()],
  host: async () => [...(await host()), ...(await operations())],
  operations,
  detection,
  otlp,
  zero,
  compiler,
  server,
  truth: () => truth(),
  python,
  validation,
  same,
  panel,
  activation,
  size: sizes,
};

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const selected = positionals.length > 0 ? positionals : Object.keys(suites);
const figures: Figure[] = [];
for (const name of selected) {
  const suite = suites[name];
  if (!suite) throw new Error(`Unknown suite ${name}. Available suites: ${Object.keys(suites).join(', ')}.`);
  console.error(`Measuring ${name}…`);
  figures.push(...(await suite()));
}
console.log(
  `\n${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}\n`,
);
console.log(formatTable(figures));
if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, undefined, 1)}\n`);
