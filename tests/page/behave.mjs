// How the page behaves: each check below plays a service that does something, and looks at what the page does.
// Usage: node behave.mjs [WORD...]: only the checks whose name has one of the words.

import assert from 'node:assert/strict';
import { startBrowser, startPeer } from './browser.mjs';
import { startMock } from './mock.mjs';
import { HELLO, KNOWN, PEOPLE, RECENT, RING, VALUES } from './scenes.mjs';

const browser = await startBrowser();
const mock = await startMock({ values: VALUES, recent: () => RECENT });
const peer = await startPeer(browser, mock.url);
const TALKING = { ...RING, type: 'talking', left_ms: 0, since_ms: 65_000, elsewhere: false, held: false };

const checks = {
  async 'answers within 300 ms'() {
    for (let round = 0; round < 3; round += 1) {
      const { page } = await open([HELLO, PEOPLE, RING]);
      await page.waitForTimeout(600);
      await page.getByTestId('answer').click();
      await page.waitForFunction(() => performance.getEntriesByName('remote-audio').length);
      const took = await page.evaluate(() => performance.getEntriesByName('remote-audio')[0].startTime - performance.getEntriesByName('answer-click')[0].startTime);
      console.log(`    ${Math.round(took)} ms`);
      assert.ok(took < 300, `${took} ms`);
    }
  },

  async 'is used by keyboard alone'() {
    const { page } = await open([HELLO, PEOPLE, RING, KNOWN]);
    await page.keyboard.press('a');
    await state(page, 'talking');
    await page.keyboard.press('m');
    assert.match(await page.getByTestId('call-status').textContent(), /muted/);
    await page.keyboard.press('h');
    await state(page, 'held');
    await page.keyboard.press('h');
    await state(page, 'talking');
    await page.keyboard.press('k');
    await page.keyboard.type('5#');
    assert.deepEqual(said('key').map(({ key }) => key), ['5', '#']);
    await page.keyboard.press('t');
    await page.keyboard.type('marc');
    await page.keyboard.press('Enter');
    await until(() => said('transfer')[0]?.to === 'marcus');
    await page.keyboard.press('e');
    await state(page, 'idle');
    assert.equal(said('end').length, 1);
  },

  async 'reaches every control with the Tab key'() {
    const { page } = await open([HELLO, PEOPLE, RING]);
    await page.keyboard.press('Shift+Tab');
    const seen = new Set();
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press('Tab');
      seen.add(await page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.id));
    }
    for (const wanted of ['available', 'decline', 'answer', 'check', 'call-back-c9']) assert.ok(seen.has(wanted), wanted);
    await page.getByTestId('answer').focus();
    await page.keyboard.press('Space');
    await state(page, 'talking');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'call-title');
  },

  async 'declines'() {
    const { page } = await open([HELLO, RING]);
    await page.keyboard.press('d');
    await state(page, 'idle');
    await until(() => said('decline').length === 1);
  },

  async 'answers what the user has asked for'() {
    const { page } = await open([HELLO, PEOPLE]);
    mock.onMessage = (message, reply) => (message.type === 'test_call' ? reply({ ...RING, call: 't1', kind: 'test', auto: true }) : part(message, reply));
    await page.getByTestId('test-call').click();
    await state(page, 'talking');
    mock.say({ type: 'over', call: 't1', why: 'the receptionist hung up' });
    await state(page, 'idle');
    await page.getByTestId('call-back-c8').click();
    await until(() => said('call_back')[0]?.id === 'c8');
  },

  async 'asks on behalf of the receptionist'() {
    const { page } = await open([HELLO, { ...RING, auto: true }], (message, reply) => message.type === 'answer' && part(message, reply, false));
    await state(page, 'connecting');
    mock.say({ type: 'ask', call: 'r1', text: 'Water!' });
    await page.getByText('Water!').waitFor();
    await page.keyboard.press('1');
    await until(() => said('key')[0]?.key === '1');
    mock.say({ type: 'up', call: 'r1' });
    await state(page, 'talking');
  },

  async 'keeps its sound when the service is away for a moment'() {
    const { page } = await talking();
    mock.greets = () => [HELLO, PEOPLE, TALKING];
    mock.cut();
    await until(() => said('rejoin').length === 1);
    assert.equal(said('rejoin')[0].sdp, undefined);
    await state(page, 'talking');
    mock.greets = () => [HELLO, PEOPLE];
    mock.cut();
    await until(() => said('rejoin').length === 2, 4_000);
    assert.equal(said('rejoin')[1].sdp, undefined);
  },

  async 'makes new sound when the service has lost its own'() {
    const { page } = await talking();
    await peer.drop();
    await until(() => said('rejoin').length === 1, 15_000);
    assert.match(said('rejoin')[0].sdp, /m=audio/);
    await page.waitForFunction(() => document.getElementById('call-trouble').hidden);
    await state(page, 'talking');
  },

  async 'asks with new SDP when its sound is unknown'() {
    const { page } = await talking();
    mock.greets = () => [HELLO, TALKING];
    mock.onMessage = (message, reply) => (message.type === 'rejoin' && !message.sdp ? reply({ type: 'problem', call: 'r1', text: 'unknown' }) : part(message, reply));
    mock.cut();
    await until(() => said('rejoin').length === 2);
    assert.match(said('rejoin')[1].sdp, /m=audio/);
    await state(page, 'talking');
  },

  async 'gives a call up that is over meanwhile'() {
    const { page } = await talking();
    mock.greets = () => [HELLO];
    mock.onMessage = (message, reply) => message.type === 'rejoin' && reply({ type: 'problem', call: 'r1', text: 'That call is over.' });
    mock.cut();
    await state(page, 'idle');
    await page.getByText('That call is over.').waitFor();
  },

  async 'rejoins after a reload'() {
    const { page } = await talking();
    mock.greets = () => [HELLO, TALKING, KNOWN];
    page.on('dialog', (dialog) => dialog.accept());
    await page.reload();
    await state(page, 'talking');
    await page.waitForFunction(() => performance.getEntriesByName('remote-audio').length);
    assert.match(await page.getByTestId('timer').textContent(), /^1:0/);
  },

  async 'stays muted through a reload'() {
    const { page } = await talking();
    await page.getByTestId('mute').click();
    mock.greets = () => [HELLO, TALKING];
    page.on('dialog', (dialog) => dialog.accept());
    await page.reload();
    await state(page, 'talking');
    assert.match(await page.getByTestId('call-status').textContent(), /muted/);
  },

  async 'keeps time by its worker'() {
    const { page } = await open([HELLO]);
    assert.ok(page.workers().some((worker) => worker.url().endsWith('/assets/clock_worker.js')));
  },

  async 'tells when the ring goes on by another step'() {
    const { page } = await open([HELLO, RING]);
    mock.say({ ...RING, step: 'rings everybody', left_ms: 9_000 });
    await page.getByText('rings everybody').waitFor();
    assert.equal(await page.getByTestId('ring').count(), 1);
  },

  async 'warns before it is closed in a call'() {
    const { page } = await talking();
    const warned = new Promise((done) => page.on('dialog', (dialog) => (done(dialog.type()), dialog.accept())));
    await page.close({ runBeforeUnload: true });
    assert.equal(await warned, 'beforeunload');
  },

  async 'takes over what goes on elsewhere'() {
    const { page } = await open([HELLO, { ...TALKING, elsewhere: true }]);
    await page.getByTestId('take-over').click();
    await state(page, 'talking');
    assert.match(said('rejoin')[0].sdp, /m=audio/);
    mock.say({ type: 'over', call: 'r1', why: 'taken over on another device' });
    await page.getByText('Taken over on another device').waitFor();
  },

  async 'tells of a firewall'() {
    const { page } = await open([HELLO, RING], async (message, reply) => {
      if (message.type !== 'answer') return;
      const sdp = (await peer.answer(message.sdp)).replace(/^a=candidate.*\r\n/gm, '').replace(/^a=ice-pwd:.*$/m, `a=ice-pwd:${'x'.repeat(24)}`);
      reply({ type: 'answered', call: 'r1', sdp });
    });
    await page.getByTestId('answer').click();
    await page.getByText('No sound gets through to 192.0.2.7 UDP port 40000').first().waitFor({ timeout: 8_000 });
  },

  async 'answers nothing without a microphone'() {
    const { page } = await open([HELLO, RING], part, { microphone: false });
    await page.getByTestId('answer').click();
    await page.getByTestId('toast').waitFor();
    assert.match(await page.getByTestId('toast').textContent(), /microphone/i);
    await state(page, 'ringing');
    assert.equal(said('answer').length, 0);
  },

  async 'goes to the sign-in when that has ended'() {
    const { page } = await open([HELLO]);
    mock.cut(4401);
    await page.waitForURL('**/sign-in');
  },

  async 'answers again when the answer was lost'() {
    const { page } = await open([HELLO, RING], () => {});
    await page.getByTestId('answer').click();
    await until(() => said('answer').length === 1);
    mock.onMessage = part;
    mock.cut();
    await state(page, 'talking');
    assert.equal(said('answer').length, 2);
  },

  async 'ends one call to answer another'() {
    const { page } = await talking();
    mock.say({ ...RING, call: 'r2', name: 'SECOND' });
    await page.getByTestId('answer').click();
    await until(() => said('answer').length === 2);
    assert.equal(said('end')[0].call, 'r1');
    await state(page, 'talking');
  },

  async 'shows a switch as the service has it'() {
    const { page } = await open([{ ...HELLO, available: false }], (message, reply) => message.type === 'available' && reply({ ...HELLO, available: message.available }));
    const available = page.getByTestId('available');
    assert.equal(await available.getAttribute('aria-checked'), 'false');
    await available.click();
    await until(() => said('available')[0]?.available === true);
    assert.equal(await available.getAttribute('aria-checked'), 'true');
    mock.say({ ...HELLO, available: false });
    await page.waitForSelector('[data-testid=available][aria-checked=false]');
  },

  async 'notifies when it is out of sight'() {
    const { page, context } = await open([HELLO]);
    await page.evaluate(() => (document.hasFocus = () => false));
    await page.evaluate(() => navigator.serviceWorker.getRegistration('/assets/').then((it) => it));
    await page.waitForTimeout(500);
    mock.say(RING);
    const count = () => page.evaluate(async () => (await (await navigator.serviceWorker.getRegistration('/assets/')).getNotifications()).length);
    await until(async () => (await count()) === 1);
    mock.say({ type: 'ring_over', call: 'r1', why: 'caller_gone', by: null });
    await until(async () => (await count()) === 0);
    await context.close();
  },
};

