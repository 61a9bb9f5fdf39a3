import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import { benchmark } from '../../../src/node/benchmark/run-benchmark.ts';
import { targetOf } from '../../../src/node/benchmark/target.ts';
import { parseScripts } from '../../../src/node/command/package-scripts.ts';
import {
  ConfigError,
  customPipelines,
  parseConfig,
  pipelinesIn,
  readCustomValidation,
} from '../../../src/node/config/config.ts';
import { buildPipelineLaunch } from '../../../src/node/run/launch-spec.ts';
import { configFile } from '../../../src/node/run/pipelines.ts';
import { Recording } from '../../../src/node/run/recording.ts';
import { builtCli } from '../../fixtures/command.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const root = resolve(import.meta.dirname, '../../..');
const schema = JSON.parse(readFileSync(join(root, 'media/pipescope.schema.json'), 'utf8')) as object;
const matchesSchema = new Ajv({ strict: false }).compile(schema);

/** Values that have the keys of a configuration but not its types. */
const configLike = fc.record(
  {
    pipelines: fc.oneof(fc.jsonValue(), fc.array(fc.record({ name: fc.jsonValue(), command: fc.jsonValue() }))),
    validation: fc.oneof(fc.jsonValue(), fc.record({ profiles: fc.jsonValue(), checks: fc.array(fc.jsonValue()) })),
  },
  { requiredKeys: [] },
);

const row = '{"name": "build", "command": "node"';
const check = '{"id": "LINKS", "command": "node"';
const good: readonly string[] = [
  '{}',
  '{"pipelines": []}',
  '{"pipelines": [], "validation": {}}',
  `{"validation": {"checks": [${check}}, {"id": "B", "builtin": "TST_RUN", "severity": "info", "dependsOn": ["LINKS"]}]}}`,
  `{"validation": {"checks": [${check}, "args": ["a"], "cwd": "a", "timeoutMs": 1, "category": "own", "parse": "(?<file>a)"}]}}`,
  '{"validation": {"profiles": {"quick": {}, "night": {"extends": "ci", "checks": ["A"], "required": ["B"], "minScore": 0}}}}',
  '{"validation": {"profiles": {"ci": {"maxWarnings": 0, "budgetMs": 1.5, "parallel": 64}, "x": {"parallel": "serial"}}}}',
  '{"validation": {"weights": {"build": 1, "own": 0}, "renormalizeWeights": false, "disabled": ["SAF_TODO"]}}',
  `{"pipelines": [${row}}]}`,
  `{"$schema": "x", "pipelines": [${row}, "args": ["a", ""], "cwd": "a/b..c/.d", "env": {"A": "", "B": "=1"}}]}`,
  `{"pipelines": [${row}, "components": {"src/**/*.ts": "source", "**": "rest"}}]}`,
];

