// The microphone: opened while something wants it, told apart by what can go wrong, and closed again.

import { kept } from './dom.js';
import { audio, isBlocked } from './tones.js';

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const PROBLEMS = {
  insecure: 'The browser gives no microphone to pages without HTTPS. Open this page by its https:// address.',
  denied: 'The microphone is blocked for this page. Click the icon left of the address, allow the microphone, and try again.',
  dismissed: 'The microphone was not allowed. Try again and choose “Allow”.',
  none: 'No microphone was found. Plug one in and try again.',
  busy: 'The microphone is in use by another program, or the system blocks it. Close that program, or allow the browser in the system’s privacy settings.',
  muted: 'The system or a switch at the headset mutes the microphone.',
  silent: 'The microphone works, but nothing is heard from it. Is it muted, or is another one in use?',
};

/** Why there is no sound from the microphone; `kind` is one of the above, the message is for the user. */
export class MicrophoneProblem extends Error {
  constructor(kind, cause) {
    super(PROBLEMS[kind] ?? `The microphone does not open: ${kind}`, { cause });
    this.kind = kind;
  }
}

class Microphone extends EventTarget {
  #stream = null;
  #opening = null;
  #wants = new Set();
  #analyser = null;
  #samples = new Float32Array(1024);

  /** The stream, opened if need be, until whoever wants it [`leave`]s. */
  async open(wants) {
    this.#wants.add(wants);
    try {
      if (!this.#live()) await (this.#opening ??= this.#get().finally(() => (this.#opening = null)));
    } catch (problem) {
      this.#wants.delete(wants);
      throw problem;
    }
    if (!this.#wants.size) this.#close();
    return this.#stream;
  }

  /** Not wanted for this any more. */
  leave(wants) {
    this.#wants.delete(wants);
    if (!this.#wants.size) this.#close();
  }

  /** The track, while it is open. */
  get track() {
    return this.#live() ? this.#stream.getAudioTracks()[0] : null;
  }

  /** `granted`, `denied`, `prompt`, or `unknown` where the browser doesn't tell. */
  async permission() {
    try {
      return (await navigator.permissions.query({ name: 'microphone' })).state;
    } catch {
      return 'unknown';
    }
  }

  /** How loud it is, 0 to 1; null if that can't be known. */
  level() {
    if (!this.#live() || isBlocked()) return null;
    this.#analyser ??= this.#listen();
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let power = 0;
    for (const sample of this.#samples) power += sample * sample;
    const decibels = 10 * Math.log10(power / this.#samples.length + 1e-10);
    return Math.min(1, Math.max(0, (decibels + 65) / 55));
  }

  /** Takes another device from now on. */
  async choose(device) {
    kept.write('microphone', device);
    if (!this.#live()) return;
    this.#forget();
    await this.#get();
  }

  /** The microphones and loudspeakers; without names before the first permission. */
  async devices() {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    return { inputs: all.filter(({ kind }) => kind === 'audioinput'), outputs: all.filter(({ kind }) => kind === 'audiooutput') };
  }

  async #get() {
    if (!navigator.mediaDevices) throw new MicrophoneProblem('insecure');
    const device = kept.read('microphone');
    try {
      this.#take(await navigator.mediaDevices.getUserMedia({ audio: { ...SOUND, ...(device && { deviceId: { ideal: device } }) } }));
    } catch (cause) {
      throw new MicrophoneProblem(await this.#kind(cause), cause);
    }
  }

  #take(stream) {
    this.#stream = stream;
    const [track] = stream.getAudioTracks();
    track.onended = () => this.#lost(stream);
    track.onmute = track.onunmute = () => this.dispatchEvent(new Event('level'));
    this.dispatchEvent(new Event('track'));
  }

  /** Unplugged, say: whatever else there is takes its place. */
  async #lost(stream) {
    if (stream !== this.#stream) return;
    this.#forget();
    if (!this.#wants.size) return;
    try {
      await this.#get();
    } catch (problem) {
      this.dispatchEvent(new CustomEvent('problem', { detail: problem }));
    }
  }

  async #kind(cause) {
    if (cause.name === 'NotFoundError' || cause.name === 'OverconstrainedError') return 'none';
    if (cause.name === 'NotReadableError' || cause.name === 'AbortError') return 'busy';
    if (cause.name !== 'NotAllowedError' && cause.name !== 'SecurityError') return cause.message;
    if (!isSecureContext) return 'insecure';
    return (await this.permission()) === 'prompt' ? 'dismissed' : 'denied';
  }

  #listen() {
    const analyser = audio().createAnalyser();
    analyser.fftSize = 1024;
    audio().createMediaStreamSource(this.#stream).connect(analyser);
    return analyser;
  }

  #live() {
    return this.#stream?.getAudioTracks()[0]?.readyState === 'live';
  }

  #forget() {
    this.#stream?.getAudioTracks().forEach((track) => {
      track.onended = null;
      track.stop();
    });
    this.#analyser?.disconnect();
    this.#stream = this.#analyser = null;
  }

  #close() {
    if (!this.#opening) this.#forget();
  }
}

/** The one microphone of the page. */
export const microphone = new Microphone();
