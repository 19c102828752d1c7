// What is known of a caller: their earlier calls and the details of leads.

import { make } from './dom.js';
import { day, outcome, sentence, time } from './words.js';

/** The details of a lead, as a list; null if there are none. */
export function leadList(lead) {
  if (!lead?.length) return null;
  return make('dl', { class: 'lead' }, ...lead.map(({ name, value }) => make('div', {}, make('dt', { text: sentence(name) }), make('dd', { text: value }))));
}

/** A word for how a call ended, in its colour. */
export function outcomeTag(word) {
  const [text, tone] = outcome(word);
  return make('span', { class: 'tag', 'data-tone': tone, text });
}

/** The earlier calls of a caller, the latest first. */
export function earlierCalls(earlier) {
  if (!earlier?.length) return null;
  const title = earlier.length === 1 ? 'One earlier call' : `${earlier.length} earlier calls`;
  return make('section', { class: 'earlier', 'aria-label': title }, make('h3', { text: title }), make('ul', {}, ...earlier.map(item)));
}

function item(call) {
  const need = call.lead.find(({ name }) => name === 'need')?.value;
  const head = [make('span', { class: 'when', text: `${day(call.at)}, ${time(call.at)}` }), outcomeTag(call.outcome), make('span', { class: 'need', text: need ?? '' })];
  if (!call.lead.length) return make('li', {}, make('p', { class: 'earlier-head' }, ...head));
  return make('li', {}, make('details', {}, make('summary', { class: 'earlier-head' }, ...head), leadList(call.lead)));
}
