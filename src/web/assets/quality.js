// How good the connection of a call is, from what the browser counts.

const LEVELS = [
  [4, 'Good sound'],
  [3, 'Fair sound'],
  [2, 'Poor sound'],
  [1, 'Bad sound'],
];

/** Counts since the last time it was asked. */
export class Quality {
  #last = { received: 0, lost: 0 };

  /** `{ level: 0..4, text, details }` of this peer connection; level 0 while nothing came yet. */
  async ask(connection) {
    const counted = { received: 0, lost: 0, jitterMs: 0, roundTripMs: null };
    for (const stat of (await connection.getStats()).values()) {
      if (stat.type === 'inbound-rtp' && stat.kind === 'audio') {
        counted.received += stat.packetsReceived ?? 0;
        counted.lost += stat.packetsLost ?? 0;
        counted.jitterMs = (stat.jitter ?? 0) * 1000;
      } else if (stat.type === 'candidate-pair' && stat.nominated && stat.currentRoundTripTime !== undefined) {
        counted.roundTripMs = stat.currentRoundTripTime * 1000;
      }
    }
    const received = counted.received - this.#last.received;
    const lost = Math.max(0, counted.lost - this.#last.lost);
    this.#last = counted;
    return judge(received, lost, counted.jitterMs, counted.roundTripMs);
  }
}

/** The judgement on what came in two seconds. */
export function judge(received, lost, jitterMs, roundTripMs) {
  if (received <= 0) return { level: 0, text: 'No sound arrives', details: '' };
  const loss = lost / (received + lost);
  const delay = roundTripMs ?? 0;
  let level = 4;
  if (loss > 0.01 || jitterMs > 30 || delay > 200) level = 3;
  if (loss > 0.04 || jitterMs > 60 || delay > 400) level = 2;
  if (loss > 0.12 || jitterMs > 120 || delay > 900) level = 1;
  const details = [`loss ${(loss * 100).toFixed(1)} %`, `jitter ${Math.round(jitterMs)} ms`, roundTripMs === null ? null : `round trip ${Math.round(delay)} ms`];
  return { level, text: LEVELS.find(([known]) => known === level)[1], details: details.filter(Boolean).join(', ') };
}
