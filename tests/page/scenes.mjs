// What the mock says: one business, its people, its calls, and every state that the page can be in.

const AGO = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

export const VALUES = { business: 'Whitfield Plumbing', csrf: 'token', person: 'dana', name: 'Dana Whitfield', role: 'owner', people: ['dana', 'owner', 'marcus'] };

export const HELLO = {
  type: 'hello',
  business: 'Whitfield Plumbing',
  person: 'dana',
  available: true,
  rings: true,
  ice_servers: [],
  media: '192.0.2.7 UDP port 40000',
  destinations: [
    { name: 'techs', kind: 'group', extension: '200' },
    { name: 'service', kind: 'queue', extension: '300' },
    { name: 'receptionist', kind: 'receptionist', extension: '0' },
  ],
  calls_back: true,
};

export const PEOPLE = {
  type: 'people',
  people: [
    { name: 'marcus', state: 'available', extension: '102' },
    { name: 'owner', state: 'talking', extension: '100' },
    { name: 'priya', state: 'cell_only', extension: '103' },
    { name: 'jo', state: 'away', extension: '104' },
  ],
};

export const DUTY = { type: 'duty', on: true, paused: false, state: 'free' };
export const LINE = {
  type: 'line',
  queues: [
    {
      name: 'service',
      callers: [
        { number: '+1 (646) 555-0188', waited_ms: 131_000, called_back: false },
        { number: null, waited_ms: 47_000, called_back: false },
        { number: '+1 (917) 555-0134', waited_ms: 12_000, called_back: true },
      ],
    },
    { name: 'billing', callers: [] },
  ],
};

const LEAD = [
  { name: 'need', value: 'Water heater leaks onto the basement floor' },
  { name: 'name', value: 'Rosa Delgado' },
  { name: 'callback', value: '+1 (212) 555-0142' },
  { name: 'address', value: '48 Linden Street, Hoboken' },
  { name: 'urgency', value: 'today' },
  { name: 'preferred_time', value: 'after four' },
];

export const RECENT = [
  { id: 'c9', at: AGO(12), outgoing: false, number: '+1 (212) 555-0142', name: 'DELGADO ROSA', need: 'Water heater leaks onto the basement floor', outcome: 'farewell', took_by: null, duration_ms: 94_000, lead: LEAD, text: { state: 'delivered', at: AGO(11) } },
  { id: 'c8', at: AGO(41), outgoing: false, number: '+1 (718) 555-0119', name: null, need: null, outcome: 'cancelled', took_by: null, duration_ms: 0, lead: [], text: { state: 'sent', at: AGO(40) } },
  { id: 'c7', at: AGO(75), outgoing: true, number: '+1 (917) 555-0166', name: 'OKAFOR DENTAL', need: null, outcome: 'answered', took_by: 'dana', duration_ms: 312_000, lead: [], text: null },
  { id: 'c6', at: AGO(160), outgoing: false, number: '+1 (646) 555-0188', name: 'J PARK', need: null, outcome: 'answered', took_by: 'marcus', duration_ms: 187_000, lead: [], text: null },
  { id: 'c5', at: AGO(60 * 26), outgoing: false, number: null, name: null, need: null, outcome: 'no_message', took_by: null, duration_ms: 9_000, lead: [], text: null },
  { id: 'c4', at: AGO(60 * 27), outgoing: false, number: '+1 (201) 555-0173', name: 'HARBOR VIEW APARTMENTS LLC', need: 'Three flats without hot water', outcome: 'voicemail', took_by: null, duration_ms: 38_000, lead: [], text: null },
];

