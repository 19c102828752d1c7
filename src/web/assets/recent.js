// The calls there have been, read from the service whenever it says that they have changed.

import { board, draws } from './board.js';
import { icon, kept, make, mark, show, the } from './dom.js';
import { leadList, outcomeTag } from './earlier.js';
import { day, duration, isMissed, sentence, time, whichNumber, who } from './words.js';

let calls = null;
let asked = 0;
let failed = false;
let drawn = '';

/** Wires the list; gives what reads it anew. */
export function startRecent(line) {
  for (const of of ['me', 'everyone']) the(`whose-${of}`).addEventListener('click', () => choose(of));
  show(the('whose'), document.body.dataset.role === 'owner');
  choose(whose());
  draws(() => draw(line));
  return read;

  function choose(of) {
    kept.write('whose', of);
    for (const other of ['me', 'everyone']) mark(the(`whose-${other}`), 'aria-pressed', other === whose());
    read();
  }

  async function read() {
    const turn = ++asked;
    try {
      const response = await fetch(`/recent.json?of=${whose()}`, { headers: { accept: 'application/json' }, cache: 'no-store' });
      if (response.status === 401 || response.redirected) return location.assign('/sign-in');
      if (!response.ok) throw new Error(response.statusText);
      const answer = await response.json();
      if (turn !== asked) return;
      calls = answer.calls;
      failed = false;
    } catch {
      if (turn !== asked) return;
      failed = true;
    }
    draw(line);
  }
}

function whose() {
  return document.body.dataset.role === 'owner' && kept.read('whose', 'everyone') === 'everyone' ? 'everyone' : 'me';
}

function draw(line) {
  const usable = Boolean(board.hello?.calls_back) && board.link === 'connected' && !board.call;
  const now = JSON.stringify([calls, failed, board.hello?.calls_back, new Date().getDate()]);
  if (now !== drawn) {
    drawn = now;
    rebuild(line);
  }
  for (const button of the('recent-list').querySelectorAll('.call-back')) button.disabled = !usable;
}

function rebuild(line) {
  const place = the('recent-list');
  const open = new Set([...place.querySelectorAll('details[open]')].map((details) => details.dataset.call));
  const focused = document.activeElement?.dataset.testid;
  const parts = [];
  if (failed) parts.push(make('p', { class: 'empty', text: calls ? 'The list could not be read anew.' : 'The list could not be read.' }));
  if (calls && !calls.length) parts.push(make('p', { class: 'empty', text: 'No calls yet. They are listed here as they come.' }));
  for (const [name, ofDay] of days(calls ?? [])) parts.push(make('h3', { text: name }), make('ul', {}, ...ofDay.map((call) => row(call, open, line))));
  place.replaceChildren(...parts);
  if (focused) place.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
}

function days(all) {
  const found = new Map();
  for (const call of all) {
    const name = day(call.at);
    found.set(name, [...(found.get(name) ?? []), call]);
  }
  return found;
}

function row(call, open, line) {
  const missed = isMissed(call);
  const picture = make('span', { class: 'way', 'data-way': call.outgoing ? 'out' : missed ? 'missed' : 'in' }, icon(call.outgoing ? 'out' : missed ? 'missed' : 'in'));
  const names = make('div', { class: 'names' }, make('p', { class: 'name' }, make('span', { class: 'unseen', text: call.outgoing ? 'Outgoing: ' : 'Incoming: ' }), who(call)), make('p', { class: 'sub' }, ...sub(call)));
  const end = make('div', { class: 'ending' }, make('time', { datetime: call.at, text: time(call.at) }), outcomeTag(call.outcome), callBack(call, missed, line));
  const need = call.need ? make('p', { class: 'need', text: call.need }) : null;
  return make('li', { 'data-missed': missed }, picture, make('div', { class: 'body' }, names, need, more(call, open)), end);
}

function sub(call) {
  const parts = [whichNumber(call), call.took_by && `by ${call.took_by}`, call.duration_ms > 0 && duration(call.duration_ms)];
  return parts.filter(Boolean).map((text) => make('span', { text }));
}

function more(call, open) {
  const text = call.text ? make('p', { class: 'text-back', text: `Text message: ${sentence(call.text.state).toLowerCase()}, ${time(call.text.at)}` }) : null;
  const lead = leadList(call.lead);
  if (!lead && !text) return null;
  return make('details', { class: 'more', 'data-call': call.id, open: open.has(call.id) }, make('summary', { text: lead ? 'Details of the lead' : 'Text message' }), lead, text);
}

function callBack(call, missed, line) {
  if (!board.hello?.calls_back || !call.number || !(missed || call.lead?.length)) return null;
  return make(
    'button',
    { type: 'button', class: 'quiet call-back', 'data-testid': `call-back-${call.id}`, 'aria-label': `Call back ${who(call)}`, click: () => line.ask({ type: 'call_back', id: call.id }) },
    icon('phone'),
    make('span', { text: 'Call back' }),
  );
}
