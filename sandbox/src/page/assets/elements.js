// The fields of a dialog: text, textarea, select, radio, bool, date, datetime.

import { el } from './dom.js';
import { block } from './markdown.js';
import { Combobox, sourceOf } from './combobox.js';
import { state } from './state.js';

let count = 0;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/**
 * A field: `node`, `name`, `value()`, `check()` (shows what is wrong), `fail(text)`, `focus()`.
 * `hooks` has `lookup` for options that the bot gives, and `changed`.
 */
export function field(element, typed, hooks) {
  count += 1;
  const ids = { input: `field-${count}`, help: `help-${count}`, error: `error-${count}` };
  const make = KINDS[element.type] ?? text;
  const value = typed ?? preset(element);
  const control = make(element, value, { ...hooks, ids });
  const error = el('p', { cls: 'field-error', id: ids.error, role: 'alert' });
  const help = block(element.help_text, 'markdown help');
  if (help) help.id = ids.help;
  const optional = element.optional ? el('span', { cls: 'optional' }, '(optional)') : null;
  const label = [element.display_name, ' ', optional];
  const node = control.group
    ? el('fieldset', { cls: 'field-box', 'aria-describedby': `${ids.error} ${ids.help}` }, el('legend', {}, label), control.node, help, error)
    : el('div', { cls: 'field-box' }, el('label', { for: ids.input }, label), control.node, help, error);
  node.dataset.field = element.name;
  const fail = (words) => {
    error.textContent = words;
    for (const input of control.inputs ?? [control.input]) input?.setAttribute('aria-invalid', String(Boolean(words)));
  };
  node.addEventListener('input', () => fail(''));
  return {
    node, name: element.name, value: control.value, fail, focus: () => control.input?.focus(),
    check() {
      const words = outside(control.input) || wrong(element, control.value());
      fail(words);
      return !words;
    },
  };
}

function preset(element) {
  return element.type === 'bool' ? element.default === 'true' : element.default || '';
}

/** What a value lacks, as the web client says it; empty if nothing. */
function wrong(element, value) {
  const empty = value === null || value === '' || (Array.isArray(value) && !value.length);
  if (empty) return element.optional || element.type === 'bool' ? '' : 'This field is required.';
  if (typeof value !== 'string') return Number.isNaN(value) ? 'Must be a number.' : '';
  const length = [...value].length;
  if (element.min_length && length < element.min_length) return `Minimum input length is ${element.min_length}.`;
  if (element.max_length && length > element.max_length) return `Maximum input length is ${element.max_length}.`;
  if (element.subtype === 'email' && !EMAIL.test(value)) return 'Must be a valid email address.';
  if (element.subtype === 'url' && !/^https?:\/\/./.test(value)) return 'URL must include http:// or https://.';
  return '';
}

/** What the browser finds wrong with a day or an hour. */
function outside(input) {
  if (!input?.type.startsWith('date')) return '';
  const { badInput, rangeUnderflow, rangeOverflow } = input.validity;
  const words = (text) => text.replace('T', ' ');
  if (badInput) return 'Must be a complete date.';
  if (rangeUnderflow) return `Must not be before ${words(input.min)}.`;
  return rangeOverflow ? `Must not be after ${words(input.max)}.` : '';
}

function attributes(element, ids) {
  return {
    id: ids.input, name: element.name, placeholder: element.placeholder || null,
    'aria-describedby': `${ids.error} ${ids.help}`, 'aria-required': String(!element.optional),
  };
}

const SUBTYPES = ['text', 'email', 'number', 'tel', 'url', 'password'];

function text(element, value, { ids, changed }) {
  const number = element.subtype === 'number';
  const type = SUBTYPES.includes(element.subtype) ? element.subtype : 'text';
  const input = el('input', {
    ...attributes(element, ids), type: number ? 'text' : type, inputmode: number ? 'decimal' : null,
    value: String(value), autocomplete: 'off', on: { change: changed },
  });
  const read = () => (number && input.value.trim() ? Number(input.value.replace(',', '.')) : input.value);
  return { node: input, input, value: read };
}

function textarea(element, value, { ids, changed }) {
  const input = el('textarea', { ...attributes(element, ids), rows: 4, value: String(value), on: { change: changed } });
  return { node: input, input, value: () => input.value };
}

