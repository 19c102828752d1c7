// The calls of this page: what the user does with them, and what the service says of them.

import { board, changed, newCall, note } from './board.js';
import { after } from './clock.js';
import { announce } from './dom.js';
import { microphone } from './microphone.js';
import { SoundPath } from './sound_path.js';
import { toast } from './toasts.js';
import { keyTone } from './tones.js';
import { duration, ringOver, who } from './words.js';

const NOTE_MS = 7_000;
/** After a reconnect the service says within this time what rings and goes on. */
const SETTLE_MS = 1_200;
/** The service rings this page within this time, when the user has asked for it. */
const ASKED_MS = 10_000;

export class Calls {
  #asked = false;
  /** After a reconnect: whether the service still knows of our call. `no`, `bare` (asked without SDP), `full`, or `yes`. */
  #confirmed = 'yes';

  constructor(socket, speaker) {
    this.socket = socket;
    this.sound = new SoundPath(speaker, {
      connected: () => this.#trouble(''),
      blocked: () => this.#blocked(),
      gone: () => this.#recover(),
      lost: () => this.#finish('The connection to the call was lost', 'bad'),
    });
  }

  // What the user does.

  /** Takes a call that rings. */
  async answer(id) {
    const ring = board.rings.get(id);
    if (!ring || board.link !== 'connected') return;
    for (const mark of ['answer-click', 'remote-audio', 'up']) performance.clearMarks(mark);
    performance.mark('answer-click');
    if (board.call) this.end();
    board.rings.delete(id);
    board.call = newCall(ring);
    changed();
    await this.#answer(ring);
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
    this.#speakOrNot();
    announce(call.muted ? 'Muted' : 'Not muted');
  }

  /** Holds, or goes on. */
  hold() {
    const { call } = board;
    if (call?.phase !== 'talking') return;
    const held = !(call.wantsHeld ?? call.held);
    if (!this.#tell({ type: 'hold', call: call.call, held }, true)) return;
    call.wantsHeld = held;
    this.#speakOrNot();
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
    if (!call || !this.#tell({ type: 'transfer', call: call.call, to }, true)) return;
    call.passingTo = to;
    announce(`Passing the call on to ${to}`);
    changed();
  }

  /** Ends the call. */
  end() {
    const { call } = board;
    if (!call) return;
    this.socket.send({ type: 'end', call: call.call });
    this.#finish('You ended the call');
  }

  /** Takes the call over that goes on elsewhere. */
  takeOver() {
    if (!board.elsewhere || board.link !== 'connected') return;
    const { sinceAt, ...ring } = board.elsewhere;
    board.elsewhere = null;
    this.#join(ring, sinceAt);
  }

  /** Asks for a call that the service then rings here: a test, or a call back. */
  async ask(message) {
    if (board.call || this.#asked) return;
    this.#asked = true;
    after(ASKED_MS, () => {
      this.#asked = false;
      changed();
    });
    try {
      await microphone.open('ring');
      if (this.#tell(message, true)) this.sound.prepare();
    } catch (problem) {
      toast(problem.message);
      this.#asked = false;
    }
    changed();
  }

  // What the service says.

  /** Takes a message in, if it is about a call. */
  hears(message) {
    const { type } = message;
    if (type === 'ring') this.#rings(message);
    else if (type === 'known') this.#known(message);
    else if (type === 'answered') this.#answered(message);
    else if (type === 'up') this.#up(message);
    else if (type === 'ask') this.#ours(message, (call) => (call.ask = message.text));
    else if (type === 'held') this.#held(message);
    else if (type === 'ring_over') this.#ringOver(message);
    else if (type === 'talking') this.#talking(message);
    else if (type === 'over') this.#over(message);
    else if (type === 'problem') this.#problem(message);
  }

  /** The connection to the service is there again, or for the first time. */
  reconnected() {
    for (const ring of board.rings.values()) ring.stale = true;
    board.elsewhere = null;
    if (board.call) this.#confirmed = 'no';
    after(SETTLE_MS, () => this.#settle());
  }

  /** Draws nothing, but has the sound ready while a call rings. */
  draw() {
    const waits = [...board.rings.values()].some((ring) => !ring.stale);
    if (waits && !board.call) this.sound.prepare();
    else if (!waits && !this.#asked) this.sound.unprepare();
  }

  #rings({ type, ...ring }) {
    const { call } = board;
    ring.endsAt = performance.now() + ring.left_ms;
    if (call?.call === ring.call) {
      if (call.phase === 'connecting') this.#answer(call);
      return;
    }
    board.rings.set(ring.call, { ...board.rings.get(ring.call), ...ring, stale: false });
    changed();
    if (ring.auto) {
      this.#asked = false;
      this.answer(ring.call);
    }
  }

  #known({ call: id, earlier }) {
    for (const call of [board.call, board.rings.get(id), board.elsewhere]) if (call?.call === id) call.earlier = earlier;
    changed();
  }

  async #answered({ call: id, sdp }) {
    if (board.call?.call !== id) return;
    this.#confirmed = 'yes';
    try {
      await this.sound.accept(sdp);
    } catch (problem) {
      this.#trouble(`The browser refuses the service’s answer: ${problem.message}`);
    }
  }

  #up(message) {
    this.#ours(message, (call) => {
      performance.mark('up');
      this.#confirmed = 'yes';
      if (call.phase !== 'talking') announce(`Connected with ${who(call)}`);
      call.phase = 'talking';
      call.ask = '';
      call.sinceAt ??= performance.now();
    });
  }