/** Invalid texts with the line and message of the error. `notInSchema` marks errors that the JSON schema cannot find. */
const bad: readonly {
  readonly text: string;
  readonly line: number;
  readonly message: RegExp;
  readonly notInSchema?: true;
}[] = [
  { text: '', line: 1, message: /invalid JSON \(ValueExpected\)/, notInSchema: true },
  { text: '{\n"pipelines": [\n}', line: 3, message: /invalid JSON \(\w+\)/, notInSchema: true },
  { text: '[]', line: 1, message: /the file must be an object/ },
  { text: '{"pipelines": {}}', line: 1, message: /“pipelines” must be a list/ },
  {
    text: `{"pipelines": [],\n"pipeline": 1}`,
    line: 2,
    message: /“pipeline” is not a known key. Known keys: pipelines, validation/,
  },
  { text: `{"pipelines": [\n${row}},\n3]}`, line: 3, message: /row 2 must be an object/ },
  { text: '{"pipelines": [\n{"name": "a"}]}', line: 2, message: /“command” is missing/ },
  { text: '{"pipelines": [{\n"name": " ",\n"command": "a"}]}', line: 2, message: /“name” must not be empty/ },
  {
    text: '{"pipelines": [{\n"name": "detection",\n"command": "a"}]}',
    line: 2,
    message: /must not be the name of a built-in pipeline/,
  },
  { text: `{"pipelines": [{"name": "${'n'.repeat(81)}", "command": "a"}]}`, line: 1, message: /longer than 80/ },
  { text: '{"pipelines": [{"name": "a",\n"command": 1}]}', line: 2, message: /“command” must be text/ },
  {
    text: `{"pipelines": [${row},\n\n"comand": 1}]}`,
    line: 3,
    message: /“comand” is not a known key. Known keys: name, com/,
  },
  { text: `{"pipelines": [${row},\n"args": "a b"}]}`, line: 2, message: /“args” must be a list/ },
  { text: `{"pipelines": [${row},\n"args": ["a",\n2]}]}`, line: 3, message: /row 2 must be text/ },
  ...['/etc', '..', 'a/../../b', 'C:\\\\', '\\\\\\\\host', '../a'].map((cwd) => ({
    text: `{"pipelines": [${row},\n"cwd": "${cwd}"}]}`,
    line: 2,
    message: /“cwd” must be inside the workspace/,
  })),
  {
    text: `{"pipelines": [${row},\n"env": {"A=B": "1"}}]}`,
    line: 2,
    message: /“A=B” must be the name of an environment variable/,
  },
  { text: `{"pipelines": [${row},\n"env": ["A"]}]}`, line: 2, message: /“env” must be an object/ },
  { text: `{"pipelines": [${row},\n"components": []}]}`, line: 2, message: /“components” must be an object/ },
  { text: `{"pipelines": [[]]}`, line: 1, message: /row 1 must be an object/ },
  { text: `{"pipelines": [${row},\n"env": {\n"A": 1}}]}`, line: 3, message: /“A” must be text/ },
  { text: `{"pipelines": [${row},\n"components": {"**": ""}}]}`, line: 2, message: /must not be empty/ },
  { text: `{"pipelines": [${row}},\n${row}}]}`, line: 2, message: /already used by an earlier row/, notInSchema: true },
  { text: '{"validation": []}', line: 1, message: /“validation” must be an object/ },
  {
    text: '{"validation": {\n"profile": {}}}',
    line: 2,
    message: /“profile” is not a known key. Known keys: profiles, checks/,
  },
  { text: '{"validation": {"profiles": {\n"a b": {}}}}', line: 2, message: /“a b” must contain only letters/ },
  {
    text: '{"validation": {"profiles": {"a": {\n"minScore": 101}}}}',
    line: 2,
    message: /“minScore” must not be greater than 100/,
  },
  { text: '{"validation": {"profiles": {"a": {\n"maxWarnings": 0.5}}}}', line: 2, message: /must be a whole number/ },
  {
    text: '{"validation": {"profiles": {"a": {\n"parallel": 0}}}}',
    line: 2,
    message: /must be auto, serial or a whole number/,
  },
  { text: '{"validation": {"profiles": {"a": {\n"budgetMs": 0}}}}', line: 2, message: /at least 1 millisecond/ },
  {
    text: '{"validation": {"checks": [\n{"id": "A"}]}}',
    line: 2,
    message: /row 1 must have either “command” or “builtin”/,
  },
  {
    text: `{"validation": {"checks": [\n${check}, "builtin": "B"}]}}`,
    line: 2,
    message: /row 1 must have either “command” or “builtin”, and not both/,
  },
  { text: '{"validation": {"checks": [\n{"command": "a"}]}}', line: 2, message: /“id” is missing/ },
  {
    text: `{"validation": {"checks": [${check},\n"severity": "bad"}]}}`,
    line: 2,
    message: /must be one of fatal, warning, info/,
  },
  { text: `{"validation": {"checks": [${check},\n"cwd": "../a"}]}}`, line: 2, message: /must be inside the workspace/ },
  { text: '{"validation": {"weights": {\n"build": 2}}}', line: 2, message: /“build” must not be greater than 1/ },
  { text: '{"validation": {\n"renormalizeWeights": 1}}', line: 2, message: /must be true or false/ },
  { text: '{"validation": {\n"disabled": "A"}}', line: 2, message: /must be a list of strings/ },
  {
    text: `{"validation": {"checks": [${check}},\n${check}}]}}`,
    line: 2,
    message: /already used by an earlier row/,
    notInSchema: true,
  },
  {
    text: `{"validation": {"checks": [{"id": "A",\n"builtin": "${'n'.repeat(5000)}"}]}}`,
    line: 1,
    message: /contains a string that is too long/,
    notInSchema: true,
  },
];

