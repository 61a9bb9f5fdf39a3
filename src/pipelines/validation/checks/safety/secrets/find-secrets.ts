/** Finds secrets in one text. The results never contain the secrets themselves. Runs in the scan worker. */
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { lineAt } from '../../../check/source-code.ts';
import { isSample, type SecretPattern, secretPatterns, settingPattern, settingsFile } from './secret-patterns.ts';

export interface Secret {
  readonly rule: string;
  readonly line: number;
  readonly title: string;
  /** Number of characters of the secret. */
  readonly length: number;
}

const preset = '@secretlint/secretlint-rule-preset-recommend';
/** Secretlint messages to ignore, because an AWS account id is not a secret. */
const ignoredMessageIds = new Set(['AWSAccountID']);
/** Secretlint rules that do not apply to tests and documentation, where such values are usually made up. */
const ignoredInExamples = new Set(['aws', 'basicauth', 'database-connection-string', 'privatekey']);

interface SecretLocation {
  readonly rule: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/** Returns the secrets in a text by secretlint and by `secretPatterns`, without overlaps. */
export async function findSecrets(file: string, text: string, isExample: boolean): Promise<Secret[]> {
  const locations = [...(await runSecretlint(file, text, isExample)), ...matchPatterns(file, text, isExample)];
  locations.sort((a, b) => a.start - b.start);
  const distinct = locations.filter(({ start }, index) => {
    return !locations.slice(0, index).some((earlier) => earlier.end > start);
  });
  return distinct.map(({ rule, title, start, end }) => {
    return { rule, title, line: lineAt(text, start), length: end - start };
  });
}

async function runSecretlint(file: string, text: string, isExample: boolean): Promise<SecretLocation[]> {
  const { messages } = await lintSource({
    source: { filePath: `/${file}`, content: text, ext: /\.[^./]*$/.exec(file)?.[0] ?? '', contentType: 'text' },
    options: { maskSecrets: true, noPhysicFilePath: true, config: { rules: [{ id: preset, rule: creator }] } },
  });
  return messages.flatMap(({ ruleId, messageId, range: [start, end] }) => {
    const rule = ruleId.replace('@secretlint/secretlint-rule-', '');
    const secret = text.slice(start, end);
    if (isLabelledExample(text, start)) return [];
    if (ignoredMessageIds.has(messageId) || (isExample && ignoredInExamples.has(rule)) || isSample(secret)) return [];
    if (/^(?:basicauth|database-connection-string)$/.test(rule) && !isCredential(secret)) return [];
    return [{ rule, title: `${rule} secret`, start, end }];
  });
}

/** Returns true if a URL has a real password: not a variable, not an example, and not for a local host. */
function isCredential(address: string): boolean {
  const [, user = '', password = '', host = ''] = /\/\/([^:/@\s]*):([^@\s]*)@([^/:?#\s"'`]*)/.exec(address) ?? [];
  if (password === '' || /[${}<>%*()[\]]|^:|\.\.\./.test(`${user}${password}${host}`)) return false;
  if (
    /^(?:localhost|127\.|0\.0\.0\.0|\[::1|host\b|hostname|server\b|proxy\b)|(?:^|\.)(?:example|test|invalid|local|localhost)(?:\.|$)/i.test(
      host,
    )
  )
    return false;
  return !/^(?:user(?:name)?|name|pass(?:word|wd)?|pwd|p|pw|secret|token|postgres|root|admin|guest|foo|bar|test|x+|key)$/i.test(
    password,
  );
}

/** Returns true if the text before the secret on the same line calls it an example. */
function isLabelledExample(text: string, start: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /\be\.g\b|\b(?:example|for instance|such as|looks like)\b/i.test(line);
}

function matchPatterns(file: string, text: string, isExample: boolean): SecretLocation[] {
  const patterns: readonly SecretPattern[] = settingsFile.test(file)
    ? [...secretPatterns, settingPattern]
    : secretPatterns;
  return patterns.flatMap(({ id, title, pattern, appliesToExamples, accepts }) => {
    if (isExample && !appliesToExamples) return [];
    return [...text.matchAll(pattern)].flatMap((match) => {
      const secret = match.groups?.['secret'] ?? match[0];
      if (isSample(secret) || accepts?.(secret, match) === false) return [];
      const start = match.index + match[0].lastIndexOf(secret);
      return isLabelledExample(text, start) ? [] : [{ rule: id, title, start, end: start + secret.length }];
    });
  });
}
