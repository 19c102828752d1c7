// Chromium with a microphone that needs no one, and a peer of the page's sound: a second page that answers its offers.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];

/** A new Chromium. */
export async function startBrowser(...more) {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...FLAGS, `--crash-dumps-dir=${folder}`, ...more] });
}

/** What answers offers: `answer(sdp)` gives the SDP answer of a peer that plays a tone, `drop()` ends all of them. */
export async function startPeer(browser, url) {
  const page = await browser.newPage();
  await page.goto(`${url}/sign-in`);
  const answer = (sdp) =>
    page.evaluate(async (offer) => {
      const peer = new RTCPeerConnection();
      (globalThis.peers ??= []).push(peer);
      const microphone = (globalThis.microphone ??= await navigator.mediaDevices.getUserMedia({ audio: true }));
      await peer.setRemoteDescription({ type: 'offer', sdp: offer });
      peer.addTrack(microphone.getAudioTracks()[0], microphone);
      await peer.setLocalDescription();
      while (peer.iceGatheringState !== 'complete') await new Promise((done) => setTimeout(done, 5));
      return peer.localDescription.sdp;
    }, sdp);
  const drop = () => page.evaluate(() => globalThis.peers?.forEach((peer) => peer.close()));
  return { answer, drop };
}