let failed = 0;
const words = process.argv.slice(2);
for (const [name, check] of Object.entries(checks)) {
  if (words.length && !words.some((word) => name.includes(word))) continue;
  try {
    await check();
    console.log(`ok  ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`BAD ${name}\n${problem.stack}`);
  }
  for (const context of browser.contexts().slice(1)) await context.close();
}
await browser.close();
mock.stop();
process.exit(failed ? 1 : 0);

async function open(greets, onMessage = part, { microphone = true } = {}) {
  mock.told.length = 0;
  mock.greets = () => greets;
  mock.onMessage = onMessage;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(microphone ? ['microphone', 'notifications'] : []);
  const page = await context.newPage();
  page.setDefaultTimeout(6_000);
  page.on('pageerror', (problem) => console.log(`    ${problem.stack}`));
  if (!microphone) await page.addInitScript(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))));
  await page.goto(mock.url);
  await page.waitForSelector('[data-link=connected]');
  await page.mouse.click(2, 2);
  return { page, context };
}

async function talking() {
  const opened = await open([HELLO, PEOPLE, RING]);
  await opened.page.getByTestId('answer').click();
  await state(opened.page, 'talking');
  await opened.page.waitForFunction(() => performance.getEntriesByName('remote-audio').length);
  return opened;
}

/** The service's part in a call. */
async function part(message, reply, up = true) {
  if (message.type === 'hold') reply({ type: 'held', call: message.call, held: message.held });
  if (!['answer', 'rejoin'].includes(message.type) || !message.sdp) return;
  reply({ type: 'answered', call: message.call, sdp: await peer.answer(message.sdp) });
  if (up) reply({ type: 'up', call: message.call });
}

function said(type) {
  return mock.told.filter((message) => message.type === type);
}

function state(page, wanted) {
  return page.waitForSelector(`body[data-state=${wanted}]`);
}

async function until(holds, ms = 6_000) {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never: ${holds}; told ${JSON.stringify(mock.told.map(({ sdp, ...rest }) => rest))}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
