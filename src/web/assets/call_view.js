// The call in this page: who it is, how long and how well it goes, and what can be done with it.

import { board, draws } from './board.js';
import { icon, make, mark, say, show, the } from './dom.js';
import { earlierCalls } from './earlier.js';
import { duration, whichNumber, who } from './words.js';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
const KEY_IDS = { '*': 'star', '#': 'hash' };

let shownCall = null;
let shownEarlier = null;

/** Draws the call after each change, and wires its buttons. */
export function startCall(calls, openTransfer) {
  the('mute').addEventListener('click', () => calls.mute());
  the('hold').addEventListener('click', () => calls.hold());
  the('keypad').addEventListener('click', toggleKeypad);
  the('transfer').addEventListener('click', openTransfer);
  the('end').addEventListener('click', () => calls.end());
  the('ask-take').addEventListener('click', () => calls.reply('1'));
  the('ask-decline').addEventListener('click', () => calls.reply('2'));
  the('take-over').addEventListener('click', () => calls.takeOver());
  for (const key of KEYS) {
    the('keys').append(make('button', { type: 'button', 'data-testid': `key-${KEY_IDS[key] ?? key}`, 'aria-label': KEY_IDS[key] ?? key, text: key, click: () => press(calls, key) }));
  }
  draws(draw);
}

/** Opens or closes the keypad. */
export function toggleKeypad() {
  const panel = the('keypad-panel');
  if (!board.call) return;
  panel.hidden = !panel.hidden;
  mark(the('keypad'), 'aria-expanded', !panel.hidden);
}

/** Whether keys of the keyboard press keys of the call. */
export function keypadIsOpen() {
  return !the('keypad-panel').hidden;
}

/** Presses a key of the keypad. */
export function press(calls, key) {
  calls.key(key);
  say(the('typed'), (the('typed').textContent + key).slice(-24));
}

/** Once a second. */
export function tickCall() {
  const { call, elsewhere } = board;
  if (call) say(the('call-time'), call.sinceAt === null ? '' : duration(performance.now() - call.sinceAt));
  if (elsewhere) say(the('elsewhere-time'), duration(performance.now() - elsewhere.sinceAt));
}

function draw() {
  const { call, elsewhere } = board;
  show(the('call'), call);
  show(the('elsewhere'), elsewhere && !call);
  if (elsewhere) say(the('elsewhere-who'), [elsewhere.name, elsewhere.number].filter(Boolean).join(', ') || 'Withheld number');
  the('take-over').disabled = board.link !== 'connected';
  drawNotes();
  drawQuietness();
  if (call?.call !== shownCall) begin(call);
  if (call) drawCall(call);
  tickCall();
}

/** Another call than before, or none. */
function begin(call) {
  shownCall = call?.call ?? null;
  shownEarlier = null;
  say(the('typed'), '');
  the('keypad-panel').hidden = true;
  mark(the('keypad'), 'aria-expanded', false);
  if (call && lostFocus()) the('call-title').focus({ preventScroll: true });
  if (call) scrollTo({ top: 0 });
}

/** The button that was pressed is gone with what it stood in. */
function lostFocus() {
  const at = document.activeElement;
  return !at || at === document.body || the('rings').contains(at) || the('elsewhere').contains(at);
}

function drawCall(call) {
  const held = call.wantsHeld ?? call.held;
  const talking = call.phase === 'talking';
  mark(the('call'), 'data-phase', call.phase);
  say(the('call-who'), who(call));
  say(the('call-number'), whichNumber(call));
  say(the('call-about'), [call.called && `to ${call.called}`, call.plan && `plan ${call.plan}`].filter(Boolean).join(' · '));
  show(the('call-vip'), call.vip);
  say(the('call-face'), initials(call));
  say(the('call-status'), status(call, held));
  mark(the('call-status'), 'data-tone', held || call.muted ? 'warn' : 'plain');
  say(the('call-trouble'), call.trouble);
  show(the('call-trouble'), call.trouble);
  show(the('ask'), call.ask);
  say(the('ask-text'), call.ask);
  button('mute', call.muted, call.muted ? 'mic-off' : 'mic', call.muted ? 'Unmute' : 'Mute', true);
  button('hold', held, held ? 'play' : 'pause', held ? 'Resume' : 'Hold', talking);
  the('transfer').disabled = !talking;
  the('keypad').disabled = board.link !== 'connected';
  drawQuality(call.quality, talking && !held);
  if (call.earlier !== shownEarlier) {
    shownEarlier = call.earlier;
    the('call-known').replaceChildren(...[earlierCalls(call.earlier)].filter(Boolean));
  }
}

function button(id, on, picture, text, usable) {
  const element = the(id);
  mark(element, 'data-on', on);
  mark(element.querySelector('use'), 'href', `#i-${picture}`);
  say(element.querySelector('span'), text);
  element.disabled = !usable;
}

function drawQuality(quality, wanted) {
  show(the('quality'), wanted && quality.text);
  mark(the('quality'), 'data-level', quality.level);
  mark(the('quality'), 'title', quality.details);
  say(the('quality-text'), quality.text);
}

function status(call, held) {
  if (call.passingTo) return `Passing the call on to ${call.passingTo}…`;
  if (call.phase === 'connecting' && call.ask) return 'The caller hears music';
  if (call.phase === 'connecting') return { call_back: `Calling ${call.number ?? 'back'}…`, test: 'Calling the receptionist…' }[call.kind] ?? 'Connecting…';
  if (held) return call.held ? 'On hold: the caller hears music' : 'Putting the call on hold…';
  if (call.muted) return 'You are muted: the caller can’t hear you';
  return { call_back: 'You called', test: 'Test call' }[call.kind] ?? 'In a call';
}

function initials(call) {
  const words = (call.name ?? '').match(/\p{L}[\p{L}\p{M}’'-]*/gu) ?? [];
  return words.length ? [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => word.charAt(0).toUpperCase()).join('') : '#';
}

/** What stands there when nothing else does. */
function drawQuietness() {
  const { call, elsewhere, hello, notes, rings } = board;
  show(the('quietness'), hello && !call && !elsewhere && !rings.size && !notes.length);
  say(the('quietness-text'), hello?.available ? 'The line is free. The next call appears here.' : 'Calls go past you to the next step of their plan.');
}

function drawNotes() {
  const place = the('notes');
  const wanted = board.call ? [] : board.notes;
  if (place.childElementCount === wanted.length && wanted.every(({ title, text }, i) => place.children[i].textContent === title + text)) return;
  place.replaceChildren(...wanted.map(({ title, text, tone }) => make('div', { class: 'note-card', 'data-tone': tone, 'data-testid': 'note' }, icon('end'), make('p', {}, make('strong', { text: title }), make('span', { text })))));
}
