// The sound of the call in this page: the leg that has it, the one kept ready while a call rings, and the microphone for both.

import { board, changed } from './board.js';
import { after } from './clock.js';
import { Leg } from './leg.js';
import { microphone } from './microphone.js';
import { Quality } from './quality.js';
import { toast } from './toasts.js';

const QUALITY_MS = 2_000;
/** A leg that isn't connected after so long is tried anew, until a call is given up. */
const RETRY_MS = 5_000;
const GIVE_UP_MS = 45_000;
const LOOK_MS = 10;

export class SoundPath {
  #leg = null;
  #spare = null;
  #speaking = true;
  #quality = null;
  #brokenAt = 0;

  /** `speaker` is the audio element; `hears` has `connected`, `blocked`, `gone` and `lost`. */
  constructor(speaker, hears) {
    this.speaker = speaker;
    this.hears = hears;
    this.accepted = false;
    microphone.addEventListener('track', () => this.#newTrack());
    microphone.addEventListener('problem', ({ detail }) => toast(detail.message));
    this.#measure();
  }

  /** Whether sound goes through. */
  get connected() {
    return this.#leg?.connected ?? false;
  }

  /** Makes an offer while a call rings; opens the microphone too, if that asks nobody. */
  async prepare() {
    if (this.#spare || !board.hello) return;
    const spare = this.#makeLeg();
    this.#spare = spare;
    if ((await microphone.permission()) !== 'granted' || this.#spare !== spare) return;
    await microphone.open('ring').catch(() => {});
    if (this.#spare !== spare) microphone.leave('ring');
  }

  /** Nothing rings any more. */
  unprepare() {
    this.#spare?.close();
    this.#spare = null;
    microphone.leave('ring');
  }

  /** The offer for a call. With `mustSpeak`, no microphone means no call. */
  async offer(mustSpeak) {
    if (this.#leg && !this.accepted) return this.#leg.offer();
    this.#drop();
    const leg = this.#spare ?? this.#makeLeg();
    this.#spare = null;
    this.#leg = leg;
    this.accepted = false;
    this.#quality = new Quality();
    try {
      const stream = await microphone.open('call');
      await leg.speak(stream.getAudioTracks()[0] ?? null);
    } catch (problem) {
      if (mustSpeak) throw problem;
      toast(`${problem.message} The caller can’t hear you.`);
    }
    microphone.leave('ring');
    this.#applySpeaking();
    const sdp = await leg.offer();
    if (leg === this.#leg) this.#listen(leg);
    return sdp;
  }

  /** A new offer for a call that goes on, and another one a while later if that doesn't help. */
  async offerAnew() {
    this.#brokenAt ||= performance.now();
    this.#drop();
    const sdp = await this.offer(false);
    const leg = this.#leg;
    after(RETRY_MS, () => this.#retry(leg));
    return sdp;
  }

  /** The service's answer to the latest offer. */
  async accept(sdp) {
    if (!this.#leg || this.accepted) return;
    this.accepted = true;
    await this.#leg.accept(sdp);
  }

  /** Whether the caller hears the microphone. */
  speaks(speaking) {
    this.#speaking = speaking;
    this.#applySpeaking();
  }

  /** The call is over. */
  close() {
    this.#drop();
    this.#brokenAt = 0;
    this.#speaking = true;
    this.#applySpeaking();
    microphone.leave('call');
    this.speaker.srcObject = null;
  }

  #makeLeg() {
    const leg = new Leg(board.hello?.ice_servers ?? [], {
      connected: () => {
        if (leg !== this.#leg) return;
        this.#brokenAt = 0;
        this.hears.connected();
      },
      blocked: () => leg === this.#leg && !this.#brokenAt && this.hears.blocked(),
      gone: () => leg === this.#leg && this.hears.gone(),
    });
    return leg;
  }

  #retry(leg) {
    if (leg !== this.#leg || leg.connected || !this.#brokenAt) return;
    if (performance.now() - this.#brokenAt > GIVE_UP_MS) this.hears.lost();
    else this.hears.gone();
  }

  #drop() {
    this.#leg?.close();
    this.#leg = null;
    this.accepted = false;
  }

  async #listen(leg) {
    this.speaker.srcObject = leg.stream;
    this.speaker.play().catch(() => {});
    while (leg === this.#leg && !leg.sounds) await new Promise((done) => setTimeout(done, LOOK_MS));
    if (leg === this.#leg) performance.mark('remote-audio');
  }

  #newTrack() {
    this.#applySpeaking();
    this.#leg?.speak(microphone.track);
  }

  #applySpeaking() {
    if (microphone.track) microphone.track.enabled = this.#speaking;
  }

  async #measure() {
    after(QUALITY_MS, () => this.#measure());
    const leg = this.#leg;
    const { call } = board;
    if (!leg?.connection || !call) return;
    const quality = leg.connected ? await this.#quality.ask(leg.connection) : { level: 0, text: '', details: '' };
    if (board.call !== call || leg !== this.#leg) return;
    call.quality = quality;
    changed();
  }
}
