// Messages at the edge of the page. They stay until they were seen: their time runs only while the page is in sight.

import { icon, make, the } from './dom.js';

const SHOWN_MS = 12_000;
const STEP_MS = 500;
const MOST = 4;

/** Tells the user something that went wrong. The same text stands there once. */
export function toast(text) {
  const place = the('toasts');
  if ([...place.children].some((other) => other.dataset.text === text)) return;
  const shown = make('div', { class: 'toast', role: 'alert', 'data-testid': 'toast', 'data-text': text });
  const close = make('button', { type: 'button', class: 'round', 'aria-label': 'Close this message', click: () => shown.remove() }, icon('close'));
  shown.append(icon('alert'), make('p', { text }), close);
  place.append(shown);
  while (place.children.length > MOST) place.firstElementChild.remove();
  let left = SHOWN_MS;
  const clock = setInterval(() => {
    if (!document.hidden && !shown.matches(':hover, :focus-within')) left -= STEP_MS;
    if (left <= 0) shown.remove();
    if (!shown.isConnected) clearInterval(clock);
  }, STEP_MS);
}
