import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { Receiver } from '../../src/node/otlp/receive/otlp-receiver.ts';
import type { Batch } from '../../src/protocol/event.ts';
import { launch } from './browser.ts';

const body =
  '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}';

/** What a hostile page can do to the OTLP receiver, in a real browser whose names all lead to this machine. */
describe('the OTLP receiver before a hostile page', () => {
  let browser: Browser;
  let site: Server;
  let receiver: Receiver;
  let page: Page;
  const batches: Batch[] = [];
  const refusals: string[] = [];

  before(async () => {
    browser = await launch('--host-resolver-rules=MAP *.example 127.0.0.1');
    site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>evil</p>'));
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
  });
  after(async () => {
    await browser.close();
    site.closeAllConnections();
    site.close();
  });
  beforeEach(async () => {
    batches.length = refusals.length = 0;
    receiver = await Receiver.open({
      onBatch: (batch) => batches.push(batch),
      onFault: (what) => refusals.push(what),
      log: (line) => refusals.push(line),
    });
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page.close();
    await receiver.close();
  });

  /** What is in order is taken, so that what was not taken was refused and not lost. */
  async function refusedAll(): Promise<void> {
    assert.equal(batches.length, 0);
    const answer = await fetch(`${receiver.endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.equal(answer.status, 200);
    assert.equal(batches.length, 1);
  }

  it('refuses a page whose name was pointed here after it was loaded', async () => {
    const opened = await page.goto(`http://rebound.example:${receiver.port}/v1/traces`);
    assert.equal(opened?.status(), 421);
    const status = await page.evaluate(async (spans) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/v1/traces', { method: 'POST', headers, body: spans })).status;
    }, body);
    assert.equal(status, 421);
    assert.match(refusals.join(), /\(421\)/);
    await refusedAll();
  });

  const ways: readonly [string, (page: Page, address: string) => Promise<unknown>][] = [
    [
      'a request that hides its answer',
      (page, address) =>
        page.evaluate(([to, spans]) => fetch(to, { method: 'POST', mode: 'no-cors', body: spans }).then(String), [
          address,
          body,
        ] as const),
    ],
    [
      'a request that asks first',
      (page, address) =>
        page.evaluate(
          ([to, spans]) => {
            const headers = { 'content-type': 'application/json' };
            return fetch(to, { method: 'POST', headers, body: spans }).catch(String);
          },
          [address, body] as const,
        ),
    ],
    [
      'a beacon',
      (page, address) => page.evaluate(([to, spans]) => navigator.sendBeacon(to, spans), [address, body] as const),
    ],
    [
      'a form',
      (page, address) =>
        page.evaluate((to) => {
          const form = document.createElement('form');
          Object.assign(form, { action: to, method: 'post', enctype: 'text/plain' });
          document.body.append(form);
          form.submit();
        }, address),
    ],
  ];
  for (const [what, attack] of ways) {
    it(`refuses ${what} from another site`, async () => {
      await page.goto(`http://evil.example:${(site.address() as AddressInfo).port}/`);
      await attack(page, `${receiver.endpoint}/v1/traces`);
      for (let tries = 0; tries < 500 && refusals.length === 0; tries++) await page.waitForTimeout(10);
      assert.match(refusals.join(), /\(403\)/, 'it reached the receiver');
      await refusedAll();
    });
  }
});
