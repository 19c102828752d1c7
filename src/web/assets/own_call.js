// The call that this page has: its sound, and how it comes back when the network, the page or the service was gone for a moment.

import { board, changed, newCall, note } from './board.js';
import { after } from './clock.js';
import { announce } from './dom.js';
import { SoundPath } from './sound_path.js';
import { toast } from './toasts.js';
import { duration, who } from './words.js';

const NOTE_MS = 7_000;
const CONFIRM_MS = 2_500;

export class OwnCall {
  /** Whether the service knows that we have it: `yes`; `no` after a reconnect; `bare` and `full` while we ask it to, without and with new SDP. */
  #confirmed = 'yes';

  constructor(socket, speaker) {
    this.socket = socket;
    this.sound = new SoundPath(speaker, {
      connected: () => this.#trouble(''),
      blocked: () => this.#trouble(blockedText()),
      gone: () => this.#recover(),
      lost: () => this.finish('The connection to the call was lost', 'bad'),
    });
  }

  /** Whether this is the call. */
  is(id) {
    return board.call !== null && board.call.call === id;
  }

  /** Answers a ring, or tells the service once more that it is answered. */
  async answer(ring) {
    const id = ring.call;
    if (!this.is(id)) board.call = newCall(ring);
    changed();
    try {
      const sdp = await this.sound.offer(true);
      if (this.is(id)) this.socket.send({ type: 'answer', call: id, sdp }, true);
    } catch (problem) {
      if (!this.is(id)) return;
      toast(problem.message);
      const { call } = board;
      this.#close();
      board.rings.set(id, { ...call, auto: false });
    }
  }

  /** Has the person's call here: at once after a reload, or taken over. */
  join(ring, sinceAt) {
    board.call = { ...newCall(ring, sinceAt), phase: 'talking', held: ring.held, muted: wasMuted(ring.call) };
    this.speakOrNot();
    this.#recover('');
  }

  /** The connection to the service is there again: it may tell of the call by itself before [`settle`]. */
  reconnected() {
    if (board.call) this.#confirmed = 'no';
  }

  /** The service has said what it wanted to say after a reconnect. */
  settle() {
    if (!board.call || this.#confirmed !== 'no') return;
    if (board.call.phase === 'connecting' && !this.sound.accepted) this.finish('The call was lost while the connection was gone', 'bad');
    else if (this.sound.connected) this.#confirm();
    else this.#recover();
  }

  /** The call is over, in these words. */
  finish(why, tone = 'plain') {
    const { call } = board;
    if (!call) return;
    const lasted = call.sinceAt === null ? '' : ` · ${duration(performance.now() - call.sinceAt)}`;
    this.#close();
    passed(call, why.charAt(0).toUpperCase() + why.slice(1) + lasted, tone);
  }

  /** The microphone goes on or off, as muting and holding want it. */
  speakOrNot() {
    const { call } = board;
    if (!call) return;
    this.sound.speaks(!call.muted && !(call.wantsHeld ?? call.held));
    changed();
  }

  // What the service says of it.

  async answered(sdp) {
    this.#confirmed = 'yes';
    try {
      await this.sound.accept(sdp);
    } catch (problem) {
      this.#trouble(`The browser refuses the service’s answer: ${problem.message}`);
    }
  }

  up() {
    const { call } = board;
    performance.mark('up');
    this.#confirmed = 'yes';
    if (call.phase !== 'talking') announce(`Connected with ${who(call)}`);
    call.phase = 'talking';
    call.ask = '';
    call.sinceAt ??= performance.now();
  }

  held(held) {
    const { call } = board;
    if (call.held !== held) announce(held ? 'The call is on hold' : 'The call goes on');
    call.held = held;
    call.wantsHeld = null;
    this.speakOrNot();
  }

  /** It goes on. After a reconnect it may need sound, or have been taken over meanwhile. */
  stillTalking(ring, sinceAt, elsewhere) {
    Object.assign(board.call, { sinceAt, held: ring.held, wantsHeld: null, phase: 'talking' });
    this.speakOrNot();
    if (this.#confirmed !== 'no') return;
    if (this.sound.connected) {
      this.#confirm();
    } else if (elsewhere) {
      this.#close();
      board.elsewhere = { ...ring, sinceAt };
    } else {
      this.#recover();
    }
  }

  /** What was asked for can't be had; it may be the call itself. */
  problem(text) {
    const { call } = board;
    if (this.#confirmed === 'bare') {
      this.#recover();
    } else if (this.#confirmed === 'full' || (call.phase === 'connecting' && !this.sound.accepted)) {
      this.finish(text, 'bad');
    } else {
      toast(text);
      Object.assign(call, { wantsHeld: null, passingTo: '' });
      this.speakOrNot();
    }
  }

  /** It was not connected, for want of sound. */
  noMedia(why) {
    toast(blockedText());
    this.finish(why, 'bad');
  }

  // How it comes back.

  /** Tells that we have it still, its sound being there. */
  #confirm() {
    const { call } = board;
    if (this.socket.send({ type: 'rejoin', call: call.call })) this.#confirmed = 'bare';
    after(CONFIRM_MS, () => board.call === call && this.#confirmed === 'bare' && (this.#confirmed = 'yes'));
  }

  /** Makes its sound anew. Without a connection to the service, the reconnect leads here again. */
  async #recover(trouble = 'The sound is interrupted. Reconnecting…') {
    const { call } = board;
    if (!call) return;
    this.#trouble(trouble);
    if (board.link !== 'connected') {
      this.#confirmed = 'no';
      return;
    }
    this.#confirmed = 'full';
    try {
      const sdp = await this.sound.offerAnew();
      if (board.call !== call) return;
      if (!this.socket.send({ type: 'rejoin', call: call.call, sdp }, true)) this.#confirmed = 'no';
    } catch (problem) {
      this.#trouble(`The browser can’t make a connection for sound: ${problem.message}`);
    }
  }

  #trouble(text) {
    if (!board.call || board.call.trouble === text) return;
    board.call.trouble = text;
    if (text) announce(text, true);
    changed();
  }

  #close() {
    this.sound.close();
    board.call = null;
    this.#confirmed = 'yes';
    changed();
  }
}

/** Remembers in this tab whether the call is muted, so that nobody is heard by a reload. */
export function rememberMuted(call) {
  sessionStorage.setItem('backstop.muted', call.muted ? call.call : '');
}

function wasMuted(id) {
  return sessionStorage.getItem('backstop.muted') === id;
}

/** Tells for a while how a call ended. */
export function passed(call, text, tone = 'plain') {
  announce(`${who(call)}: ${text}`);
  after(NOTE_MS, note(who(call), text, tone));
}

function blockedText() {
  const place = board.hello?.media || 'the service';
  return `No sound gets through to ${place}. A firewall between this browser and Backstop blocks it: let UDP to that address through, or ask whoever runs the network to.`;
}
