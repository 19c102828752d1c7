// Small helpers for the page's elements. What the service told goes in as text, never as markup.

/** The element of this id. */
export function the(id) {
  return document.getElementById(id);
}

/** A new element: `make('p', { class: 'note', text: '...' }, child, ...)`. Functions become listeners, booleans are present or not. */
export function make(tag, members = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(members)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'text') element.textContent = value;
    else if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** One of the pictures in the page's sprite. */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Sets the text only when it differs, so that nothing is announced or laid out again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows or hides. */
export function show(element, shown) {
  if (element.hidden === Boolean(shown)) element.hidden = !shown;
}

/** Sets an attribute only when it differs. */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Has a screen reader say something; at once if it is urgent. */
export function announce(text, urgent = false) {
  const element = the(urgent ? 'announce-now' : 'announce');
  element.textContent = '';
  setTimeout(() => (element.textContent = text), 50);
}

/** Something kept in this browser, for preferences only. */
export const kept = {
  read(name, otherwise = '') {
    try {
      return localStorage.getItem(`backstop.${name}`) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(`backstop.${name}`, value);
    } catch {
      // A browser that keeps nothing: the choice lasts as long as the page.
    }
  },
};
