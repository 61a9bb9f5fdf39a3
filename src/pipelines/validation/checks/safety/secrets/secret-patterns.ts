/** All patterns of secrets that secretlint does not find. */
import { isDocumentedExample } from './documented-examples.ts';
import { type NamedSecretRule, namedSecretRules } from './named-secret-rules.ts';
import { platformTokenRules } from './platform-token-rules.ts';
import { isCredential, isPlaceholder, isUsableJwt, looksRandom } from './secret-values.ts';
import { serviceTokenRules } from './service-token-rules.ts';

/** A kind of token that can be recognized by the format of its issuer. */
export interface IssuerRule {
  readonly id: string;
  readonly title: string;
  /** Texts of which a file with the token contains at least one. Files without them are not searched. */
  readonly anchors: readonly string[];
  /** Source of a regular expression that matches the whole token. */
  readonly token: string;
  /** Matches text around a token that its issuer has published, such as the key of an emulator. */
  readonly published?: RegExp;
}

export interface SecretPattern {
  readonly id: string;
  readonly title: string;
  /** A text without any of these is not searched. If absent, every text is. */
  readonly anchors?: readonly string[];
  /** The anchors are in lower case, and the text may be in any case. */
  readonly ignoresCase?: true;
  /** Global. The secret is the group `secret`, or the whole match. */
  readonly pattern: RegExp;
  /** True for keys in an issuer's format. Other patterns are ignored in tests and documentation. */
  readonly appliesToExamples: boolean;
  /** Matches the files that are searched. If absent, all are. */
  readonly files?: RegExp;
  /** @param around text around the match */
  readonly accepts?: (secret: string, match: RegExpExecArray, around: string) => boolean;
}

/** Names of secret settings and variables. Whether a value is a secret depends on `looksRandom`. */
const secretNames =
  '(?:password|passwd|passphrase|pwd|secret|secret[_-]?key|api[_-]?key|apikey|access[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|bearer[_-]?token|client[_-]?secret|private[_-]?key|encryption[_-]?key|signing[_-]?key)';

/** Names of settings that a bundler puts into the code of a web page, so they are public. */
const publicName = /(?:NEXT_PUBLIC|VITE|EXPO_PUBLIC|REACT_APP|GATSBY|PUBLIC|NUXT_PUBLIC)_\w*$/i;
/** Keys of web clients, which identify a project and are restricted by it: Firebase, and the search key of Algolia. */
const firebaseClient = /authDomain|messagingSenderId|firebaseapp\.com|storageBucket|"mobilesdk_app_id"|current_key/;
const algoliaClient = /\bindexName\b|algolia/i;

/** Returns true for a value that is not meant for the public. */
const isPrivateSetting = (secret: string, match: RegExpExecArray, around: string): boolean =>
  looksRandom(secret) &&
  !publicName.test(match[0].split(/[:=]/)[0]?.trim() ?? '') &&
  !isAlgoliaSearchKey(secret, around) &&
  !(secret.startsWith('AIza') && firebaseClient.test(around));

const isAlgoliaSearchKey = (secret: string, around: string): boolean =>
  /^[0-9a-f]{32}$/.test(secret) && algoliaClient.test(around) && /\bapp(?:lication)?_?id\b/i.test(around);

/** The access key id in a signed URL identifies the signer. The secret key is not in it. */
const isInSignedUrl = (around: string): boolean => /[?&](?:Signature|X-Amz-Signature)=/i.test(around);

const fromIssuer = ({ id, title, anchors, token, published }: IssuerRule): SecretPattern => ({
  id,
  title,
  anchors,
  pattern: new RegExp(`(?<![A-Za-z0-9_-])(?<secret>${token})(?![A-Za-z0-9_-])`, 'g'),
  appliesToExamples: true,
  ...(published && { accepts: (_secret, _match, around) => !published.test(around) }),
});

/** Matches a value whose name has the issuer and a word such as key. The gaps are limited, so that the search is linear. */
const fromName = ({ id, title, issuer, value }: NamedSecretRule): SecretPattern => ({
  id,
  title,
  anchors: issuer.split('|').map((name) => /^[a-z]+/.exec(name)?.[0] ?? ''),
  ignoresCase: true,
  pattern: new RegExp(
    `(?<![A-Za-z0-9])(?:${issuer})[\\w.-]{0,30}?(?:key|token|secret|password|passwd|pwd|pat|bearer)[\\w.-]{0,12}["'\\]]{0,2}\\s{0,8}(?::=|=>|[:=,])\\s{0,8}["'\`]?(?<secret>${value})(?![\\w/+=-])`,
    'gi',
  ),
  appliesToExamples: false,
  accepts: (secret) => /\d/.test(secret) && /[a-z]/i.test(secret) && !isPlaceholder(secret) && looksVaried(secret),
});

