// The state of the connection, the big switch, and the hints about what would keep a call from being noticed.

import { askForNotifications, notificationsBlocked } from './alerts.js';
import { board, changed, state } from './board.js';
import { after } from './clock.js';
import { announce, mark, say, show, the } from './dom.js';

const LINKS = { connecting: 'Connecting…', connected: 'Connected', reconnecting: 'Reconnecting…', offline: 'No network' };
const CONFIRM_MS = 3_000;
/** A connection that is back within this time is not worth a word. */
const ANNOUNCE_MS = 1_500;

let announced = 'connecting';

/** Wires the switch. */
export function startAvailability(socket) {
  the('available').addEventListener('click', () => {
    const { hello } = board;
    if (!hello) return;
    const available = !(board.wantsAvailable ?? hello.available);
    if (available) askForNotifications();
    if (!socket.send({ type: 'available', available }, true)) return;
    board.wantsAvailable = available;
    after(CONFIRM_MS, () => {
      board.wantsAvailable = null;
      changed();
    });
    announce(available ? 'You are available: calls ring here' : 'You are not available');
    changed();
  });
}

/** Draws it all. */
export function drawAvailability() {
  mark(document.body, 'data-state', state());
  mark(the('link'), 'data-link', board.link);
  say(the('link-text'), LINKS[board.link]);
  announceLink();
  drawSwitch();
  show(the('sound-blocked'), !board.audible);
  show(the('notes-blocked'), board.hello?.available && notificationsBlocked());
  if (board.hello) say(the('business'), board.hello.business);
}

function drawSwitch() {
  const { hello } = board;
  const available = Boolean(board.wantsAvailable ?? hello?.available);
  const button = the('available');
  mark(button, 'aria-checked', available);
  button.disabled = !hello || board.link !== 'connected';
  say(the('available-text'), available ? 'Available' : 'Not available');
  say(the('available-note'), available ? whereCallsRing(hello) : hello ? 'Calls don’t ring here. Switch on to take them.' : 'Connecting to the service…');
  mark(the('availability'), 'data-on', available);
}

function whereCallsRing(hello) {
  if (!hello.rings) return 'No plan rings this page: the configuration doesn’t have “browser = true” for you.';
  return board.link === 'connected' ? 'Calls ring here, as long as this page is open.' : 'Calls ring here again once the service is reached.';
}

function announceLink() {
  const { link } = board;
  if (link === announced) return;
  after(ANNOUNCE_MS, () => {
    if (board.link !== link || link === announced) return;
    announced = link;
    announce(link === 'connected' ? 'Connected to the service' : 'The connection to the service is lost. Reconnecting.', link !== 'connected');
  });
}
