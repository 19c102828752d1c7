// The dialog in which a call is passed on: people and whether they can be had, groups, queues, the receptionist, or an extension.

import { board, draws } from './board.js';
import { make, the } from './dom.js';
import { presence, sentence } from './words.js';

const KINDS = { group: 'Group', queue: 'Queue', receptionist: 'Receptionist' };

/** Wires the dialog; gives what opens it. */
export function startTransfer(calls) {
  const dialog = the('transfer-dialog');
  const search = the('transfer-search');
  const pass = (to) => {
    dialog.close();
    calls.transfer(to);
  };
  const draw = () => dialog.open && drawChoices(search.value.trim(), pass);
  search.addEventListener('input', draw);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') the('transfer-choices').querySelector('button:not(:disabled)')?.click();
    if (event.key === 'ArrowDown') the('transfer-choices').querySelector('button:not(:disabled)')?.focus();
  });
  the('transfer-choices').addEventListener('keydown', walk);
  draws(() => (board.call ? draw() : dialog.open && dialog.close()));
  return () => {
    if (board.call?.phase !== 'talking' || dialog.open) return;
    search.value = '';
    dialog.showModal();
    search.focus();
    draw();
  };
}

let drawn = '';

/** Draws them anew only when they have changed: a button that is exchanged while it is pressed is not clicked. */
function drawChoices(wanted, pass) {
  const now = JSON.stringify([wanted, board.people, board.hello?.destinations]);
  if (now === drawn) return;
  drawn = now;
  const fits = ({ name, extension }) => [name, extension ?? ''].some((text) => text.toLowerCase().includes(wanted.toLowerCase()));
  const choices = [
    ...board.people.filter(fits).map((person) => choice(person, person.state, presence(person.state), pass)),
    ...(board.hello?.destinations ?? []).filter(fits).map((place) => choice(place, place.kind, KINDS[place.kind] ?? sentence(place.kind), pass)),
  ];
  if (/^\d+$/.test(wanted) && !choices.length) choices.push(choice({ name: wanted, extension: null }, 'extension', 'Extension', pass));
  const place = the('transfer-choices');
  const focused = document.activeElement?.dataset.testid;
  place.replaceChildren(...(choices.length ? choices : [make('p', { class: 'empty', text: 'Nobody of this name' })]));
  if (focused) place.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
}

function choice({ name, extension }, state, words, pass) {
  return make(
    'button',
    { type: 'button', class: 'choice-row', 'data-testid': `transfer-to-${name}`, 'data-presence': state, disabled: state === 'away', click: () => pass(name) },
    make('span', { class: 'dot', 'aria-hidden': 'true' }),
    make('span', { class: 'choice-name', text: name }),
    make('span', { class: 'choice-state', text: words }),
    make('span', { class: 'choice-extension', text: extension ?? '' }),
  );
}

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const buttons = [...the('transfer-choices').querySelectorAll('button:not(:disabled)')];
  const next = buttons[buttons.indexOf(document.activeElement) + step];
  (next ?? (step < 0 ? the('transfer-search') : null))?.focus();
  event.preventDefault();
}
