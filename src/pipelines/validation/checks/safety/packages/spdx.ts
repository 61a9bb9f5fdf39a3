/** Judges a licence by its SPDX expression: what may be used, what binds or forbids, and what nobody here knows. */

export type License = 'allowed' | 'copyleft' | 'forbidden' | 'unknown';

/** Names that people wrote before there was SPDX, as Python's classifiers have them. */
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

/** Free to use in anything, with no more than a notice or the changes to the package itself. */
const allowed =
  /^(?:MIT|MIT-0|MIT-CMU|MITNFA|X11|ISC|0BSD|BSD-\d-Clause(?:-[\w-]+)?|BSD|Apache-(?:1\.1|2\.0)|CC0-1\.0|CC-BY-(?:SA-)?[234]\.0|CC-PDDC|Unlicense|WTFPL|Zlib|zlib-acknowledgement|Libpng|BlueOak-1\.0\.0|BSL-1\.0|Python-2\.0(?:\.1)?|PSF-2\.0|CNRI-Python|Artistic-(?:1\.0(?:-Perl|-cl8)?|2\.0)|MPL-(?:1\.1|2\.0)|LGPL-[\d.]+(?:-only|-or-later|\+)?|EPL-[12]\.0|CDDL-1\.[01]|EUPL-1\.[12]|Unicode-(?:3\.0|DFS-2016|TOU)|OFL-1\.[01]|AFL-[23]\.[01]|NCSA|HPND|curl|OpenSSL|PostgreSQL|TCL|Ruby|W3C(?:-[\d]+)?|ZPL-[\d.]+|Beerware|CDLA-Permissive-[\d.]+|MulanPSL-2\.0|Zed|OLDAP-2\.8|FSFAP|ODC-By-1\.0|SISSL|Vim|Xnet|bzip2-1\.0\.6|NTP|UPL-1\.0|MS-PL)$/i;
/** Whoever hands the whole out must hand it out under the same. */
const copyleft = /^(?:GPL|OSL|QPL|Sleepycat|CECILL)(?:-[\w.]+)?(?:-only|-or-later|\+)?$/i;
/** No free licence, or one that reaches over a network. */
const forbidden =
  /^(?:AGPL-[\w.]+(?:-only|-or-later|\+)?|SSPL-1\.0|BUSL-1\.1|BSL-1\.1|Elastic-[12]\.0|RSAL|CC-BY-NC\b.*|CC-BY-ND\b.*|Commons-Clause|PolyForm-[\w.-]+|UNLICENSED|JSON-Proprietary)$/i;
/** Programs that are only built with or linked to such code are free of it. */
const exceptions =
  /^(?:Classpath-exception|GCC-exception|LLVM-exception|Autoconf-exception|Bison-exception|Font-exception|OpenSSL-exception|Linux-syscall-note|Universal-FOSS)/i;

const ranks: readonly License[] = ['allowed', 'unknown', 'copyleft', 'forbidden'];
const rank = (license: License): number => ranks.indexOf(license);

/** Of alternatives the freest counts, of several at once the strictest. */
export function judge(expression: string): License {
  const alias = aliases.find(([pattern]) => pattern.test(expression.trim()))?.[1];
  // Cargo's old way to say OR.
  const tokens = (alias ?? expression).replace(/([\w.)+-])\/([\w(])/g, '$1 OR $2').match(/[()]|[^\s()]+/g) ?? [];
  const judged = either(tokens);
  return tokens.length > 0 ? 'unknown' : judged;
}

function either(tokens: string[]): License {
  let best = both(tokens);
  while (/^or$/i.test(tokens[0] ?? '')) {
    tokens.shift();
    const other = both(tokens);
    if (rank(other) < rank(best)) best = other;
  }
  return best;
}

function both(tokens: string[]): License {
  let worst = one(tokens);
  while (/^and$/i.test(tokens[0] ?? '')) {
    tokens.shift();
    const other = one(tokens);
    if (rank(other) > rank(worst)) worst = other;
  }
  return worst;
}

function one(tokens: string[]): License {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const inner = either(tokens);
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
