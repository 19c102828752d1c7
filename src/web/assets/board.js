// What the page knows: one plain object, changed by the service's messages and by the call in this page. Views draw it anew after each change.

const drawers = [];
let waiting = false;

/** All of it. Times with `At` are of `performance.now()`. */
export const board = {
  /** `connecting`, `connected`, `reconnecting` or `offline`. */
  link: 'connecting',
  hello: null,
  /** What the user has just chosen, until the service confirms it. */
  wantsAvailable: null,
  people: [],
  duty: null,
  queues: [],
  queuesAt: 0,
  /** Calls that ring: `call` -> the ring, with `endsAt`, `earlier`, and `stale` while it is unknown after a reconnect whether it still rings. */
  rings: new Map(),
  /** The call in this page, or null; see `newCall`. */
  call: null,
  /** The person's call in another page: the ring, `sinceAt`, `held`. */
  elsewhere: null,
  /** Calls that are over, for a few seconds: `{ id, title, text, tone }`. */
  notes: [],
  audible: true,
};

/** A call that this page takes. */
export function newCall(ring, sinceAt = null) {
  return {
    ...ring,
    /** `connecting` until the service says `up`, then `talking`. */
    phase: 'connecting',
    sinceAt,
    held: false,
    wantsHeld: null,
    muted: false,
    ask: '',
    passingTo: '',
    /** What is wrong with its sound, in words. */
    trouble: '',
    quality: { level: 0, text: '', details: '' },
    earlier: ring.earlier ?? [],
  };
}

/** `offline`, `idle`, `ringing`, `connecting`, `talking` or `held`. */
export function state() {
  const { call, hello, link, rings } = board;
  if (call) return call.phase === 'connecting' ? 'connecting' : call.held ? 'held' : 'talking';
  if (!hello || link !== 'connected') return 'offline';
  return rings.size ? 'ringing' : 'idle';
}

/** Has this drawn after every change. */
export function draws(drawer) {
  drawers.push(drawer);
}

/** Something in the board has changed. */
export function changed() {
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => {
    waiting = false;
    for (const draw of drawers) draw(board);
  });
}

/** The call on the line has ended, or one that rang; told for a while. */
export function note(title, text, tone = 'plain') {
  const id = Symbol(title);
  board.notes.push({ id, title, text, tone });
  changed();
  return () => {
    board.notes = board.notes.filter((other) => other.id !== id);
    changed();
  };
}
