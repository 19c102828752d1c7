// What a page's user hears: taps the element that plays the call, through every change of its stream, as PCM of 8 kHz.
// Run by WebDriver in the page; again, it forgets what it has heard.

if (window.ear) {
  window.ear.pieces = [];
  return;
}
const speaker = document.getElementById('remote-audio');
const context = new AudioContext({ sampleRate: 8_000 });
const tap = context.createScriptProcessor(1_024, 1, 1);
const ear = { pieces: [], context, tap };
window.ear = ear;
tap.onaudioprocess = ({ inputBuffer }) => {
  ear.pieces.push(Int16Array.from(inputBuffer.getChannelData(0), (sample) => Math.max(-1, Math.min(1, sample)) * 32_767));
};
tap.connect(context.destination);
let stream = null;
let source = null;
setInterval(() => {
  if (speaker.srcObject === stream) return;
  stream = speaker.srcObject;
  source?.disconnect();
  source = stream && context.createMediaStreamSource(stream);
  source?.connect(tap);
}, 20);
ear.heard = () => {
  let text = '';
  for (const piece of ear.pieces) for (const byte of new Uint8Array(piece.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
};
