import { strict as assert } from 'node:assert';
import { commands } from '../../../src/node/terminal/commands.ts';
import { formatHelp } from '../../../src/node/terminal/help.ts';
import { flags } from '../../../src/node/terminal/invocation.ts';

describe('formatHelp', () => {
  const help = formatHelp();

  for (const { name } of commands) {
    it(`describes the command ${name}`, () => assert.ok(help.includes(`  pipescope ${name} `)));
  }

  for (const name of Object.keys(flags)) {
    it(`describes the option --${name}`, () => assert.match(help, new RegExp(`^ .*--${name}\\b.* {2,}\\S`, 'm')));
  }

  it('fits a terminal of 110 columns', () => {
    assert.deepEqual(
      help.split('\n').filter((line) => line.length > 110),
      [],
    );
  });
});
