/** The document that the panel loads: nothing in it comes from a program, and it may load only what is ours. */

export interface PageOptions {
  readonly language: string;
  /** Source of what the editor serves for us, as it stands in a policy. */
  readonly source: string;
  /** Fresh for each document. */
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
}

export function pageOf({ language, source, nonce, script, style }: PageOptions): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `font-src ${source}`,
    `img-src ${source} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escaped(style)}">
<title>Pipescope Profiler</title>
</head>
<body>
<div id="root"></div>
<script nonce="${escaped(nonce)}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