export const RING = { type: 'ring', call: 'r1', kind: 'incoming', number: '+1 (212) 555-0142', name: 'DELGADO ROSA', vip: true, called: '+1 (212) 555-0100', plan: 'office', step: 'rings dana in the browser', left_ms: 18_000, auto: false };
export const KNOWN = {
  type: 'known',
  call: 'r1',
  earlier: [
    { at: AGO(60 * 27), outcome: 'farewell', lead: LEAD },
    { at: AGO(60 * 24 * 33), outcome: 'answered', lead: [] },
  ],
};
const SECOND = { ...RING, call: 'r2', number: null, name: null, vip: false, step: 'rings techs all at once', left_ms: 11_000 };
const HARD = { ...RING, call: 'r3', name: '<img src=x onerror=alert(1)> Wolfeschlegelsteinhausenbergerdorff & Sons Verylongnamewithoutspaces', vip: true };

const GREETING = [HELLO, PEOPLE, DUTY, LINE];

/** Each state: what a new page hears, and what then is done in it. `media` needs a peer that answers. */
export const SCENES = {
  offline: { greets: [], close: true },
  away: { greets: [{ ...HELLO, available: false }, PEOPLE] },
  idle: { greets: GREETING },
  first_time: { greets: [HELLO, PEOPLE], permissions: [], silent: true },
  no_microphone: { greets: [HELLO, PEOPLE, RING], permissions: ['notifications'], broken: true, acts: async (page) => (await page.getByTestId('answer').click(), page.getByTestId('toast').waitFor()) },
  lead: { greets: [HELLO, PEOPLE], acts: async (page) => page.getByText('Details of the lead').first().click() },
  ringing: { greets: [...GREETING, RING, KNOWN] },
  several: { greets: [...GREETING, RING, SECOND] },
  hard: { greets: [HELLO, PEOPLE, HARD] },
  ring_over: { greets: [...GREETING, RING, { type: 'ring_over', call: 'r1', why: 'answered_elsewhere', by: 'marcus' }, { ...SECOND }, { type: 'ring_over', call: 'r2', why: 'caller_gone', by: null }] },
  connecting: { greets: [...GREETING, RING], acts: async (page) => page.getByTestId('answer').click() },
  ask: { greets: [...GREETING, { ...RING, auto: true }], after: [{ type: 'ask', call: 'r1', text: 'Rosa Delgado calls: water is running into her basement and she can’t find the main valve.' }] },
  talking: { greets: [...GREETING, RING, KNOWN], media: true, acts: answer },
  muted: { greets: [...GREETING, RING], media: true, acts: async (page) => (await answer(page), page.getByTestId('mute').click()) },
  held: { greets: [HELLO, PEOPLE, RING], media: true, acts: async (page) => (await answer(page), page.getByTestId('hold').click()) },
  keypad: { greets: [HELLO, PEOPLE, RING], media: true, acts: async (page) => (await answer(page), page.keyboard.press('k'), page.keyboard.type('42#')) },
  transfer: { greets: [HELLO, PEOPLE, RING], media: true, acts: async (page) => (await answer(page), page.getByTestId('transfer').click()) },
  second: { greets: [...GREETING, RING], media: true, acts: answer, after: [SECOND] },
  trouble: { greets: [HELLO, PEOPLE, RING], acts: async (page) => page.getByTestId('answer').click(), after: [{ type: 'answered', call: 'r1', sdp: 'not an answer' }] },
  elsewhere: { greets: [...GREETING, { ...RING, type: 'talking', since_ms: 205_000, elsewhere: true, held: false }] },
  over: { greets: [...GREETING, RING], media: true, acts: answer, after: [{ type: 'over', call: 'r1', why: 'the caller hung up' }] },
  problem: { greets: [...GREETING, { type: 'problem', call: null, text: 'Nobody can be called back: no trunk allows it. See [[trunk]] in the configuration.' }] },
  wrapping_up: { greets: [HELLO, PEOPLE, { ...DUTY, state: 'wrapping up' }, LINE] },
  checking: { greets: GREETING, acts: async (page) => (await page.getByTestId('check').click(), page.waitForTimeout(1500)) },
  help: { greets: GREETING, acts: (page) => page.keyboard.press('?') },
};

async function answer(page) {
  await page.getByTestId('answer').click();
  await page.waitForSelector('body[data-state=talking]');
  await page.waitForTimeout(2500);
}
