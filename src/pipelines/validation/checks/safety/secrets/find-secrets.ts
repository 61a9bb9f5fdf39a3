/** Finds secrets in one text. The results never contain the secrets themselves. Runs in the scan worker. */
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { lineAt } from '../../../check/source-code.ts';
import { findAllowedLines } from '../scan/allow-marks.ts';
import { findPrivateKeys, hasDevelopmentCertificate, isExampleKey } from './private-keys.ts';
import { secretPatterns } from './secret-patterns.ts';
import { isCredential, isSample } from './secret-values.ts';

export interface Secret {
  readonly rule: string;
  readonly line: number;
  readonly title: string;
  /** Number of characters of the secret. */
  readonly length: number;
  /** Name of the mark by which the file's author accepts the line. */
  readonly allowedBy?: string;
}

const preset = '@secretlint/secretlint-rule-preset-recommend';
/** Replaced by our own rule, which judges keys by their content. */
const replacedRules = new Set(['privatekey']);
/** Secretlint messages to ignore, because an AWS account id is not a secret. */
const ignoredMessageIds = new Set(['AWSAccountID']);
/** Secretlint rules that do not apply to tests and documentation, where such values are usually made up. */
const ignoredInExamples = new Set(['aws', 'basicauth', 'database-connection-string']);
/** Length of the text around a match that tells what it is for. */
const contextLength = 300;

interface SecretLocation {
  readonly rule: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Kind of the file. Keys count in documentation, but in tests they only give access to what the tests set up. `named_test`
 * is a file that only its own name makes a test, so that its content decides.
 */
export type SecretContext = 'code' | 'documentation' | 'test' | 'named_test';

/** Code of tests in any of the languages. */
const testCode =
  /(?<![.\w])(?:def test|class \w*Test|(?:import|from) (?:pytest|unittest|testing)\b|(?:describe|it|test|suite|expect)\s*\(|func Test|assert\b|t\.Run\b)|#\[(?:\w+::)?test|['"](?:vitest|jest|mocha|node:test|ava|tape)['"]/;

/** Returns the secrets in a text by secretlint and by `secretPatterns`, without overlaps. */
export async function findSecrets(file: string, text: string, kind: SecretContext): Promise<Secret[]> {
  const context = kind !== 'named_test' ? kind : testCode.test(text) ? 'test' : 'code';
  const isExample = context !== 'code';
  const locations = [
    ...(await runSecretlint(file, text, isExample)),
    ...matchPatterns(file, text, isExample),
    ...(context === 'test' ? [] : locatePrivateKeys(file, text)),
  ];
  locations.sort((a, b) => a.start - b.start);
  const distinct = locations.filter(({ start }, index) => {
    return !locations.slice(0, index).some((earlier) => earlier.end > start);
  });
  const allowedBy = distinct.length > 0 ? findAllowedLines(file, text, 'secrets') : () => undefined;
  return distinct.map(({ rule, title, start, end }) => {
    const line = lineAt(text, start);
    const mark = allowedBy(line);
    return { rule, title, line, length: end - start, ...(mark === undefined ? {} : { allowedBy: mark }) };
  });
}

function locatePrivateKeys(file: string, text: string): SecretLocation[] {
  const keys = findPrivateKeys(text).filter(({ start }) => !isExampleKey(file, text, start));
  if (keys.length === 0 || hasDevelopmentCertificate(text)) return [];
  return keys.map(({ start, end }) => ({ rule: 'private_key', title: 'private key', start, end }));
}

async function runSecretlint(file: string, text: string, isExample: boolean): Promise<SecretLocation[]> {
  const rules = [{ id: preset, rule: creator }];
  // Hides the comments that turn secretlint off, because our own marks count what such comments accept.
  const content = text.replaceAll('secretlint-', 'secretlint_');
  const { messages } = await lintSource({
    source: { filePath: `/${file}`, content, ext: /\.[^./]*$/.exec(file)?.[0] ?? '', contentType: 'text' },
    options: { maskSecrets: true, noPhysicFilePath: true, config: { rules } },
  });
  return messages.flatMap(({ ruleId, messageId, range: [start, end] }) => {
    const rule = ruleId.replace('@secretlint/secretlint-rule-', '');
    const secret = text.slice(start, end);
    if (replacedRules.has(rule) || isLabelledExample(text, start)) return [];
    if (ignoredMessageIds.has(messageId) || (isExample && ignoredInExamples.has(rule)) || isSample(secret)) return [];
    if (/^(?:basicauth|database-connection-string)$/.test(rule) && !isCredential(secret)) return [];
    return [{ rule, title: `${rule} secret`, start, end }];
  });
}

/** Returns true if the text before the secret on the same line calls it an example. */
function isLabelledExample(text: string, start: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /\be\.g\b|\b(?:example|for instance|such as|(?:looks?|be) like)\b/i.test(line);
}

function matchPatterns(file: string, text: string, isExample: boolean): SecretLocation[] {
  const lowerCaseText = text.toLowerCase();
  return secretPatterns.flatMap(({ id, title, anchors, ignoresCase, pattern, files, appliesToExamples, accepts }) => {
    if (isExample && !appliesToExamples) return [];
    const searched = ignoresCase ? lowerCaseText : text;
    if (files?.test(file) === false || anchors?.some((anchor) => searched.includes(anchor)) === false) return [];
    return [...text.matchAll(pattern)].flatMap((match) => {
      const secret = match.groups?.['secret'] ?? match[0];
      const around = text.slice(
        Math.max(0, match.index - contextLength),
        match.index + match[0].length + contextLength,
      );
      if (isSample(secret) || accepts?.(secret, match, around) === false) return [];
      const start = match.index + match[0].lastIndexOf(secret);
      return isLabelledExample(text, start) ? [] : [{ rule: id, title, start, end: start + secret.length }];
    });
  });
}
