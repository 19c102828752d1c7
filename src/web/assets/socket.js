// The WebSocket to the service, opened again whenever it is lost: soon, but not all pages of a building at the same moment.

import { after } from './clock.js';

const FIRST_MS = 250;
const LONGEST_MS = 5_000;
/** A new connection has to say something within this time. */
const GREETING_MS = 6_000;
/** What wants a reply has it within this time, or the connection is taken for dead. */
const REPLY_MS = 5_000;
/** Without a message for so long, the way to the service is tried. */
const QUIET_MS = 15_000;
const LOOK_EVERY_MS = 5_000;
/** The service closes with this when the sign-in has ended. */
const SIGNED_OUT = 4401;

export class LineSocket {
  #socket = null;
  #fails = 0;
  #heard = 0;
  #looked = Date.now();
  #cancelRetry = null;
  #cancelReply = null;

  /** `hears(message)` is called for each message, `link(state)` with connecting, connected, reconnecting, offline, signed_out. */
  constructor({ hears, link }) {
    this.hears = hears;
    this.link = link;
    this.connected = false;
    addEventListener('online', () => this.#atOnce());
    addEventListener('offline', () => this.recycle());
    document.addEventListener('visibilitychange', () => document.hidden || this.#atOnce());
    addEventListener('pageshow', (event) => event.persisted && this.recycle());
  }

  /** Connects, and stays connected. */
  start() {
    this.link('connecting');
    this.#open();
    this.#look();
  }

  /** Sends, if there is a connection. With `wantsReply`, a service that stays silent is taken for gone. */
  send(message, wantsReply = false) {
    if (!this.connected || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    if (wantsReply) {
      this.#cancelReply?.();
      this.#cancelReply = after(REPLY_MS, () => this.recycle());
    }
    return true;
  }

  /** Gives this connection up and opens another. */
  recycle() {
    const socket = this.#socket;
    if (!socket) return this.#atOnce();
    socket.onclose = socket.onmessage = socket.onerror = socket.onopen = null;
    socket.close();
    this.#lost();
  }

  #open() {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/line`);
    this.#socket = socket;
    socket.onclose = (event) => (event.code === SIGNED_OUT ? this.#signedOut() : this.#lost());
    socket.onmessage = (event) => this.#take(socket, event.data);
    after(GREETING_MS, () => socket === this.#socket && !this.connected && this.recycle());
  }

  #take(socket, text) {
    if (socket !== this.#socket) return;
    this.#heard = Date.now();
    this.#cancelReply?.();
    if (!this.connected) {
      this.connected = true;
      after(LOOK_EVERY_MS, () => socket === this.#socket && (this.#fails = 0));
      this.link('connected');
    }
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    this.hears(message);
  }

  #lost() {
    this.#socket = null;
    this.connected = false;
    this.#cancelReply?.();
    this.link(navigator.onLine ? 'reconnecting' : 'offline');
    const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#fails);
    this.#fails += 1;
    this.#cancelRetry?.();
    this.#cancelRetry = after(delay * (0.5 + Math.random() / 2), () => this.#open());
  }

  #atOnce() {
    if (this.#socket) return;
    this.#fails = 0;
    this.#open();
  }

  #signedOut() {
    this.#socket = null;
    this.connected = false;
    this.link('signed_out');
  }

  /** Finds out what the browser doesn't tell: that the machine slept, or that the network leads nowhere. */
  #look() {
    const now = Date.now();
    const slept = now - this.#looked > 4 * LOOK_EVERY_MS;
    this.#looked = now;
    if (this.connected && slept) this.recycle();
    else if (this.connected && now - this.#heard > QUIET_MS) this.#tryTheWay(this.#socket);
    after(LOOK_EVERY_MS, () => this.#look());
  }

  async #tryTheWay(socket) {
    try {
      await fetch('/assets/icon.svg', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(REPLY_MS) });
      this.#heard = Date.now();
    } catch {
      if (socket === this.#socket) this.recycle();
    }
  }
}
