/** Checks that coroutines are suspended, resumed, cancelled and closed as without the probe. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { findInterpreters, minorOf } from './interpreters.ts';
import { moduleFolders } from './profiled-python.ts';
import { suspensions } from './suspensions.ts';

/** Ways in which instrumented functions run: every call timed, most calls only counted, and after a tool has started. */
const modes = ['timed', 'counted', 'closed'];

/** Runs each of the programs on the standard input plain and in every mode, and prints what they print, as JSON. */
const runner = `import sys
sys.dont_write_bytecode = True
sys.path[:0] = ${JSON.stringify(moduleFolders)}
import contextlib, io, json, sys
from pipescope_meter import Meter
from pipescope_wrap import instrument

def meter_for(mode):
    def create(name, line, code):
        meter = Meter(0, 'functions', name, line=line)
        if mode == 'counted': meter.set_level(2)
        if mode == 'closed': meter.close()
        meters.append(meter)
        return meter
    meters = []
    return create, meters

def output_of(code):
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.redirect_stderr(output):
        try: exec(code, {'__name__': 'program'})
        except BaseException as error: print(repr(error))
    sys.unraisablehook = lambda event: None  # It would print addresses.
    return output.getvalue().splitlines()

def outputs_of(text):
    plain = compile(text, 'program.py', 'exec')
    outputs, counts = {'plain': output_of(plain)}, {}
    for mode in ${JSON.stringify(modes)}:
        create, meters = meter_for(mode)
        outputs[mode] = output_of(instrument(plain, create).code)
        for meter in meters: meter.collect(True)
        counts[mode] = sum(meter.pending.count for meter in meters if meter.steps is not None)
    return outputs, counts

results = []
for text in json.load(sys.stdin):
    results.append(outputs_of(text))
json.dump(results, sys.stdout)
`;

type Result = readonly [
  outputs: Record<string, readonly string[]>,
  counts: { readonly timed?: number; readonly counted?: number },
];

describe('Suspensions of coroutines', () => {
  for (const { path, version } of findInterpreters()) {
    it(`are the same with the probe in Python ${version}`, () => {
      const rows = suspensions.filter(({ minMinorVersion = 0 }) => minorOf(version) >= minMinorVersion);
      const input = JSON.stringify(rows.map(({ program }) => program));
      const { stdout, stderr } = spawnSync(path, ['-c', runner], { input, encoding: 'utf8', maxBuffer: 1e9 });
      assert.equal(stderr, '');
      const results: readonly Result[] = JSON.parse(stdout);
      assert.equal(results.length, rows.length);
      const differences: string[] = [];
      for (const [index, { what, leavesCalls }] of rows.entries()) {
        const [{ plain = [], ...outputs }, counts] = results[index] as Result;
        assert.ok(plain.length > 0, `prints no line: ${what}`);
        for (const mode of modes) {
          const output = outputs[mode] ?? [];
          const line = plain.findIndex((text, number) => text !== output[number]);
          if (line >= 0) differences.push(`${what}, ${mode}:\n  ${output[line]}\n  instead of\n  ${plain[line]}`);
          else if (output.length > plain.length) differences.push(`${what}, ${mode}: prints ${output.at(-1)}`);
        }
        const { timed, counted } = counts;
        if (!timed || !counted) differences.push(`${what}: no coroutine is counted`);
        if (!leavesCalls && timed !== counted) differences.push(`${what}: counts ${timed} and ${counted} calls`);
      }
      assert.deepEqual(differences, []);
    });
  }
});
