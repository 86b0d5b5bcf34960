// The drawer that shows the wire: each call between server and bot, and why one did nothing.

import * as api from './api.js';
import { el, fill, iconButton } from './dom.js';

const EVERY_MS = 700;
const KEPT = 300;
const FILTERS = {
  all: ['All', () => true],
  to: ['To the bot', (one) => one.outbound],
  from: ['From the bot', (one) => !one.outbound],
  wrong: ['Refused or failed', (one) => ['refused', 'failed'].includes(one.ending)],
};
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

let since = 0;
let exchanges = [];
let open = []; // calls without an answer yet
let wanted = null; // what is looked for: the newest failure with this in it is shown open
let filter = 'all';
let word = '';
let timer = null;
let rows;
let note;

const drawer = () => document.getElementById('wire');

/** Makes the drawer; it stays closed. */
export function showWire() {
  rows = el('ol', { cls: 'wire-rows', 'aria-label': 'Calls, the newest first' });
  note = el('p', { cls: 'wire-note' });
  const filters = Object.entries(FILTERS).map(([name, [label]]) => el('button', {
    type: 'button', 'aria-pressed': String(name === filter), data: { filter: name },
    on: { click: () => choose(name) },
  }, label));
  const search = el('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search the wire', on: { input: () => { word = search.value.toLowerCase(); draw(); } } });
  fill(drawer(), el('header', {}, el('h2', {}, 'Wire'), el('div', { cls: 'filters', role: 'group', 'aria-label': 'Show' }, filters),
    search, el('button', { type: 'button', cls: 'plain', on: { click: () => { exchanges = []; draw(); say(); } } }, 'Clear'),
    iconButton('close', 'Close the wire', toggleWire)), note, rows);
}

function choose(name) {
  filter = name;
  for (const button of drawer().querySelectorAll('[data-filter]')) {
    button.setAttribute('aria-pressed', String(button.dataset.filter === name));
  }
  draw();
}

/** Opens or closes the drawer. */
export function toggleWire() {
  const opens = drawer().hidden;
  drawer().hidden = !opens;
  document.body.classList.toggle('wire-open', opens);
  document.getElementById('wire-button')?.setAttribute('aria-expanded', String(opens));
  clearTimeout(timer);
  if (opens) look();
  else document.getElementById('wire-button')?.focus();
}

/** Opens the drawer at the newest call that went wrong, with these words in what was sent. */
export function openWire(words = '') {
  wanted = words;
  choose('all');
  if (drawer().hidden) return toggleWire();
  clearTimeout(timer);
  return look();
}

async function look() {
  try {
    const told = await api.wire(since);
    if (told.last) since = told.last;
    const news = told.exchanges.length || told.open.length !== open.length;
    exchanges = [...exchanges, ...told.exchanges].slice(-KEPT);
    open = told.open;
    if (news) draw();
    say();
    show();
  } catch (error) {
    note.textContent = error.message;
  }
  if (!drawer().hidden) timer = setTimeout(look, EVERY_MS);
}

function say() {
  note.textContent = exchanges.length || open.length ? '' : 'Nothing crossed the wire yet: run a slash command or press a button.';
}

/** Opens the row that was asked for. */
function show() {
  if (wanted === null) return;
  const one = exchanges.findLast((other) => FILTERS.wrong[1](other) && other.request.includes(wanted));
  wanted = null;
  const details = one && rows.querySelector(`[data-number="${one.number}"]`);
  if (!details) return;
  details.open = true;
  details.scrollIntoView({ block: 'nearest' });
  details.firstChild.focus({ preventScroll: true });
}

/** What names a row: calls under way are counted by themselves. */
const rowName = (one) => (one.ending === 'waiting' ? `w${one.number}` : String(one.number));

/** Draws what is chosen, the newest first; known rows stay as they are. */
function draw() {
  const chosen = [...exchanges, ...open].filter((one) => FILTERS[filter][1](one)
    && (!word || JSON.stringify(one).toLowerCase().includes(word)));
  const known = new Map([...rows.children].map((node) => [node.firstChild.dataset.number, node]));
  rows.replaceChildren(...chosen.reverse().map((one) => known.get(rowName(one)) ?? row(one)));
}

function row(one) {
  const details = el('details', { data: { number: rowName(one) } },
    el('summary', {}, el('time', {}, CLOCK.format(one.at)),
      el('span', { cls: `way ${one.outbound ? 'to' : 'from'}` }, one.outbound ? 'server → bot' : 'bot → server'),
      el('strong', {}, one.kind), el('code', {}, `${one.method} ${short(one.url)}`),
      el('span', { cls: `ending ${one.ending}` }, ending(one)), el('span', { cls: 'took' }, took(one))));
  if (one.why) details.firstChild.append(el('span', { cls: 'why' }, one.why));
  details.addEventListener('toggle', () => details.open && details.childElementCount === 1 && details.append(inside(one)));
  return el('li', {}, details);
}

const ending = (one) => (one.status ? `${one.status} ${one.ending}` : one.ending);

function took(one) {
  if (one.ending === 'waiting') return '';
  return one.took < 10_000 ? `${one.took} ms` : `${(one.took / 1_000).toFixed(1)} s`;
}

function short(url) {
  return url.replace(/^https?:\/\/[^/]+/, '').replace('/api/v4', '');
}

function inside(one) {
  return el('div', { cls: 'wire-inside' },
    el('p', {}, el('b', {}, 'Signed: '), one.proofs.length ? one.proofs.join(' · ') : 'by nothing'),
    el('p', {}, el('b', {}, one.outbound ? 'To: ' : 'By: '), one.outbound ? one.url : one.caller ?? 'no login'),
    part('Sent', one.request), one.status ? part(`Answered with ${one.status}${one.response_type ? `, ${one.response_type}` : ''}`, one.response)
      : part('No answer', one.failure ?? 'Not yet.'));
}

function part(title, body) {
  return el('div', { cls: 'wire-part' }, el('h3', {}, title), el('pre', { tabindex: '0' }, pretty(body)));
}

function pretty(body) {
  if (!body) return '(nothing)';
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    if (/^[\w%.+-]+=[^\s]*$/.test(body)) {
      return [...new URLSearchParams(body)].map(([key, value]) => `${key} = ${value}`).join('\n');
    }
    return body;
  }
}
