/** Classifies licenses by their SPDX expression. */

type LicenseClass = 'allowed' | 'copyleft' | 'forbidden' | 'unknown';

/** License names from before SPDX, such as those in Python's classifiers. */
const aliases: readonly (readonly [pattern: RegExp, id: string])[] = [
  [/^(?:the )?(?:mit|expat)(?: licen[cs]e)?$|^mit\/?x11$/i, 'MIT'],
  [
    /^(?:the )?(?:apache(?: software)?(?: licen[cs]e)?(?:,? ?(?:version|v)? ?2(?:\.0)?)?|apache[ -]2(?:\.0)?|asl ?2(?:\.0)?)$/i,
    'Apache-2.0',
  ],
  [
    /^(?:new |modified |simplified |revised )?bsd(?: licen[cs]e)?(?:[ -](?:2|3)(?:[ -]clause)?)?$|^(?:2|3)-clause bsd(?: licen[cs]e)?$/i,
    'BSD-3-Clause',
  ],
  [/^isc licen[cs]e(?: \(iscl\))?$|^iscl$/i, 'ISC'],
  [/^(?:psf|psfl|python software foundation licen[cs]e)$/i, 'PSF-2.0'],
  [/^mozilla public licen[cs]e 2\.0(?: \(mpl 2\.0\))?$|^mpl[ -]?2(?:\.0)?$/i, 'MPL-2.0'],
  [/^public domain$/i, 'CC0-1.0'],
  [/^(?:gnu )?(?:affero|agpl ?v)/i, 'AGPL-3.0'],
  [/^(?:gnu )?(?:lesser|library|lgpl ?v)/i, 'LGPL-3.0'],
  [/^(?:gnu general public|gnu gpl|gpl ?v|gpl$)/i, 'GPL-3.0'],
  [/^(?:proprietary|commercial|unlicensed|all rights reserved|other\/proprietary licen[cs]e)$/i, 'UNLICENSED'],
];

/** Permissive and weak copyleft licenses: any use is allowed with a notice or with changes to the package published. */
const allowed =
  /^(?:MIT|MIT-0|MIT-CMU|MITNFA|X11|ISC|0BSD|BSD-\d-Clause(?:-[\w-]+)?|BSD|Apache-(?:1\.1|2\.0)|CC0-1\.0|CC-BY-(?:SA-)?[234]\.0|CC-PDDC|Unlicense|WTFPL|Zlib|zlib-acknowledgement|Libpng|BlueOak-1\.0\.0|BSL-1\.0|Python-2\.0(?:\.1)?|PSF-2\.0|CNRI-Python|Artistic-(?:1\.0(?:-Perl|-cl8)?|2\.0)|MPL-(?:1\.1|2\.0)|LGPL-[\d.]+(?:-only|-or-later|\+)?|EPL-[12]\.0|CDDL-1\.[01]|EUPL-1\.[12]|Unicode-(?:3\.0|DFS-2016|TOU)|OFL-1\.[01]|AFL-[23]\.[01]|NCSA|HPND|curl|OpenSSL|PostgreSQL|TCL|Ruby|W3C(?:-[\d]+)?|ZPL-[\d.]+|Beerware|CDLA-Permissive-[\d.]+|MulanPSL-2\.0|Zed|OLDAP-2\.8|FSFAP|ODC-By-1\.0|SISSL|Vim|Xnet|bzip2-1\.0\.6|NTP|UPL-1\.0|MS-PL)$/i;
/** Strong copyleft licenses: software that includes the package must be distributed under the same license. */
const copyleft = /^(?:GPL|OSL|QPL|Sleepycat|CECILL)(?:-[\w.]+)?(?:-only|-or-later|\+)?$/i;
/** Proprietary licenses, and network copyleft such as the AGPL. */
const forbidden =
  /^(?:AGPL-[\w.]+(?:-only|-or-later|\+)?|SSPL-1\.0|BUSL-1\.1|BSL-1\.1|Elastic-[12]\.0|RSAL|CC-BY-NC\b.*|CC-BY-ND\b.*|Commons-Clause|PolyForm-[\w.-]+|UNLICENSED|JSON-Proprietary)$/i;
/** Exceptions that permit linking or building with the package under any license. */
const exceptions =
  /^(?:Classpath-exception|GCC-exception|LLVM-exception|Autoconf-exception|Bison-exception|Font-exception|OpenSSL-exception|Linux-syscall-note|Universal-FOSS)/i;

const ranks: readonly LicenseClass[] = ['allowed', 'unknown', 'copyleft', 'forbidden'];
const rank = (license: LicenseClass): number => ranks.indexOf(license);

/** Returns the least restrictive class of alternatives (OR) and the most restrictive of combined licenses (AND). */
export function classifyLicense(expression: string): LicenseClass {
  const alias = aliases.find(([pattern]) => pattern.test(expression.trim()))?.[1];
  // Cargo used to write `/` for OR.
  const tokens = (alias ?? expression).replace(/([\w.)+-])\/([\w(])/g, '$1 OR $2').match(/[()]|[^\s()]+/g) ?? [];
  const licenseClass = parseOr(tokens);
  return tokens.length > 0 ? 'unknown' : licenseClass;
}

function parseOr(tokens: string[]): LicenseClass {
  let best = parseAnd(tokens);
  while (/^or$/i.test(tokens[0] ?? '')) {
    tokens.shift();
    const other = parseAnd(tokens);
    if (rank(other) < rank(best)) best = other;
  }
  return best;
}

function parseAnd(tokens: string[]): LicenseClass {
  let worst = parseTerm(tokens);
  while (/^and$/i.test(tokens[0] ?? '')) {
    tokens.shift();
    const other = parseTerm(tokens);
    if (rank(other) > rank(worst)) worst = other;
  }
  return worst;
}

function parseTerm(tokens: string[]): LicenseClass {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const inner = parseOr(tokens);
    return tokens.shift() === ')' ? inner : 'unknown';
  }
  if (/^with$/i.test(tokens[0] ?? '')) {
    tokens.shift();
    if (exceptions.test(tokens.shift() ?? '')) return 'allowed';
  }
  if (allowed.test(token)) return 'allowed';
  if (forbidden.test(token)) return 'forbidden';
  return copyleft.test(token) ? 'copyleft' : 'unknown';
}