const looksVaried = (secret: string): boolean => new Set(secret.toLowerCase()).size >= Math.min(8, secret.length / 2);

export const secretPatterns: readonly SecretPattern[] = [
  {
    id: 'aws_access_key_id',
    title: 'AWS access key id',
    anchors: ['AKIA', 'ASIA'],
    pattern: /(?<![\w/+])(?<secret>A(?:KIA|SIA)[A-Z2-7]{16})(?![\w/+=])/g,
    appliesToExamples: true,
    accepts: (_secret, _match, around) => !isInSignedUrl(around),
  },
  {
    id: 'gcp_api_key',
    title: 'Google API key',
    anchors: ['AIza'],
    pattern: /(?<![\w-])(?<secret>AIza[\w-]{35})(?![\w-])/g,
    appliesToExamples: true,
    accepts: (_secret, _match, around) => !firebaseClient.test(around),
  },
  {
    id: 'openai_project_key',
    title: 'OpenAI key',
    anchors: ['sk-'],
    pattern: /(?<![\w-])(?<secret>sk-(?:proj|svcacct|admin)-[\w-]{32,})/g,
    appliesToExamples: true,
  },
  ...platformTokenRules.map(fromIssuer),
  ...serviceTokenRules.map(fromIssuer),
  {
    id: 'jwt',
    title: 'JSON Web Token',
    anchors: ['eyJ'],
    pattern: /(?<![\w-])(?<secret>(?<head>eyJ[\w-]{10,})\.(?<body>eyJ[\w-]{10,})\.[\w-]{20,})(?![\w-])/g,
    appliesToExamples: false,
    accepts: (_, { groups, index, input }) =>
      isUsableJwt(groups?.['head'] ?? '', groups?.['body'] ?? '') && !isDocumentedExample(input, index),
  },
  {
    id: 'address_password',
    title: 'password in an address',
    anchors: ['://'],
    pattern:
      /\b(?:rediss?|amqps?|mqtts?|wss?|ftps?|sftp|smtps?|ldaps?|nats|kafka|clickhouse|couchbases?|cassandra|neo4j(?:\+s)?|bolt|elasticsearch|mssql|sqlserver|oracle|cockroachdb|mariadb):\/\/[^:/@\s"'`]*:(?<secret>[^@\s"'`/]{3,})@[^/:?#\s"'`]+/g,
    appliesToExamples: false,
    accepts: (_secret, [address]) => isCredential(address ?? ''),
  },
  {
    id: 'connection_password',
    title: 'password in a connection string',
    anchors: ['Password=', 'Pwd=', 'password=', 'pwd='],
    pattern:
      /\b(?:Server|Data Source|Host|Addr(?:ess)?)=[^"'`\n]{1,200};\s*(?:Password|Pwd)=(?<secret>[^;"'`\s]{6,128})(?=[;"'`]|$)/gim,
    appliesToExamples: false,
    accepts: (secret) => looksRandom(secret),
  },
  {
    id: 'authorization_header',
    title: 'credentials in a header',
    anchors: ['uthorization'],
    pattern: /\bauthorization["'`]?\s*[:=,]\s*["'`]?(?:bearer|basic|token)\s+(?<secret>[\w.~+/=-]{20,})(?=["'`\s]|$)/gi,
    appliesToExamples: false,
    accepts: (secret) => !secret.startsWith('eyJ') && looksRandom(secret),
  },
  {
    id: 'password',
    title: 'password or key in code',
    pattern: new RegExp(
      `[\\w.-]{0,40}${secretNames}["']?\\s*(?::=|=>|[:=])\\s*(["'\`])(?<secret>[^"'\`\\s]{8,128})\\1(?!\\s*[+%.\\[])`,
      'gi',
    ),
    appliesToExamples: false,
    accepts: isPrivateSetting,
  },
  {
    id: 'password',
    title: 'password or key in a setting',
    // Files that can have values without quotes.
    files:
      /(?:^|\/)\.env(?:\.[\w-]+)?$|\.(?:env|properties|ini|cfg|conf|ya?ml|tfvars|dockerfile)$|(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$/i,
    pattern: new RegExp(
      `^[ \\t]*(?:export |ENV |ARG )?(?:[\\w.-]*[_.-])?${secretNames}[ \\t]*[:=][ \\t]*(?<secret>[^"'\`\\s#]{8,128})[ \\t]*\\\\?(?:#.*)?$`,
      'gim',
    ),
    appliesToExamples: false,
    accepts: isPrivateSetting,
  },
  ...namedSecretRules.map(fromName),
];
