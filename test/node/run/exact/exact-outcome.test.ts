import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HumanError } from '../../../../src/core/human-error.ts';
import { ExactOutcome } from '../../../../src/node/run/exact/exact-outcome.ts';
import { parseExactTarget } from '../../../../src/node/run/exact/parse-exact-target.ts';
import { suggestName } from '../../../../src/node/run/exact/suggest-name.ts';
import type { Definition } from '../../../../src/protocol/batch/batch.ts';

const outcomeFor = (...targets: Parameters<ExactOutcome['configure']>[0]): ExactOutcome => {
  const outcome = new ExactOutcome((file) => file.replace('/w/', ''));
  outcome.configure(targets);
  return outcome;
};
const called = (file: string, name: string): Definition => ({
  id: 1,
  component: 'c',
  kind: 'function',
  name,
  file,
  line: 3,
});

describe('ExactOutcome', () => {
  const target = { file: '/w/calc.js', name: 'grde' };

  it('has no notice for a function that one of several processes has found', () => {
    const outcome = outcomeFor(target);
    outcome.ingest([{ ...target, state: 'missing', names: ['grade'] }]);
    outcome.ingest([{ ...target, state: 'matched' }]);
    outcome.ingest([{ ...target, state: 'problem', problem: 'it is too large' }]);
    assert.deepEqual(outcome.notices([]), []);
  });

  it('suggests a name once, however many processes lack the function', () => {
    const outcome = outcomeFor(target);
    for (let process = 0; process < 3; process++)
      outcome.ingest([{ ...target, state: 'missing', names: ['grade', 'sum'] }]);
    assert.deepEqual(outcome.notices([]), [
      'No function matches calc.js:grde (--exact). Did you mean grade? Other names in that file: sum.',
    ]);
  });

  it('lists the names if none is similar', () => {
    const outcome = outcomeFor({ ...target, name: 'parse' });
    outcome.ingest([{ ...target, name: 'parse', state: 'missing', names: ['grade', 'sum'] }]);
    assert.deepEqual(outcome.notices([]), [
      'No function matches calc.js:parse (--exact). Check the name. Names in that file: grade, sum.',
    ]);
  });

  it('gives the reason if no process could time the function, and otherwise says that the file was not loaded', () => {
    const outcome = outcomeFor(target, { file: '/w/other.js', line: 7 });
    outcome.ingest([{ ...target, state: 'problem', problem: 'it could not be parsed' }]);
    assert.deepEqual(outcome.notices([]), [
      'calc.js:grde was not timed exactly (--exact) because it could not be parsed.',
      'other.js:7 was not timed exactly (--exact) because no process of this run that could be profiled called it or loaded its file.',
    ]);
  });

  it('recognizes functions of Python by their counted calls', () => {
    const outcome = outcomeFor({ file: '/w/a.py', name: 'run' }, { file: '/w/a.py', name: 'rum' });
    assert.deepEqual(outcome.notices([called('a.py', 'Task.run')]), [
      'No function matches a.py:rum (--exact). Did you mean Task.run?',
    ]);
  });

  it('says that a function may have been selected too late', () => {
    const outcome = outcomeFor(target);
    outcome.configure([target, { ...target, name: 'late' }], true);
    assert.deepEqual(
      outcome.notices([])[1],
      'calc.js:late was not timed exactly (--exact) because its file was loaded before the function was selected, or not at all.',
    );
  });

  it('keeps a limited amount of what guests report', () => {
    const outcome = outcomeFor(target);
    const names = Array.from({ length: 40 }, () => 'n'.repeat(4096));
    for (let index = 0; index < 1000; index++) outcome.ingest([{ file: `/w/${index}.js`, state: 'missing', names }]);
    outcome.ingest([{ ...target, state: 'missing', names }]);
    assert.match(outcome.notices([])[0] ?? '', /no process of this run/);
  });

  it('limits the number of notices', () => {
    const outcome = outcomeFor(...Array.from({ length: 50 }, (_, line) => ({ file: '/w/a.js', line: line + 1 })));
    const notices = outcome.notices([]);
    assert.equal(notices.length, 21);
    assert.match(notices.at(-1) ?? '', /^30 more/);
  });
});

describe('parseExactTarget', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipescope-target-'));
    for (const name of ['a.js', 'b:c.js']) writeFileSync(join(folder, name), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('separates the file from names that contain colons', () => {
    const [a, b] = [join(folder, 'a.js'), join(folder, 'b:c.js')];
    const targets: Readonly<Record<string, object>> = {
      [`${a}:run`]: { file: a, name: 'run' },
      [`${a}:16`]: { file: a, line: 16 },
      [`${a}:(anonymous a.js:16)`]: { file: a, name: '(anonymous a.js:16)' },
      [`${a}:ns:name`]: { file: a, name: 'ns:name' },
      [`${b}:two words`]: { file: b, name: 'two words' },
    };
    for (const [text, target] of Object.entries(targets)) assert.deepEqual(parseExactTarget(text), target);
  });

  it('explains what is wrong', () => {
    for (const text of ['', 'run', ':run', `${folder}/a.js:`])
      assert.throws(
        () => parseExactTarget(text),
        (error: unknown) => error instanceof HumanError && /must be FILE/.test(error.message),
      );
    assert.throws(
      () => parseExactTarget('missing.js:run'),
      (error: unknown) => error instanceof HumanError && error.message.includes(resolve('missing.js')),
    );
  });
});

describe('suggestName', () => {
  it('returns the most similar name, also by its last part', () => {
    assert.equal(suggestName('slwo', ['fast', 'slow', 'slower']), 'slow');
    assert.equal(suggestName('ad', ['Account.add', 'get sum']), 'Account.add');
    assert.equal(suggestName('parse', ['x', 'render']), undefined);
  });
});
