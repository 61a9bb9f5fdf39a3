/** The panel's HTML document. It contains no text from programs and may load only resources of the extension. */

interface PanelHtmlOptions {
  readonly language: string;
  /** Source of the extension's resources, as written in a content security policy. */
  readonly source: string;
  /** Unique for each document. */
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
}

export function renderPanelHtml({ language, source, nonce, script, style }: PanelHtmlOptions): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `font-src ${source}`,
    `img-src ${source} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeHtml(style)}">
<title>Pipescope Profiler</title>
</head>
<body>
<div id="root"></div>
<script nonce="${escapeHtml(nonce)}" src="${escapeHtml(script)}"></script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
