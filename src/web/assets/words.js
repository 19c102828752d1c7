// The page's words for what the service tells: outcomes, times, states.

const OUTCOMES = {
  answered: ['Answered', 'good'],
  completed: ['Completed', 'good'],
  farewell: ['Receptionist', 'good'],
  cancelled: ['Missed', 'bad'],
  caller_hung_up: ['Caller hung up', 'bad'],
  no_message: ['No message', 'bad'],
  voicemail: ['Voicemail', 'warn'],
  callback: ['Waits for a call', 'warn'],
  cut_off: ['Cut off', 'bad'],
  not_reached: ['Not reached', 'warn'],
  rejected: ['Rejected', 'plain'],
  never_confirmed: ['Never connected', 'plain'],
  media_lost: ['Sound lost', 'bad'],
  shut_down: ['Service stopped', 'bad'],
  broken: ['Failed', 'bad'],
  failed: ['Failed', 'bad'],
  interrupted: ['Interrupted', 'bad'],
  idle: ['Went silent', 'bad'],
  too_long: ['Too long', 'plain'],
  fax: ['Fax machine', 'plain'],
  line_tone: ['Line went dead', 'bad'],
};

/** The word for an outcome, and how good it is: good, warn, bad, plain. */
export function outcome(word) {
  if (!word) return ['Going on', 'plain'];
  return OUTCOMES[word] ?? [sentence(word), 'plain'];
}

/** Whether nobody has talked with this caller, or whom we called. */
export function isMissed(call) {
  return Boolean(call.outcome) && !['answered', 'completed', 'rejected', 'never_confirmed', 'farewell'].includes(call.outcome);
}

const PEOPLE = { available: 'Available', talking: 'In a call', cell_only: 'By cell only', away: 'Away' };
/** The words for the state of a person. */
export function presence(state) {
  return PEOPLE[state] ?? sentence(state);
}

const OVER = {
  answered_elsewhere: (by) => (by ? `Answered by ${by}` : 'Answered on another device'),
  declined: () => 'Declined on another device',
  timeout: () => 'Rang long enough; the call goes on to the next step',
  caller_gone: () => 'The caller gave up',
  no_media: () => 'No sound could be connected',
};
/** Why a call rings no more. */
export function ringOver(why, by) {
  return (OVER[why] ?? (() => sentence(why)))(by);
}

/** `preferred_time` as `Preferred time`. */
export function sentence(word) {
  const text = String(word ?? '').replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Who it is, as well as it is known. */
export function who(call) {
  return call.name || call.number || 'Withheld number';
}

/** What stands under the name: the number, unless it stands in the name's place. */
export function whichNumber(call) {
  if (call.name) return call.number || 'Withheld number';
  return call.number ? '' : 'No caller ID';
}

/** 83,000 ms as `1:23`. */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = String(seconds % 60).padStart(2, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

const TIME = new Intl.DateTimeFormat([], { hour: 'numeric', minute: '2-digit' });
const WEEKDAY = new Intl.DateTimeFormat([], { weekday: 'long', day: 'numeric', month: 'long' });
const DATE = new Intl.DateTimeFormat([], { day: 'numeric', month: 'long', year: 'numeric' });

/** The time of day. */
export function time(at) {
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? '' : TIME.format(moment);
}

/** Today, Yesterday, or the date. */
export function day(at, now = new Date()) {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return 'Some time';
  const days = Math.round((midnight(now) - midnight(moment)) / 86_400_000);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return (days < 300 ? WEEKDAY : DATE).format(moment);
}

function midnight(moment) {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
}
