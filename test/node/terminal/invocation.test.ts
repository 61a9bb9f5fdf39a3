import { strict as assert } from 'node:assert';
import { commands } from '../../../src/node/terminal/commands.ts';
import { flags, parseInvocation, UsageError } from '../../../src/node/terminal/invocation.ts';

describe('parseInvocation', () => {
  it('separates the arguments and options from the command after --', () => {
    const { positionals, options, command } = parseInvocation(['run', 'x', '--json', '--', 'node', '--json', '']);
    assert.deepEqual([positionals, { ...options }, command], [['run', 'x'], { json: true }, ['node', '--json', '']]);
  });

  for (const [name, { type }] of Object.entries(flags)) {
    if (type === 'boolean') continue;
    it(`rejects an empty value of --${name}`, () => {
      for (const args of [[`--${name}`, ''], [`--${name}=`]]) {
        assert.throws(() => parseInvocation(['run', ...args]), { name: 'HumanError', message: /needs a value/ });
      }
      assert.equal(String(parseInvocation(['run', `--${name}`, 'x']).options[name as 'save']), 'x');
    });
  }

  const invalid: readonly [string, readonly string[], RegExp][] = [
    ['an unknown option', ['run', '--nonsense'], /nonsense/],
    ['an empty argument', ['run', ''], /argument is empty/],
    ['nothing after --', ['run', '--'], /command after -- is empty/],
    ['an empty command', ['run', '--', ''], /command after -- is empty/],
    ['an empty command with arguments', ['bench', '--', '', 'x'], /command after -- is empty/],
  ];
  for (const [what, args, message] of invalid) {
    it(`rejects ${what} with one sentence`, () => {
      assert.throws(
        () => parseInvocation(args),
        (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
      );
    });
  }

  it('limits the number of arguments of each command', () => {
    for (const { name, maxPositionals, usages } of commands) {
      const named = usages.filter(({ line }) => /^\w+ (?:<|validation)/.test(line)).length > 0 ? 1 : 0;
      assert.equal(maxPositionals, named, name);
    }
  });
});