describe('pipescope.json', () => {
  it('has a schema that is contributed to the editor', () => {
    const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      contributes: { jsonValidation: readonly { fileMatch: string; url: string }[] };
    };
    assert.deepEqual(contributes.jsonValidation, [
      { fileMatch: `/${configFile}`, url: './media/pipescope.schema.json' },
    ]);
  });

  for (const text of good) {
    it(`is accepted and matches the schema: ${text.slice(0, 70)}`, () => {
      const written = JSON.parse(text) as { pipelines?: unknown[]; validation?: object };
      assert.equal(parseConfig(text).pipelines.length, written.pipelines?.length ?? 0);
      assert.deepEqual(parseConfig(text).validation, written.validation ?? {});
      assert.ok(matchesSchema(JSON.parse(text)), JSON.stringify(matchesSchema.errors));
    });
  }

  for (const { text, line, message, notInSchema } of bad) {
    it(`is rejected with its line, and by the schema: ${JSON.stringify(text).slice(0, 70)}`, () => {
      assert.throws(() => parseConfig(text), { name: 'HumanError', line, message });
      assert.throws(() => parseConfig(text), { message: new RegExp(`^pipescope\\.json, line ${line}: .*\\.$`) });
      if (notInSchema && !text.includes('"id"') && !text.includes('command')) assert.throws(() => JSON.parse(text));
      else assert.equal(matchesSchema(JSON.parse(text)), notInSchema === true);
    });
  }

  it('may have comments and trailing commas', () => {
    assert.equal(parseConfig(`// comment\n{"pipelines": [${row} /* fast */},],}`).pipelines[0]?.name, 'build');
  });

  describe('in a workspace', () => {
    let temporary: ReturnType<typeof createTemporaryFolder>;
    beforeEach(() => {
      temporary = createTemporaryFolder();
    });
    afterEach(() => temporary.done());
    const write = (text: string) => writeFileSync(join(temporary.path, configFile), text);

    it('is optional', () => {
      assert.deepEqual(customPipelines(temporary.path), []);
      assert.ok(pipelinesIn(temporary.path).some(({ id }) => id === 'detection'));
    });

    it('adds its pipelines after the built-in ones and starts them in their folder', () => {
      mkdirSync(join(temporary.path, 'sub'));
      write(`{"pipelines": [${row}, "args": ["x y"], "cwd": "sub", "env": {"A": "1"}}]}`);
      const pipeline = pipelinesIn(temporary.path).at(-1);
      assert.ok(pipeline?.id === 'build');
      const { cwd, start } = buildPipelineLaunch(pipeline, { dist: '', data: '', workspace: temporary.path });
      assert.equal(cwd, join(temporary.path, 'sub'));
      assert.deepEqual(start, { kind: 'command', command: 'node', args: ['x y'], env: { A: '1' }, stdio: 'pipe' });
    });

    it('configures the validation, which is empty by default', () => {
      assert.deepEqual(readCustomValidation(temporary.path), {});
      write('{"validation": {"disabled": ["A"]}}');
      assert.deepEqual(readCustomValidation(temporary.path), { disabled: ['A'] });
    });

    it('rejects a missing folder and a link that leads outside the workspace', () => {
      write(`{"pipelines": [\n${row},\n"cwd": "sub"}]}`);
      assert.throws(() => customPipelines(temporary.path), {
        line: 3,
        message: /“cwd” must be an existing folder inside the workspace \(got sub\)/,
      });
      symlinkSync('/', join(temporary.path, 'sub'));
      assert.throws(() => customPipelines(temporary.path), {
        line: 3,
        message: /“cwd” must be an existing folder inside the workspace \(got sub\)/,
      });
    });

    it('assigns functions to components by the first matching file pattern', () => {
      write(`{"pipelines": [${row}, "components": {"src/a/**": "first", "src/**/*.ts": "second"}}]}`);
      const [pipeline] = customPipelines(temporary.path);
      assert.ok(pipeline);
      assert.deepEqual(pipeline.components, ['first', 'second']);
      const run = { id: 'r', pipeline: 'build', title: 'build', workspace: temporary.path };
      const recording = new Recording(pipeline, run, () => undefined);
      const files = ['src/a/b/c.ts', 'src/x/y.ts', 'lib/z/z.ts'];
      const definition = (file: string, id: number) => ({
        id,
        component: id < 3 ? 'functions' : 'named',
        name: `f${id}`,
        kind: 'function',
        file: join(temporary.path, file),
        line: 1,
      });
      recording.ingest({
        v: 1,
        source: '1.0',
        sequence: 0,
        atNs: 0,
        definitions: [...files, 'src/a/own.ts'].map(definition),
        samples: [0, 1, 2, 3].map((id) => ({ id, samples: 1, selfNs: 1, totalNs: 1 })),
        cost: { events: 0, flushNs: 0 },
      });
      const { operations } = recording.snapshot(defaultThresholds, 'whole');
      const components = Object.fromEntries(operations.map(({ name, component }) => [name, component]));
      assert.deepEqual(components, { f0: 'first', f1: 'second', f2: 'lib/z', f3: 'named' });
    });

    it('defines pipelines that are benchmarked in a single scenario', async () => {
      write(JSON.stringify({ pipelines: [{ name: 'brief', command: 'node', args: ['-e', '1'] }] }));
      const [pipeline] = customPipelines(temporary.path);
      assert.ok(pipeline);
      const dist = join(root, 'dist');
      const target = targetOf({ kind: 'pipeline', pipeline, dist }, { workspace: temporary.path });
      const [report] = await benchmark([target], { dist, runs: 2, warmup: 1 });
      assert.deepEqual(
        report?.cases.map(({ name, samplesNs }) => [name, samplesNs.length]),
        [['run', 2]],
      );
    });

    it('defines pipelines that `pipescope run NAME` runs with unchanged output and exit code', () => {
      const script = 'console.log(process.env.WORD); console.error("e"); process.exitCode = 7';
      write(
        JSON.stringify({ pipelines: [{ name: 'say', command: 'node', args: ['-e', script], env: { WORD: 'hi' } }] }),
      );
      const call = (...args: string[]) => {
        const where = ['--workspace', temporary.path, '--data', join(temporary.path, 'data')];
        const { status, stdout, stderr } = spawnSync(process.execPath, [builtCli(), 'run', ...args, ...where], {
          encoding: 'utf8',
        });
        return [status, stdout, stderr];
      };
      assert.deepEqual(call('say'), [7, 'hi\n', 'e\n']);
      assert.deepEqual(call('sy'), [
        2,
        '',
        'Unknown pipeline “sy”. Available pipelines: detection, validation, say.\n',
      ]);
      write('{"pipelines": [{"name": "say"}]}');
      assert.deepEqual(call('say'), [2, '', 'pipescope.json, line 1: “command” is missing. Add it.\n']);
    });
  });

  it('throws nothing but a ConfigError for any text', () => {
    const json = fc.oneof(
      fc.json(),
      fc.string(),
      configLike.map((value) => JSON.stringify(value)),
    );
    const property = fc.property(json, (text) => {
      try {
        parseConfig(text);
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  const deepTexts: Readonly<Record<string, string>> = {
    arrays: '['.repeat(50_000),
    objects: '{"a":'.repeat(50_000),
    'a known key': `{"pipelines": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    'a line after a comment that opens a string': `{"a": /* " */ ${'['.repeat(50_000)}`,
    'brackets behind others that close nothing': `${']'.repeat(50_000)}${'['.repeat(50_000)}`,
  };
  for (const [what, text] of Object.entries(deepTexts)) {
    it(`refuses deeply nested ${what} with a sentence, and finds no scripts in it`, () => {
      assert.throws(
        () => parseConfig(text),
        (error) => error instanceof ConfigError && /nested too deeply|invalid JSON/.test(error.message),
      );
      parseScripts(text);
    });
  }

  describe('that is not a plain file', () => {
    let temporary: ReturnType<typeof createTemporaryFolder>;
    beforeEach(() => {
      temporary = createTemporaryFolder();
    });
    afterEach(() => temporary.done());

    const files: Readonly<Record<string, (file: string) => void>> = {
      'a link to an endless device': (file) => symlinkSync('/dev/zero', file),
      'a pipe': (file) => execFileSync('mkfifo', [file]),
      'a folder': (file) => mkdirSync(file),
      'a link out of the workspace': (file) => symlinkSync('/etc/hostname', file),
      'larger than a configuration': (file) => {
        writeFileSync(file, '{}');
        truncateSync(file, 2 ** 33);
      },
    };
    for (const [what, create] of Object.entries(files)) {
      it(`is refused at once with a sentence if it is ${what}`, () => {
        create(join(temporary.path, configFile));
        for (const read of [customPipelines, readCustomValidation, pipelinesIn]) {
          assert.throws(
            () => read(temporary.path),
            (error) => error instanceof ConfigError && /^pipescope\.json, line 1: the file is /.test(error.message),
          );
        }
      });
    }
  });
});
