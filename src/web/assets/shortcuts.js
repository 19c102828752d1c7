// The keys of the keyboard, and the dialog that lists them.

import { board } from './board.js';
import { keypadIsOpen, press, toggleKeypad } from './call_view.js';
import { kept, the } from './dom.js';
import { firstRing } from './rings_view.js';

/** Listens for keys. They can be switched off, for those who speak to their computer. */
export function startShortcuts(calls, openTransfer) {
  const acts = {
    a: () => calls.answer(firstRing()),
    d: () => calls.decline(firstRing()),
    m: () => calls.mute(),
    h: () => calls.hold(),
    k: toggleKeypad,
    t: openTransfer,
    e: () => calls.end(),
    '?': openHelp,
  };
  the('open-help').addEventListener('click', openHelp);
  the('shortcuts-on').checked = isOn();
  the('shortcuts-on').addEventListener('change', ({ target }) => kept.write('shortcuts', target.checked ? 'on' : 'off'));
  for (const close of document.querySelectorAll('[data-close]')) close.addEventListener('click', () => close.closest('dialog').close());
  for (const dialog of document.querySelectorAll('dialog')) dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  addEventListener('keydown', (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const act = callKey(calls, event.key) ?? (isOn() ? acts[event.key.toLowerCase()] : null);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** Keys that belong to the call: the keypad's, and the answers to the receptionist. */
function callKey(calls, key) {
  if (!board.call || !/^[0-9*#]$/.test(key)) return null;
  if (board.call.ask && (key === '1' || key === '2')) return () => calls.reply(key);
  return keypadIsOpen() ? () => press(calls, key) : null;
}

function openHelp() {
  if (!the('help-dialog').open) the('help-dialog').showModal();
}

function isOn() {
  return kept.read('shortcuts', 'on') === 'on';
}

function isTyping(target) {
  return target.matches?.('input:not([type=checkbox]), textarea, select') ?? false;
}
