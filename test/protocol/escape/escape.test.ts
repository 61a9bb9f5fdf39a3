import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { formatJsonLine } from '../../../src/protocol/escape/json-line.ts';
import { escapeMessage } from '../../../src/protocol/escape/message-text.ts';
import { escapeTerminalLine, joinTerminalLines } from '../../../src/protocol/escape/terminal-lines.ts';
import { toVisibleLine } from '../../../src/protocol/escape/visible-line.ts';
import { formatWorkflowCommand } from '../../../src/protocol/escape/workflow-command.ts';
import { assertHarmlessLine, assertHarmlessLines, hostileText, hostileTexts } from '../../fixtures/hostile-text.ts';

/** As VS Code finds links in messages. */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

describe('escaped text', () => {
  it('is recognized as harmful by the checks of this test before it is escaped', () => {
    const harmless = Object.entries(hostileTexts).filter(([, text]) => {
      if (link.test(text)) return false;
      try {
        assertHarmlessLine(text);
        return true;
      } catch {
        return false;
      }
    });
    const forOthers = ['draw an icon', 'break a table', 'link by markup'];
    assert.deepEqual(
      harmless.map(([what]) => what),
      forOthers.filter((what) => what !== 'link by markup'),
    );
  });

  it('is a single harmless line for a terminal and for every CI system', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { maxLength: 4 }), (lines) => {
        if (lines.length > 0) assertHarmlessLines(joinTerminalLines(lines), lines.length);
      }),
    );
  });

  it('contains no link for VS Code', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        assert.doesNotMatch(escapeMessage(text), link);
        assert.doesNotMatch(escapeMessage(text), /[\p{Cc}\u202e]/u);
      }),
    );
  });

  it('is one workflow command with the text as its data', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (file, text) => {
        const command = formatWorkflowCommand('error', { file }, text);
        const [, property, data] = /^::error file=([^:,]*)::(.*)$/su.exec(command) ?? [];
        assert.ok(property !== undefined && data !== undefined, command);
        assert.doesNotMatch(command, /[\r\n\p{Cc}]|##/u);
        assert.equal(decodeURIComponentLoosely(data), toVisibleLine(text));
      }),
    );
  });

  it('is JSON with the same value and without active characters', () => {
    const value = fc.array(fc.oneof(hostileText, fc.double(), fc.record({ key: hostileText })));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1), (list, indent) => {
        const text = formatJsonLine(list, indent);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(list)));
        assertHarmlessLines(text.replaceAll(/^ +/gm, ''));
      }),
    );
  });

  it('is unchanged if it was plain', () => {
    const plain = [
      'src/a b/ø_é-日本.ts:12',
      'C:\\Users\\ada\\[id].ts',
      'std::vector<int>::push_back(int&&)',
      'C# and F## are languages',
      'median 1.2 µs · 95 % – ≈ ▲ 🙂',
      '#include "a.h" [x] (y) # z',
      'https://example.com/a?b=c#d',
      'a::b',
    ];
    for (const text of plain) {
      assert.equal(escapeTerminalLine(text), text);
      assert.equal(escapeMessage(text), text);
    }
    fc.assert(
      fc.property(fc.stringMatching(/^[\w ./\\@<>%+=~^!?'"$;,-]*$/), (text) => {
        assert.equal(escapeTerminalLine(text), text);
      }),
    );
  });

  it('keeps the indentation of a line and shows what it has replaced', () => {
    assert.equal(escapeTerminalLine('  a\u001b[2Jb\nc'), '  a<U+001B>[2Jb c');
    assert.equal(escapeTerminalLine('::stop-commands::x'), '\\::stop-commands::x');
    assert.equal(escapeTerminalLine('a ##vso[b]'), 'a #\\#vso[b]');
    assert.equal(escapeMessage(' [a](command:x) '), '[a] (command:x)');
  });
});

/** Reverses GitHub's escaping, which escapes only a few characters. */
function decodeURIComponentLoosely(data: string): string {
  return data.replaceAll('%23', '#').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
}