function select(element, value, { ids, lookup, changed }) {
  let picked = [];
  const dynamic = element.data_source === 'dynamic';
  const box = new Combobox({
    label: element.display_name, id: ids.input, placeholder: element.placeholder || 'Choose…',
    describedby: `${ids.error} ${ids.help}`, multiple: Boolean(element.multiselect),
    source: dynamic ? lookup : sourceOf(element.data_source, element.options),
    chosen: (choice) => {
      picked = element.multiselect ? choice : [choice];
      changed();
    },
  });
  box.clears = true;
  const values = Array.isArray(value) ? value : String(value).split(',').map((one) => one.trim()).filter(Boolean);
  picked = (element.multiselect ? values : values.slice(0, 1)).map((one) => ({ value: one, text: shown(element, one) }));
  box.show(picked);
  const read = () => (element.multiselect ? picked.map((one) => one.value) : picked[0]?.value ?? null);
  return { node: box.node, input: box.input, value: read };
}

function shown(element, value) {
  const option = (element.options ?? []).find((one) => one.value === value);
  return option?.text ?? state.users.get(value)?.username ?? state.channels.get(value)?.display_name ?? value;
}

function radio(element, value, { ids, changed }) {
  const inputs = (element.options ?? []).map((option) => el('input', {
    type: 'radio', name: ids.input, value: option.value, checked: option.value === value, on: { change: changed },
  }));
  const node = el('div', { cls: 'radios' }, inputs.map((input, at) => el('label', {}, input, ' ', element.options[at].text)));
  return { node, group: true, input: inputs[0], inputs, value: () => inputs.find((one) => one.checked)?.value ?? null };
}

function bool(element, value, { ids, changed }) {
  const input = el('input', {
    ...attributes(element, ids), placeholder: null, type: 'checkbox', checked: value === true, on: { change: changed },
  });
  return { node: el('label', { cls: 'check' }, input, ' ', element.placeholder || 'Yes'), input, value: () => input.checked };
}

const pad = (number) => String(number).padStart(2, '0');
const dayOf = (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;

/** A day as Mattermost writes it: `2026-01-31`, `today`, `tomorrow`, `+3d`, `-1w`, `+2m`. */
export function day(word) {
  if (!word) return null;
  const relative = /^([+-]\d+)([dwm])$/i.exec(word);
  const date = new Date();
  if (word === 'tomorrow') date.setDate(date.getDate() + 1);
  else if (word === 'yesterday') date.setDate(date.getDate() - 1);
  else if (relative) {
    const [, by, unit] = relative;
    if (unit.toLowerCase() === 'm') date.setMonth(date.getMonth() + Number(by));
    else date.setDate(date.getDate() + Number(by) * (unit.toLowerCase() === 'w' ? 7 : 1));
  } else if (word !== 'today') {
    const given = new Date(/^\d{4}-\d\d-\d\d$/.test(word) ? `${word}T00:00` : word);
    return Number.isNaN(given.getTime()) ? null : given;
  }
  return date;
}

function date(element, value, { ids, changed }) {
  const bound = (word) => (day(word) ? dayOf(day(word)) : null);
  const input = el('input', {
    ...attributes(element, ids), type: 'date', min: bound(element.min_date), max: bound(element.max_date),
    value: bound(String(value)) ?? '', on: { change: changed },
  });
  return { node: input, input, value: () => input.value || null };
}

function datetime(element, value, { ids, changed }) {
  const local = (when) => when && `${dayOf(when)}T${pad(when.getHours())}:${pad(when.getMinutes())}`;
  // A bound is a whole day unless it names an hour, so that steps count from midnight.
  const bound = (word, hour) => (word && !String(word).includes('T') && day(word) ? `${dayOf(day(word))}T${hour}` : local(day(word)));
  const minutes = element.datetime_config?.time_interval ?? element.time_interval ?? 60;
  const input = el('input', {
    ...attributes(element, ids), type: 'datetime-local', step: element.datetime_config?.allow_manual_time_entry ? null : minutes * 60,
    min: bound(element.min_date, '00:00'), max: bound(element.max_date, '23:59'), value: local(day(String(value))) ?? '',
    on: { change: changed },
  });
  const read = () => (input.value ? new Date(input.value).toISOString().replace('.000Z', 'Z') : null);
  return { node: input, input, value: read };
}

const KINDS = { text, textarea, select, radio, bool, date, datetime };
