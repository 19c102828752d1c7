// The page in which calls are answered: puts its parts together and gives each message of the service to the part that it concerns.

import { drawAlerts, startAlerts } from './alerts.js';
import { drawAvailability, startAvailability } from './availability.js';
import { board, changed, draws } from './board.js';
import { startCall, tickCall } from './call_view.js';
import { Calls } from './calls.js';
import { the } from './dom.js';
import { startQueue, tickQueue } from './queue.js';
import { startRecent } from './recent.js';
import { startRings, tickRings } from './rings_view.js';
import { startShortcuts } from './shortcuts.js';
import { LineSocket } from './socket.js';
import { startSound } from './sound_view.js';
import { startTransfer } from './transfer.js';
import { unlockByGesture } from './tones.js';

const TICK_MS = 1_000;

const socket = new LineSocket({ hears, link });
const calls = new Calls(socket, the('remote-audio'));
const openTransfer = startTransfer(calls);

startAlerts((what, call) => what === 'answer' ? calls.answer(call) : what === 'decline' && calls.decline(call));
startAvailability(socket);
startRings(calls);
startCall(calls, openTransfer);
startQueue(socket);
startShortcuts(calls, openTransfer);
startSound(calls);
const readRecent = startRecent(calls);
unlockByGesture((audible) => {
  board.audible = audible;
  changed();
});
draws(drawAvailability);
draws(drawAlerts);
draws(() => calls.draw());
setInterval(tick, TICK_MS);
addEventListener('beforeunload', warn);
socket.start();

function hears(message) {
  switch (message.type) {
    case 'hello':
      board.hello = message;
      board.wantsAvailable = null;
      break;
    case 'people':
      board.people = message.people;
      break;
    case 'duty':
      board.duty = message;
      break;
    case 'line':
      board.queues = message.queues;
      board.queuesAt = performance.now();
      break;
    case 'recent':
      readRecent();
      break;
    default:
      calls.hears(message);
  }
  changed();
}

function link(state) {
  if (state === 'signed_out') {
    calls.own.finish('Your sign-in has ended');
    location.assign('/sign-in');
    return;
  }
  const back = state === 'connected';
  board.link = state;
  if (back) {
    calls.reconnected();
    readRecent();
  }
  changed();
}

/** Whoever closes the page in a call is asked first. */
function warn(event) {
  if (!board.call) return;
  event.preventDefault();
  event.returnValue = true;
}

function tick() {
  tickRings();
  tickCall();
  tickQueue();
  drawAlerts();
}
