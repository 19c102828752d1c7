// The panel in which microphone, loudspeaker and ring are tried and chosen before a call comes.

import { board, draws } from './board.js';
import { kept, make, mark, say, show, the } from './dom.js';
import { MicrophoneProblem, microphone } from './microphone.js';
import { toast } from './toasts.js';
import { sampleRing, soundThrough } from './tones.js';

const METER_MS = 100;
const CHECK_MS = 20_000;
const SILENT_MS = 4_000;
const HEARD = 0.12;

let check = null;
let choices = '';

/** Wires the panel. */
export function startSound(calls) {
  the('check').addEventListener('click', () => (check ? stop() : start()));
  the('check-now').addEventListener('click', () => {
    the('sound').scrollIntoView({ block: 'nearest' });
    the('check').focus();
    start();
  });
  the('test-call').addEventListener('click', () => {
    stop();
    calls.ask({ type: 'test_call' });
  });
  the('try-ring').addEventListener('click', sampleRing);
  the('microphone').addEventListener('change', ({ target }) => microphone.choose(target.value).catch(tell));
  the('speaker').addEventListener('change', ({ target }) => choose('speaker', target.value));
  the('ringer').addEventListener('change', ({ target }) => choose('ringer', target.value));
  navigator.mediaDevices?.addEventListener('devicechange', () => list().then(look));
  microphone.addEventListener('track', list);
  microphone.addEventListener('level', () => (check ? meter() : board.call && microphone.track?.muted && toast(new MicrophoneProblem('muted').message)));
  setInterval(meter, METER_MS);
  draws(draw);
  choose('speaker', kept.read('speaker'));
  choose('ringer', kept.read('ringer'));
  navigator.permissions?.query({ name: 'microphone' }).then((permission) => (permission.onchange = look), () => {});
  list();
  look();
}

/** What can be said without opening the microphone. */
async function look() {
  if (check || board.call) return;
  if (!navigator.mediaDevices) return tell(new MicrophoneProblem('insecure'));
  const permission = await microphone.permission();
  const { inputs } = await microphone.devices();
  if (permission === 'denied') tell(new MicrophoneProblem('denied'));
  else if (!inputs.length) tell(new MicrophoneProblem('none'));
  else if (permission === 'granted') verdict('good', 'The microphone is allowed.');
  else verdict('unknown', 'Check the microphone before the first call: the browser asks you to allow it.');
}

async function start() {
  check = { endsAt: performance.now() + CHECK_MS, silentAt: performance.now() + SILENT_MS, heard: false };
  drawCheck();
  verdict('unknown', 'Say something…');
  try {
    await microphone.open('check');
  } catch (problem) {
    stop();
    tell(problem);
  }
}

function stop() {
  if (!check) return;
  check = null;
  microphone.leave('check');
  drawCheck();
}

function tell(problem) {
  verdict('bad', problem.message);
}

function verdict(verdict, text) {
  mark(the('verdict'), 'data-verdict', verdict);
  say(the('verdict'), text);
  say(the('microphone-hint-text'), text);
  show(the('microphone-hint'), verdict !== 'good' && !check);
}

/** The level, while a check or a call is on, and what follows from it. */
function meter() {
  if (!check && !board.call) return;
  const level = microphone.level();
  const shown = Math.round((board.call?.muted ? 0 : (level ?? 0)) * 100);
  the('level-bar').style.transform = `scaleX(${shown / 100})`;
  mark(the('level'), 'aria-valuenow', shown);
  if (!check || level === null) return;
  const now = performance.now();
  if (level > HEARD) check.heard = true;
  if (microphone.track?.muted) tell(new MicrophoneProblem('muted'));
  else if (check.heard) verdict('good', `The microphone works${microphone.track?.label ? `: ${microphone.track.label}` : '.'}`);
  else if (now > check.silentAt) tell(new MicrophoneProblem('silent'));
  if (now > check.endsAt) stop();
}

function draw() {
  the('test-call').disabled = board.link !== 'connected' || Boolean(board.call) || board.rings.size > 0;
  show(the('check'), !board.call);
  if (board.call && check) stop();
  drawCheck();
}

function drawCheck() {
  say(the('check'), check ? 'Stop' : 'Check the microphone');
  show(the('level'), check || board.call);
}

async function list() {
  const { inputs, outputs } = await microphone.devices();
  const now = JSON.stringify([inputs, outputs]);
  if (now === choices) return;
  choices = now;
  fill('microphone', inputs);
  fill('speaker', outputs);
  fill('ringer', outputs);
  const named = inputs.some(({ label }) => label);
  show(the('devices'), named);
  show(the('speaker-row'), outputs.length && 'setSinkId' in HTMLMediaElement.prototype);
  show(the('ringer-row'), outputs.length && 'setSinkId' in AudioContext.prototype);
}

function fill(id, devices) {
  const chosen = kept.read(id);
  const options = devices.filter(({ deviceId }) => deviceId && deviceId !== 'default').map(({ deviceId, label }) => make('option', { value: deviceId, text: label, selected: deviceId === chosen }));
  the(id).replaceChildren(make('option', { value: '', text: 'As the system chooses' }), ...options);
}

async function choose(what, device) {
  kept.write(what, device);
  if (what === 'ringer') return soundThrough(device);
  await the('remote-audio').setSinkId?.(device).catch(() => {});
}
