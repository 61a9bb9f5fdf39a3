import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { OtlpReceiver } from '../../src/node/otlp/receive/otlp-receiver.ts';
import type { Batch } from '../../src/protocol/batch/batch.ts';
import { launchBrowser } from './browser.ts';

const body =
  '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}';

/** Attacks the OTLP receiver from hostile pages in a real browser that resolves `*.example` to this machine. */
describe('the OTLP receiver', () => {
  let browser: Browser;
  let site: Server;
  let receiver: OtlpReceiver;
  let page: Page;
  const batches: Batch[] = [];
  const refusals: string[] = [];

  before(async () => {
    browser = await launchBrowser('--host-resolver-rules=MAP *.example 127.0.0.1');
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
    receiver = await OtlpReceiver.open({
      onBatch: (batch) => batches.push(batch),
      onRejected: (what) => refusals.push(what),
      log: (line) => refusals.push(line),
    });
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page.close();
    await receiver.close();
  });

  /** Checks that no batch got through, while a valid request still does: the attack was refused rather than lost. */
  async function assertOnlyValidBatchAccepted(): Promise<void> {
    assert.equal(batches.length, 0);
    const response = await fetch(`${receiver.endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.equal(response.status, 200);
    assert.equal(batches.length, 1);
  }

  it('refuses a page whose host name was rebound to this machine', async () => {
    const opened = await page.goto(`http://rebound.example:${receiver.port}/v1/traces`);
    assert.equal(opened?.status(), 421);
    const status = await page.evaluate(async (spans) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/v1/traces', { method: 'POST', headers, body: spans })).status;
    }, body);
    assert.equal(status, 421);
    assert.match(refusals.join(), /\(421\)/);
    await assertOnlyValidBatchAccepted();
  });

  const attacks: readonly [string, (page: Page, address: string) => Promise<unknown>][] = [
    [
      'a no-cors request',
      (page, address) =>
        page.evaluate(([to, spans]) => fetch(to, { method: 'POST', mode: 'no-cors', body: spans }).then(String), [
          address,
          body,
        ] as const),
    ],
    [
      'a preflighted request',
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
  for (const [kind, attack] of attacks) {
    it(`refuses ${kind} from another site`, async () => {
      await page.goto(`http://evil.example:${(site.address() as AddressInfo).port}/`);
      await attack(page, `${receiver.endpoint}/v1/traces`);
      for (let tries = 0; tries < 500 && refusals.length === 0; tries++) await page.waitForTimeout(10);
      assert.match(refusals.join(), /\(403\)/, 'the request reached the receiver');
      await assertOnlyValidBatchAccepted();
    });
  }
});
