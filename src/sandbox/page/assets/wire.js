// The drawer that shows the wire: each call between server and bot, and why one did nothing.

import * as api from './api.js';
import { el, fill, iconButton } from './dom.js';

const EVERY_MS = 700;
const KEPT = 300;
const FILTERS = {
  all: ['All', () => true],
  to: ['To the bot', (one) => one.outbound],
  from: ['From the bot', (one) => !one.outbound],
  wrong: ['Refused or failed', (one) => one.ending !== 'done'],
};
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

let since = 0;
let exchanges = [];
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
    search, el('button', { type: 'button', cls: 'plain', on: { click: () => { exchanges = []; draw(); } } }, 'Clear'),
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
  const open = drawer().hidden;
  drawer().hidden = !open;
  document.body.classList.toggle('wire-open', open);
  document.getElementById('wire-button')?.setAttribute('aria-expanded', String(open));
  clearTimeout(timer);
  if (open) look();
  else document.getElementById('wire-button')?.focus();
}

export function openWire() {
  if (drawer().hidden) toggleWire();
}

async function look() {
  try {
    const told = await api.wire(since);
    if (told.last) since = told.last;
    if (told.exchanges.length) {
      exchanges = [...exchanges, ...told.exchanges].slice(-KEPT);
      draw();
    }
    note.textContent = exchanges.length ? '' : 'Nothing crossed the wire yet: run a slash command or press a button.';
  } catch (error) {
    note.textContent = error.message;
  }
  if (!drawer().hidden) timer = setTimeout(look, EVERY_MS);
}

/** Draws what is chosen; rows that were opened stay open. */
function draw() {
  const open = new Set([...rows.querySelectorAll('details[open]')].map((node) => node.dataset.number));
  const chosen = exchanges.filter((one) => FILTERS[filter][1](one)
    && (!word || JSON.stringify(one).toLowerCase().includes(word)));
  const known = new Map([...rows.children].map((node) => [node.firstChild.dataset.number, node]));
  rows.replaceChildren(...chosen.reverse().map((one) => known.get(String(one.number)) ?? row(one, open)));
}

function row(one, open) {
  const number = String(one.number);
  const details = el('details', { data: { number }, open: open.has(number) },
    el('summary', {}, el('time', {}, CLOCK.format(one.at)),
      el('span', { cls: `way ${one.outbound ? 'to' : 'from'}` }, one.outbound ? 'server → bot' : 'bot → server'),
      el('strong', {}, one.kind), el('code', {}, `${one.method} ${short(one.url)}`),
      el('span', { cls: `ending ${one.ending}` }, ending(one)), el('span', { cls: 'took' }, `${one.took} ms`)));
  if (one.why) details.firstChild.append(el('span', { cls: 'why' }, one.why));
  details.addEventListener('toggle', () => details.open && details.childElementCount === 1 && details.append(inside(one)));
  return el('li', {}, details);
}

function ending(one) {
  const word = { done: 'done', refused: 'refused', failed: 'failed' }[one.ending];
  return one.status ? `${one.status} ${word}` : word;
}

function short(url) {
  return url.replace(/^https?:\/\/[^/]+/, '').replace('/api/v4', '');
}

function inside(one) {
  return el('div', { cls: 'wire-inside' },
    el('p', {}, el('b', {}, 'Signed: '), one.proofs.length ? one.proofs.join(' · ') : 'by nothing'),
    el('p', {}, el('b', {}, one.outbound ? 'To: ' : 'By: '), one.outbound ? one.url : one.caller ?? 'no login'),
    part('Sent', one.request), part(one.failure ? 'No answer' : 'Answered', one.failure ?? one.response));
}

function part(title, body) {
  return el('div', { cls: 'wire-part' }, el('h4', {}, title), el('pre', { tabindex: '0' }, pretty(body)));
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
