// What makes a ringing call noticed: the ring, vibration, a system notification, the title; and what keeps the page awake to do so.

import { board, state } from './board.js';
import { chime, startRing, stopRing } from './tones.js';
import { duration, whichNumber, who } from './words.js';

const title = document.title;
const shown = new Map();
const chimed = new Set();
let worker = null;
let wake = null;
let acts = () => {};

/** `act(what, call)` is called when the user chooses `answer` or `decline` in a notification. */
export function startAlerts(act) {
  acts = act;
  // A page that holds a lock is not frozen when it is out of sight.
  navigator.locks?.request('backstop-line', { mode: 'shared' }, () => new Promise(() => {})).catch(() => {});
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('/assets/notify_worker.js').then((registration) => (worker = registration), () => {});
  navigator.serviceWorker.addEventListener('message', ({ data: { act: what, call } }) => acts(what, call));
}

/** Asks once whether notifications may be shown; needs a gesture. */
export function askForNotifications() {
  if ('Notification' in window && Notification.permission === 'default') Notification.requestPermission().catch(() => {});
}

/** Whether the user has refused them. */
export function notificationsBlocked() {
  return 'Notification' in window && Notification.permission === 'denied';
}

/** After each change, and each second. */
export function drawAlerts() {
  const rings = [...board.rings.values()].filter((ring) => !ring.auto);
  if (rings.length && !board.call) startRing();
  else stopRing();
  chimeOnce(rings);
  vibrate(rings.length > 0 && !board.call);
  notify(rings);
  entitle(rings[0]);
  stayAwake();
}

function chimeOnce(rings) {
  for (const { call } of rings) {
    if (chimed.has(call)) continue;
    chimed.add(call);
    if (board.call) chime();
  }
  for (const call of chimed) if (!board.rings.has(call)) chimed.delete(call);
}

let vibratedAt = null;
function vibrate(on) {
  if (!navigator.vibrate || !navigator.userActivation?.hasBeenActive) return;
  const now = performance.now();
  if (!on) {
    if (vibratedAt !== null) navigator.vibrate(0);
    vibratedAt = null;
  } else if (vibratedAt === null || now - vibratedAt > 2_000) {
    navigator.vibrate([300, 150, 300]);
    vibratedAt = now;
  }
}

function notify(rings) {
  for (const [call, close] of shown) {
    if (rings.some((ring) => ring.call === call)) continue;
    shown.delete(call);
    close();
  }
  if (document.hasFocus() || !('Notification' in window) || Notification.permission !== 'granted') return;
  for (const ring of rings) if (!shown.has(ring.call)) shown.set(ring.call, open(ring));
}

/** Shows one, and gives what closes it again. */
function open(ring) {
  const text = `${who(ring)}${ring.vip ? ' (VIP)' : ''} calls`;
  const choices = { body: [whichNumber(ring), ring.step].filter(Boolean).join('\n'), tag: ring.call, icon: '/assets/icon.svg', requireInteraction: true };
  if (worker) {
    const actions = [{ action: 'answer', title: 'Answer' }, { action: 'decline', title: 'Decline' }];
    worker.showNotification(text, { ...choices, actions }).catch(() => {});
    return () => worker.getNotifications({ tag: ring.call }).then((open) => open.forEach((one) => one.close()));
  }
  try {
    const notification = new Notification(text, choices);
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
    return () => notification.close();
  } catch {
    return () => {};
  }
}

function entitle(ring) {
  const { call } = board;
  let text = title;
  if (call) text = `${call.sinceAt === null ? 'Connecting' : duration(performance.now() - call.sinceAt)} · ${who(call)}`;
  else if (ring && Math.floor(performance.now() / 1000) % 2 === 0) text = `☎ ${who(ring)} calls`;
  else if (state() === 'offline') text = `(not connected) ${title}`;
  if (document.title !== text) document.title = text;
}

/** Keeps the screen of a phone on while it is to ring, and any screen while a call is on. */
async function stayAwake() {
  const wanted = Boolean(board.call) || board.rings.size > 0 || (board.hello?.available && matchMedia('(pointer: coarse)').matches);
  if (!('wakeLock' in navigator) || document.hidden || Boolean(wake) === Boolean(wanted)) return;
  if (!wanted) {
    wake.then((lock) => lock?.release());
    wake = null;
    return;
  }
  wake = navigator.wakeLock.request('screen').catch(() => null);
  const lock = await wake;
  lock?.addEventListener('release', () => (wake = null));
}
