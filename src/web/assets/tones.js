// What the page itself sounds: the ring, a chime for a second call, and the tones of the keypad.

const RATE = 24_000;
const KEYS = ['123A', '456B', '789C', '*0#D'];
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477, 1633];

let context = null;
let ringing = null;
let ringBuffer = null;
const watchers = [];

/** The one audio context of the page. */
export function audio() {
  if (!context) {
    context = new AudioContext({ latencyHint: 'interactive' });
    context.onstatechange = () => watchers.forEach((watcher) => watcher(!isBlocked()));
  }
  return context;
}

/** Whether the browser keeps the page silent until the user has touched it. */
export function isBlocked() {
  return audio().state !== 'running';
}

/** Lets the page sound from the first gesture on; `watcher(audible)` hears when that changes. */
export function unlockByGesture(watcher) {
  watchers.push(watcher);
  const unlock = () => isBlocked() && audio().resume().catch(() => {});
  for (const gesture of ['pointerdown', 'keydown', 'touchend']) addEventListener(gesture, unlock, { capture: true, passive: true });
  document.addEventListener('visibilitychange', unlock);
  unlock();
  watcher(!isBlocked());
}

/** Rings until [`stopRing`]: one looped buffer, since timers of a page out of sight are late. */
export function startRing() {
  if (ringing) return;
  ringing = play(ring(), 0.5);
  ringing.source.loop = true;
}

/** Rings no more. */
export function stopRing() {
  if (!ringing) return;
  const { source, volume } = ringing;
  ringing = null;
  volume.gain.setTargetAtTime(0, audio().currentTime, 0.03);
  source.stop(audio().currentTime + 0.2);
}

/** Two soft notes: another call while one is on. */
export function chime() {
  const { source } = play(ring(), 0.15);
  source.stop(audio().currentTime + 0.75);
}

/** One ring, to hear what it is like. */
export function sampleRing() {
  const { source } = play(ring(), 0.5);
  source.stop(audio().currentTime + 2);
}

/** The tone of a key, for the one who presses it. */
export function keyTone(key) {
  const row = KEYS.findIndex((keys) => keys.includes(key));
  if (row < 0 || isBlocked()) return;
  const now = audio().currentTime;
  const volume = audio().createGain();
  volume.gain.setValueAtTime(0.08, now);
  volume.gain.setTargetAtTime(0, now + 0.13, 0.01);
  volume.connect(audio().destination);
  for (const frequency of [ROWS[row], COLUMNS[KEYS[row].indexOf(key)]]) {
    const tone = audio().createOscillator();
    tone.frequency.value = frequency;
    tone.connect(volume);
    tone.start(now);
    tone.stop(now + 0.2);
  }
}

/** Has all of this come from another loudspeaker, where the browser can. */
export async function soundThrough(device) {
  if ('setSinkId' in AudioContext.prototype) await audio().setSinkId(device).catch(() => {});
}

function play(buffer, loudness) {
  const source = audio().createBufferSource();
  const volume = audio().createGain();
  source.buffer = buffer;
  volume.gain.value = loudness;
  source.connect(volume).connect(audio().destination);
  source.start();
  return { source, volume };
}

/** Two notes, struck twice, and a pause; 4 s in all. */
function ring() {
  if (ringBuffer) return ringBuffer;
  ringBuffer = audio().createBuffer(1, RATE * 4, RATE);
  const samples = ringBuffer.getChannelData(0);
  const notes = [[0, 659.26], [0.32, 830.61], [0.9, 659.26], [1.22, 830.61]];
  for (const [start, frequency] of notes) strike(samples, start * RATE, frequency);
  return ringBuffer;
}

/** A note like that of a marimba: a soft attack, overtones that die first. */
function strike(samples, start, frequency) {
  for (let i = 0; i < RATE * 1.4 && start + i < samples.length; i += 1) {
    const t = i / RATE;
    const phase = 2 * Math.PI * frequency * t;
    const attack = Math.min(1, t / 0.004);
    const tone = Math.sin(phase) * Math.exp(-3.2 * t) + 0.35 * Math.sin(2 * phase) * Math.exp(-6 * t) + 0.16 * Math.sin(4 * phase) * Math.exp(-14 * t);
    samples[Math.floor(start) + i] += 0.42 * attack * tone;
  }
}
