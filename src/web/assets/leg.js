// The page's half of a call's sound: one peer connection to the service, which is ICE-lite, has one UDP port and speaks PCMU.

import { after, rest } from './clock.js';

const GATHERING_MS = 1_000;
const CONNECT_MS = 5_000;
const GONE_MS = 2_000;

const certificate = globalThis.RTCPeerConnection
  ? RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' }).catch(() => null)
  : null;

/** One peer connection. Its offer is made at once, so that it is there when the user answers. */
export class Leg {
  #closed = false;
  #sender = null;

  /** `hears` has `connected()`, `blocked()` (never connected) and `gone()` (was connected, and is not any more). */
  constructor(iceServers, hears) {
    this.hears = hears;
    this.everConnected = false;
    this.stream = null;
    this.track = null;
    this.connection = null;
    this.ready = this.#prepare(iceServers);
    this.ready.catch(() => {});
  }

  /** Sends the sound of this track; null sends none. */
  async speak(track) {
    this.track = track;
    await this.#sender?.replaceTrack(track);
  }

  /** The SDP offer. */
  async offer() {
    await this.ready;
    return this.connection.localDescription.sdp;
  }

  /** Takes the service's answer. */
  async accept(sdp) {
    await this.ready;
    await this.connection.setRemoteDescription({ type: 'answer', sdp });
    after(CONNECT_MS, () => !this.#closed && !this.everConnected && this.hears.blocked());
  }

  /** Whether sound goes through just now. */
  get connected() {
    return this.connection?.connectionState === 'connected';
  }

  /** The remote sound has come: some of it was decoded. */
  get sounds() {
    return this.connection?.getReceivers().some((receiver) => receiver.getSynchronizationSources().length > 0) ?? false;
  }

  /** No more of this. */
  close() {
    this.#closed = true;
    this.connection?.close();
  }

  async #prepare(iceServers) {
    const made = await certificate;
    if (this.#closed) throw new Error('closed');
    const connection = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle', ...(made && { certificates: [made] }) });
    this.connection = connection;
    connection.onconnectionstatechange = () => this.#changed(connection);
    const transceiver = connection.addTransceiver('audio', { direction: 'sendrecv' });
    this.#sender = transceiver.sender;
    preferPcmu(transceiver);
    this.stream = new MediaStream([transceiver.receiver.track]);
    if (this.track) await transceiver.sender.replaceTrack(this.track);
    await connection.setLocalDescription();
    if (iceServers.length) await Promise.race([gathered(connection), rest(GATHERING_MS)]);
  }

  #changed(connection) {
    if (this.#closed) return;
    const state = connection.connectionState;
    if (state === 'connected') {
      this.everConnected = true;
      this.hears.connected();
    } else if (state === 'failed' || state === 'closed') {
      if (this.everConnected) this.hears.gone();
      else this.hears.blocked();
    } else if (state === 'disconnected') {
      after(GONE_MS, () => !this.#closed && connection.connectionState === 'disconnected' && this.hears.gone());
    }
  }
}

/** Offers PCMU alone, if this browser lets us choose: nothing else comes back. */
function preferPcmu(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities?.('audio')?.codecs ?? [];
  const pcmu = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'audio/pcmu');
  if (pcmu.length) transceiver.setCodecPreferences?.(pcmu);
}

function gathered(connection) {
  return new Promise((done) => {
    const look = () => connection.iceGatheringState === 'complete' && done();
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });
}
