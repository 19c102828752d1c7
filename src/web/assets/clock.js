// Timers that keep time in a page that is out of sight: browsers slow `setTimeout` there down to once a minute, but not a worker's.

const due = new Map();
let last = 0;
let worker = null;

try {
  worker = new Worker('/assets/clock_worker.js');
  worker.onmessage = ({ data: id }) => ring(id);
  worker.onerror = () => fallBack();
} catch {
  worker = null;
}

/** Calls `act` after `ms` milliseconds, unless the function that it gives is called before. */
export function after(ms, act) {
  const id = ++last;
  due.set(id, { act, at: performance.now() + ms });
  if (worker) worker.postMessage({ id, ms });
  else setTimeout(ring, ms, id);
  return () => due.delete(id);
}

/** Waits. */
export function rest(ms) {
  return new Promise((done) => after(ms, done));
}

function ring(id) {
  const timer = due.get(id);
  due.delete(id);
  timer?.act();
}

/** The worker could not be loaded: what it was to time is timed here. */
function fallBack() {
  worker = null;
  for (const [id, { at }] of due) setTimeout(ring, Math.max(0, at - performance.now()), id);
}
