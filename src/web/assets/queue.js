// The queues that the user serves: whether they are on duty, and who waits.

import { board, draws } from './board.js';
import { make, mark, say, show, the } from './dom.js';
import { duration, sentence } from './words.js';

const LONG_WAIT_MS = 120_000;

/** Wires the panel; it shows once the service has told of a duty. */
export function startQueue(socket) {
  the('duty').addEventListener('click', () => board.duty && socket.send({ type: 'duty', on: !board.duty.on }, true));
  the('pause').addEventListener('click', () => board.duty && socket.send({ type: 'pause', paused: !board.duty.paused }, true));
  the('ready').addEventListener('click', () => socket.send({ type: 'ready' }, true));
  draws(draw);
}

/** Once a second: how long they have waited. */
export function tickQueue() {
  for (const row of the('queues').querySelectorAll('[data-since]')) {
    const waited = performance.now() - Number(row.dataset.since);
    say(row, duration(waited));
    mark(row, 'data-long', waited > LONG_WAIT_MS);
  }
}

let shown = null;

function draw() {
  const { duty } = board;
  show(the('queue'), duty);
  if (!duty) return;
  for (const id of ['duty', 'pause', 'ready']) the(id).disabled = board.link !== 'connected';
  mark(the('duty'), 'aria-checked', duty.on);
  say(the('duty').querySelector('.words'), duty.on ? 'On duty' : 'Off duty');
  show(the('pause'), duty.on);
  mark(the('pause'), 'aria-pressed', duty.paused);
  say(the('pause'), duty.paused ? 'Come back' : 'Take a break');
  show(the('ready'), duty.on && duty.state === 'wrapping up');
  say(the('duty-state'), !duty.on ? '' : duty.paused ? 'On a break' : sentence(duty.state));
  mark(the('duty-state'), 'data-state', duty.paused ? 'paused' : duty.state);
  if (shown === board.queues) return;
  shown = board.queues;
  the('queues').replaceChildren(...board.queues.map(queue));
  tickQueue();
}

function queue({ name, callers }) {
  const count = callers.length === 0 ? 'Nobody waits' : callers.length === 1 ? '1 waits' : `${callers.length} wait`;
  const head = make('h3', {}, make('span', { text: name }), make('span', { class: 'count', text: count }));
  return make('section', { class: 'one-queue', 'aria-label': `Queue ${name}` }, head, callers.length ? make('ol', {}, ...callers.map(caller)) : null);
}

function caller({ number, waited_ms: waited, called_back: calledBack }) {
  return make(
    'li',
    {},
    make('span', { class: 'number', text: number ?? 'Withheld number' }),
    calledBack ? make('span', { class: 'tag', 'data-tone': 'warn', text: 'Call back' }) : null,
    make('span', { class: 'waits', 'data-since': board.queuesAt - waited }),
  );
}
