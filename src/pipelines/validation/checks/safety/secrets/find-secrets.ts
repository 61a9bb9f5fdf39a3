/** Finds secrets in one text; what it says of them never holds them. Runs in a thread of its own. */
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { lineAt } from '../../../check/source-code.ts';
import { isSample, type Pattern, patterns, setting, settingsName } from './secret-patterns.ts';

export interface Secret {
  readonly rule: string;
  readonly line: number;
  readonly title: string;
  /** Characters that it has. */
  readonly length: number;
}

const preset = '@secretlint/secretlint-rule-preset-recommend';
/** An account's number is no secret, and files of settings are a check of their own. */
const unasked = new Set(['AWSAccountID']);
/** Anyone can write these down, so in tests and papers they are examples. */
const written = new Set(['aws', 'basicauth', 'database-connection-string', 'privatekey']);

interface Place {
  readonly rule: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

export async function secretsIn(file: string, text: string, free: boolean): Promise<Secret[]> {
  const places = [...(await lint(file, text, free)), ...own(file, text, free)].sort((a, b) => a.start - b.start);
  const first = places.filter(({ start }, at) => !places.slice(0, at).some((one) => one.end > start));
  return first.map(({ rule, title, start, end }) => ({ rule, title, line: lineAt(text, start), length: end - start }));
}

async function lint(file: string, text: string, free: boolean): Promise<Place[]> {
  const { messages } = await lintSource({
    source: { filePath: `/${file}`, content: text, ext: /\.[^./]*$/.exec(file)?.[0] ?? '', contentType: 'text' },
    options: { maskSecrets: true, noPhysicFilePath: true, config: { rules: [{ id: preset, rule: creator }] } },
  });
  return messages.flatMap(({ ruleId, messageId, range: [start, end] }) => {
    const rule = ruleId.replace('@secretlint/secretlint-rule-', '');
    const secret = text.slice(start, end);
    if (isCited(text, start)) return [];
    if (unasked.has(messageId) || (free && written.has(rule)) || isSample(secret)) return [];
    if (/^(?:basicauth|database-connection-string)$/.test(rule) && !isCredential(secret)) return [];
    return [{ rule, title: `secret of the kind ${rule}`, start, end }];
  });
}

/** An address with a password in it that opens something: no variable, no example, not this machine. */
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

/** The same line says before that it is an example. */
function isCited(text: string, start: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /\be\.g\b|\b(?:example|for instance|such as|looks like)\b/i.test(line);
}

function own(file: string, text: string, free: boolean): Place[] {
  const wanted: readonly Pattern[] = settingsName.test(file) ? [...patterns, setting] : patterns;
  return wanted.flatMap(({ id, title, pattern, issued, accepts }) => {
    if (free && !issued) return [];
    return [...text.matchAll(pattern)].flatMap((match) => {
      const secret = match.groups?.['secret'] ?? match[0];
      if (isSample(secret) || accepts?.(secret, match) === false) return [];
      const start = match.index + match[0].lastIndexOf(secret);
      return isCited(text, start) ? [] : [{ rule: id, title, start, end: start + secret.length }];
    });
  });
}