  #held(message) {
    this.#ours(message, (call) => {
      if (call.held !== message.held) announce(message.held ? 'The call is on hold' : 'The call goes on');
      call.held = message.held;
      call.wantsHeld = null;
      this.#speakOrNot();
    });
  }

  #ringOver({ call: id, why, by }) {
    const ring = board.rings.get(id);
    board.rings.delete(id);
    const text = ringOver(why, by);
    if (board.call?.call === id) {
      if (why === 'no_media') this.#blocked(true);
      this.#finish(text, why === 'no_media' ? 'bad' : 'plain');
    } else if (ring) {
      this.#note(ring, text);
    }
    changed();
  }

  #talking({ type, since_ms: sinceMs, elsewhere, ...ring }) {
    const sinceAt = performance.now() - sinceMs;
    board.rings.delete(ring.call);
    if (board.call?.call === ring.call) this.#stillTalking(ring, sinceAt, elsewhere);
    else if (elsewhere) board.elsewhere = { ...ring, sinceAt };
    else if (!board.call) this.#join(ring, sinceAt);
    changed();
  }

  /** Our call goes on. After a reconnect it may need sound, or have been taken over meanwhile. */
  #stillTalking(ring, sinceAt, elsewhere) {
    Object.assign(board.call, { sinceAt, held: ring.held, wantsHeld: null, phase: 'talking' });
    this.#speakOrNot();
    if (this.#confirmed !== 'no') return;
    if (this.sound.connected) this.#confirm();
    else if (elsewhere) {
      this.#close();
      board.elsewhere = { ...ring, sinceAt };
    } else {
      this.#recover();
    }
  }

  #over({ call: id, why }) {
    board.rings.delete(id);
    if (board.elsewhere?.call === id) board.elsewhere = null;
    if (board.call?.call === id) this.#finish(why);
    changed();
  }

  #problem({ call: id, text }) {
    const { call } = board;
    if (!call || call.call !== id) {
      this.#asked = false;
      toast(text);
    } else if (this.#confirmed === 'bare') {
      this.#recover();
      return;
    } else if (this.#confirmed === 'full' || (call.phase === 'connecting' && !this.sound.accepted)) {
      this.#finish(text, 'bad');
    } else {
      toast(text);
      Object.assign(call, { wantsHeld: null, passingTo: '' });
      this.#speakOrNot();
    }
    changed();
  }

  // The ways of sound.

  async #answer({ call: id }) {
    try {
      const sdp = await this.sound.offer(true);
      if (board.call?.call === id) this.socket.send({ type: 'answer', call: id, sdp }, true);
    } catch (problem) {
      if (board.call?.call !== id) return;
      toast(problem.message);
      const { call } = board;
      this.#close();
      board.rings.set(id, { ...call, auto: false });
      changed();
    }
  }

  /** Has the person's call here: at once after a reload, or taken over. */
  #join(ring, sinceAt) {
    board.call = { ...newCall(ring, sinceAt), phase: 'talking', held: ring.held };
    this.#recover('');
  }

  /** Asks whether our call is still ours, its sound being there. */
  #confirm() {
    if (this.#tell({ type: 'rejoin', call: board.call.call }, true)) this.#confirmed = 'bare';
    const { call } = board;
    after(SETTLE_MS * 2, () => board.call === call && this.#confirmed === 'bare' && (this.#confirmed = 'yes'));
  }

  /** Makes the sound of our call anew. Without a connection to the service, the reconnect leads here again. */
  async #recover(trouble = 'The sound is interrupted. Reconnecting…') {
    const { call } = board;
    if (!call) return;
    this.#trouble(trouble);
    if (board.link !== 'connected') return;
    const sdp = await this.sound.offerAnew();
    if (board.call !== call) return;
    this.#speakOrNot();
    if (this.#tell({ type: 'rejoin', call: call.call, sdp }, true)) this.#confirmed = 'full';
  }

  #settle() {
    for (const [id, ring] of board.rings) if (ring.stale) board.rings.delete(id);
    if (board.call && this.#confirmed === 'no') {
      if (board.call.phase === 'connecting' && !this.sound.accepted) this.#finish('The call was lost while the connection was gone', 'bad');
      else if (this.sound.connected) this.#confirm();
      else this.#recover();
    }
    changed();
  }

  #blocked(asToast = false) {
    const { call, hello } = board;
    if (!call) return;
    const text = `No sound gets through to ${hello?.media ?? 'the service'}. A firewall between this browser and Backstop blocks it: let this browser send UDP to that address, or ask whoever runs the network to.`;
    if (asToast) toast(text);
    else this.#trouble(text);
  }

  #speakOrNot() {
    const { call } = board;
    if (!call) return;
    this.sound.speaks(!call.muted && !(call.wantsHeld ?? call.held));
    changed();
  }

  #trouble(text) {
    if (!board.call || board.call.trouble === text) return;
    board.call.trouble = text;
    if (text) announce(text, true);
    changed();
  }

  #ours({ call: id }, change) {
    if (board.call?.call !== id) return;
    change(board.call);
    changed();
  }

  #finish(why, tone = 'plain') {
    const { call } = board;
    if (!call) return;
    const lasted = call.sinceAt === null ? '' : ` · ${duration(performance.now() - call.sinceAt)}`;
    this.#close();
    this.#note(call, why.charAt(0).toUpperCase() + why.slice(1) + lasted, tone);
  }

  #close() {
    this.sound.close();
    board.call = null;
    this.#confirmed = 'yes';
    changed();
  }

  #note(call, text, tone) {
    announce(`${who(call)}: ${text}`);
    after(NOTE_MS, note(who(call), text, tone));
  }

  #tell(message, wantsReply = false) {
    const sent = this.socket.send(message, wantsReply);
    if (!sent) toast('There is no connection to the service just now. Try again in a moment.');
    return sent;
  }
}
