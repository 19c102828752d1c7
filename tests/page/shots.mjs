// Every state of the page as a picture, wide and on a phone, and what axe finds in it.
// Usage: node shots.mjs [--dark] [--docs] [STATE...]; pictures land in out/, with --docs those of the documentation in docs/images/ (shrink them with pngquant).

import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startBrowser, startPeer } from './browser.mjs';
import { startMock } from './mock.mjs';
import { RECENT, SCENES, VALUES } from './scenes.mjs';

const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const DOCS = ['away', 'idle', 'ringing', 'ask', 'talking', 'held', 'transfer', 'elsewhere'];
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const words = process.argv.slice(2);
const docs = words.includes('--docs');
const dark = words.includes('--dark');
const named = words.filter((word) => !word.startsWith('--'));
const states = named.length ? named : docs ? DOCS : [...Object.keys(SCENES), 'sign_in', 'welcome'];
const folder = docs ? fileURLToPath(new URL('../../docs/images/', import.meta.url)) : fileURLToPath(new URL('./out/', import.meta.url));

const browser = await startBrowser();
const mock = await startMock({ values: VALUES, recent: () => RECENT });
const peer = await startPeer(browser, mock.url);
await mkdir(folder, { recursive: true });
let faults = 0;
for (const state of states) for (const size of Object.keys(SIZES)) faults += await shoot(state, size);
console.log(`${faults} faults`);
await browser.close();
mock.stop();
process.exit(faults ? 1 : 0);

async function shoot(state, size) {
  const scene = SCENES[state] ?? { greets: [] };
  mock.greets = () => scene.greets;
  mock.onMessage = (message, reply) => respond(scene, message, reply);
  mock.values = state in SCENES ? VALUES : { ...VALUES, name: state === 'sign_in' ? 'dana' : '', problem: state === 'sign_in' ? 'The name or the password is wrong.' : '' };
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: dark ? 'dark' : 'light', hasTouch: size === 'phone', isMobile: size === 'phone', deviceScaleFactor: docs ? 1.5 : 1, locale: 'en-US' });
  await context.grantPermissions(scene.permissions ?? ['microphone', 'notifications']);
  const page = await context.newPage();
  if (scene.broken) await page.addInitScript(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotReadableError'))));
  let found = 0;
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !/WebSocket|AudioContext was not allowed/.test(message.text()) && (found++, console.log(`${state} ${size}: ${message.text()}`)));
  page.on('pageerror', (problem) => (found++, console.log(`${state} ${size}: ${problem.stack}`)));
  await page.goto(mock.url + ({ sign_in: '/sign-in', welcome: '/welcome' }[state] ?? '/'));
  if (state in SCENES) await act(page, scene);
  await page.waitForTimeout(500);
  found += await look(page, state, size);
  await page.screenshot({ path: `${folder}${docs ? 'line-' : ''}${state}-${size}${dark ? '-dark' : ''}.png` });
  await page.close({ runBeforeUnload: false });
  await context.close();
  return found;
}

async function act(page, scene) {
  if (scene.close) return mock.cut();
  await page.waitForSelector('[data-link=connected]');
  if (!scene.silent) await page.mouse.click(2, 2);
  await scene.acts?.(page);
  if (scene.after) {
    await page.waitForTimeout(300);
    mock.say(...scene.after);
  }
}

/** Plays the service's part in a call. */
async function respond(scene, message, reply) {
  if (message.type === 'hold') reply({ type: 'held', call: message.call, held: message.held });
  if (!scene.media || !['answer', 'rejoin'].includes(message.type) || !message.sdp) return;
  reply({ type: 'answered', call: message.call, sdp: await peer.answer(message.sdp) });
  setTimeout(() => reply({ type: 'up', call: message.call }), 100);
}

async function look(page, state, size) {
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  for (const { impact, id, nodes } of violations) console.log(`${state} ${size}: axe ${impact} ${id}: ${nodes.map(({ target, any }) => `${target} ${any[0]?.message ?? ''}`).join(' | ')}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  if (wide) console.log(`${state} ${size}: wider than the screen`);
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).length + wide;
}
