// What the user does with calls, and what the service says of those that ring, go on here, or go on elsewhere.

import { board, changed } from './board.js';
import { after } from './clock.js';
import { announce } from './dom.js';
import { microphone } from './microphone.js';
import { OwnCall, passed, rememberMuted } from './own_call.js';
import { toast } from './toasts.js';
import { keyTone } from './tones.js';
import { ringOver } from './words.js';

/** After a reconnect the service says within this time what rings and goes on. */
const SETTLE_MS = 1_200;
/** The service rings this page within this time, when the user has asked for it. */
const ASKED_MS = 10_000;

export class Calls {
  #asked = false;

  constructor(socket, speaker) {
    this.socket = socket;
    this.own = new OwnCall(socket, speaker);
  }

  // What the user does.

  /** Takes a call that rings. */
  answer(id) {
    const ring = board.rings.get(id);
    if (!ring || board.link !== 'connected') return;
    for (const mark of ['answer-click', 'remote-audio', 'up']) performance.clearMarks(mark);
    performance.mark('answer-click');
    if (board.call) this.end();
    board.rings.delete(id);
    this.own.answer(ring);
  }

  /** Wants nothing of a call that rings. */
  decline(id) {
    if (!board.rings.has(id) || !this.#tell({ type: 'decline', call: id })) return;
    board.rings.delete(id);
    changed();
  }

  /** Is silent, or speaks again. */
  mute() {
    const { call } = board;
    if (!call) return;
    call.muted = !call.muted;
    rememberMuted(call);
    this.own.speakOrNot();
    announce(call.muted ? 'Muted' : 'Not muted');
  }

  /** Holds, or goes on. */
  hold() {
    const { call } = board;
    if (call?.phase !== 'talking') return;
    const held = !(call.wantsHeld ?? call.held);
    if (!this.#tell({ type: 'hold', call: call.call, held }, true)) return;
    call.wantsHeld = held;
    this.own.speakOrNot();
  }

  /** Presses a key. */
  key(key) {
    if (board.call && this.#tell({ type: 'key', call: board.call.call, key })) keyTone(key);
  }

  /** Answers the receptionist's question. */
  reply(key) {
    if (!board.call?.ask) return;
    this.key(key);
    board.call.ask = '';
    changed();
  }

  /** Passes the call on. */
  transfer(to) {
    const { call } = board;
    if (!call || !this.#tell({ type: 'transfer', call: call.call, to })) return;
    call.passingTo = to;
    announce(`Passing the call on to ${to}`);
    changed();
  }

  /** Ends the call. */
  end() {
    if (!board.call) return;
    this.socket.send({ type: 'end', call: board.call.call });
    this.own.finish('You ended the call');
  }

  /** Takes the call over that goes on elsewhere. */
  takeOver() {
    if (!board.elsewhere || board.link !== 'connected') return;
    const { sinceAt, ...ring } = board.elsewhere;
    board.elsewhere = null;
    this.own.join(ring, sinceAt);
  }

  /** Asks for a call that the service then rings here: a test, or a call back. */
  async ask(message) {
    if (board.call || this.#asked) return;
    this.#asked = true;
    after(ASKED_MS, () => this.#askedNoMore());
    try {
      await microphone.open('ring');
      if (this.#tell(message)) this.own.sound.prepare();
    } catch (problem) {
      toast(problem.message);
      this.#askedNoMore();
    }
  }

  // What the service says.

  /** Takes a message in, if it is about a call. */
  hears(message) {
    const { type, call } = message;
    if (type === 'ring') this.#rings(message);
    else if (type === 'known') this.#known(message);
    else if (type === 'ring_over') this.#ringOver(message);
    else if (type === 'talking') this.#talking(message);
    else if (type === 'over') this.#over(message);
    else if (type === 'problem') this.#problem(message);
    else if (!this.own.is(call)) return;
    else if (type === 'answered') this.own.answered(message.sdp);
    else if (type === 'up') this.own.up();
    else if (type === 'ask') board.call.ask = message.text;
    else if (type === 'held') this.own.held(message.held);
    changed();
  }

  /** The connection to the service is there again, or for the first time. */
  reconnected() {
    for (const ring of board.rings.values()) ring.stale = true;
    board.elsewhere = null;
    this.own.reconnected();
    after(SETTLE_MS, () => {
      for (const [id, ring] of board.rings) if (ring.stale) board.rings.delete(id);
      this.own.settle();
      changed();
    });
  }

  /** Draws nothing, but has the sound ready while a call rings. */
  draw() {
    const rings = [...board.rings.values()].some((ring) => !ring.stale);
    if (rings && !board.call) this.own.sound.prepare();
    else if (!rings && !this.#asked) this.own.sound.unprepare();
  }

  #rings({ type, ...ring }) {
    ring.endsAt = performance.now() + ring.left_ms;
    if (this.own.is(ring.call)) {
      if (board.call.phase === 'connecting') this.own.answer(ring);
      return;
    }
    board.rings.set(ring.call, { ...board.rings.get(ring.call), ...ring, stale: false });
    if (!ring.auto) return;
    this.#asked = false;
    this.answer(ring.call);
  }

  #known({ call: id, earlier }) {
    for (const call of [board.call, board.rings.get(id), board.elsewhere]) if (call?.call === id) call.earlier = earlier;
  }

  #ringOver({ call: id, why, by }) {
    const ring = board.rings.get(id);
    board.rings.delete(id);
    const text = ringOver(why, by);
    if (this.own.is(id) && why === 'no_media') this.own.noMedia(text);
    else if (this.own.is(id)) this.own.finish(text);
    else if (ring) passed(ring, text);
  }

  #talking({ type, since_ms: sinceMs, elsewhere, ...ring }) {
    const sinceAt = performance.now() - sinceMs;
    board.rings.delete(ring.call);
    if (this.own.is(ring.call)) this.own.stillTalking(ring, sinceAt, elsewhere);
    else if (elsewhere) board.elsewhere = { ...ring, sinceAt };
    else if (!board.call) this.own.join(ring, sinceAt);
  }

  #over({ call: id, why }) {
    board.rings.delete(id);
    if (board.elsewhere?.call === id) board.elsewhere = null;
    if (this.own.is(id)) this.own.finish(why);
  }

  #problem({ call: id, text }) {
    if (id && this.own.is(id)) return this.own.problem(text);
    this.#askedNoMore();
    toast(text);
  }

  #askedNoMore() {
    this.#asked = false;
    changed();
  }

  #tell(message, wantsReply = false) {
    const sent = this.socket.send(message, wantsReply);
    if (!sent) toast('There is no connection to the service just now. Try again in a moment.');
    return sent;
  }
}
