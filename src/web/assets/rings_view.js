// The calls that ring: who it is, what is known of them, how long it rings still, and the two big buttons.

import { board, draws } from './board.js';
import { announce, icon, make, mark, say, show, the } from './dom.js';
import { earlierCalls } from './earlier.js';
import { whichNumber, who } from './words.js';

const cards = new Map();
let names = 0;

/** Draws the rings after each change; `calls` takes the answers. */
export function startRings(calls) {
  draws(() => draw(calls));
}

/** Once a second: how long each rings still. */
export function tickRings() {
  for (const [id, card] of cards) {
    const ring = board.rings.get(id);
    if (ring) say(card.left, secondsLeft(ring));
  }
}

/** The first call that rings: the one that the shortcuts mean. */
export function firstRing() {
  return board.rings.keys().next().value;
}

function draw(calls) {
  const rings = [...board.rings.values()].filter((ring) => !ring.auto);
  for (const [id, card] of cards) if (!rings.some((ring) => ring.call === id)) remove(id, card);
  for (const [i, ring] of rings.entries()) {
    const card = cards.get(ring.call) ?? add(ring, calls);
    if (card.endsAt !== ring.endsAt) renew(card, ring);
    mark(card.element, 'data-first', i === 0);
    for (const button of [card.answer, card.decline]) button.disabled = board.link !== 'connected';
    say(card.answerText, board.call ? 'End and answer' : 'Answer');
    if (card.earlier !== ring.earlier) {
      card.earlier = ring.earlier;
      card.known.replaceChildren(...[earlierCalls(ring.earlier)].filter(Boolean));
    }
  }
  show(the('rings'), rings.length);
  mark(the('rings'), 'data-several', rings.length > 1);
}

function add(ring, calls) {
  const answerText = make('span', { text: 'Answer' });
  const answer = make('button', { type: 'button', class: 'answer', title: 'Answer (A)', 'data-testid': 'answer', click: () => calls.answer(ring.call) }, icon('phone'), answerText);
  const decline = make('button', { type: 'button', class: 'decline', title: 'Decline (D)', 'data-testid': 'decline', click: () => calls.decline(ring.call) }, icon('end'), make('span', { text: 'Decline' }));
  const left = make('span', { class: 'left', text: secondsLeft(ring) });
  const bar = make('span', { class: 'bar' });
  const told = make('p', { class: 'about' });
  const known = make('div', { class: 'known' });
  const name = make('h2', { id: `ring-${++names}` }, who(ring));
  if (ring.vip) name.append(' ', make('span', { class: 'vip', text: 'VIP' }));
  const element = make(
    'article',
    { class: 'card ring', 'data-testid': 'ring', 'aria-labelledby': name.id },
    make('div', { class: 'ring-top' }, make('span', { class: 'bell', 'aria-hidden': 'true' }, icon('phone')), make('p', { class: 'kind', text: 'Incoming call' }), left),
    make('div', { class: 'progress', 'aria-hidden': 'true' }, bar),
    make('div', { class: 'ring-names' }, name, make('p', { class: 'number', text: whichNumber(ring) })),
    told,
    known,
    make('div', { class: 'pair' }, decline, answer),
  );
  const card = { element, answer, answerText, decline, left, bar, told, known, earlier: undefined, endsAt: null };
  cards.set(ring.call, card);
  the('rings').append(element);
  if (the('help-dialog').open) the('help-dialog').close();
  announce(`Call from ${who(ring)}${ring.vip ? ', VIP' : ''}. ${whichNumber(ring)}. Press A to answer, D to decline.`, true);
  return card;
}

/** It rings by another step now, or the service told of it again. */
function renew(card, ring) {
  card.endsAt = ring.endsAt;
  card.told.replaceChildren(...about(ring));
  say(card.left, secondsLeft(ring));
  for (const animation of card.bar.getAnimations()) animation.cancel();
  const leftMs = ring.endsAt - performance.now();
  if (leftMs > 0) card.bar.animate([{ transform: 'scaleX(1)' }, { transform: 'scaleX(0)' }], { duration: leftMs, fill: 'forwards' });
}

function remove(id, card) {
  card.element.remove();
  cards.delete(id);
}

function about(ring) {
  const parts = [ring.called && ['to', ring.called], ring.plan && ['plan', ring.plan], ring.step && ['', ring.step]].filter(Boolean);
  return parts.map(([label, text]) => make('span', {}, label ? make('span', { class: 'label', text: `${label} ` }) : null, text));
}

function secondsLeft(ring) {
  if (!(ring.left_ms > 0)) return '';
  return `${Math.max(0, Math.ceil((ring.endsAt - performance.now()) / 1000))} s`;
}
