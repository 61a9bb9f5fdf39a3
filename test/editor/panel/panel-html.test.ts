import { strict as assert } from 'node:assert';
import { renderPanelHtml } from '../../../src/editor/panel/panel-html.ts';

describe('panel HTML', () => {
  const page = renderPanelHtml({
    language: 'de"><script>',
    source: 'https://ours',
    nonce: 'n0nce',
    script: 'https://ours/main.js?a&b',
    style: 'https://ours/main.css',
  });
  const policy = page.match(/Content-Security-Policy" content="([^"]*)"/)?.[1] ?? '';

  it('allows only named sources, and no inline script, inline style or eval', () => {
    assert.match(policy, /^default-src 'none';/);
    assert.match(policy, /script-src 'nonce-n0nce'/);
    assert.match(policy, /style-src https:\/\/ours/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(policy, /connect-src/);
  });

  it('has one script with the nonce, a title and a language', () => {
    assert.deepEqual(page.match(/<script[^>]*>/g), ['<script nonce="n0nce" src="https://ours/main.js?a&amp;b">']);
    assert.match(page, /<title>Pipescope Profiler<\/title>/);
    assert.match(page, /<html lang="de&quot;>&lt;script>">/);
  });
});
