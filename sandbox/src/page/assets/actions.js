// Buttons and menus of attachments.

import * as api from './api.js';
import { el } from './dom.js';
import { colour } from './attachments.js';
import { Combobox, sourceOf } from './combobox.js';
import { placeOfPost, triggered } from './dialog.js';
import { emit } from './state.js';
import { openWire } from './wire.js';

const STYLES = ['default', 'primary', 'success', 'good', 'warning', 'danger'];
const busy = new Set();
const picked = new Map(); // post/action → the option that was chosen
const failures = new Map(); // post → why its last action failed

/** A row of buttons and menus, and a place for what went wrong. */
export function actionNodes(post, actions) {
  if (!Array.isArray(actions) || !actions.length) return null;
  const row = actions.filter(Boolean).map((action) => (action.type === 'select' ? menu(post, action) : button(post, action)));
  return el('div', { cls: 'actions' }, el('div', { cls: 'action-row' }, row), wrong(post, actions));
}

function wrong(post, actions) {
  const failure = failures.get(post.id);
  if (!failure || !actions.some((action) => action.id === failure.action)) return null;
  return el('div', { cls: 'action-error', role: 'alert' }, failure.why, ' ',
    el('button', { type: 'button', cls: 'inline', on: { click: () => openWire(post.id) } }, 'See the wire'));
}

function button(post, action) {
  const style = STYLES.includes(action.style) ? action.style : 'default';
  const key = `${post.id}/${action.id}`;
  const node = el('button', {
    type: 'button', cls: `action ${style}`, title: action.tooltip || null, data: { key: `action-${action.id}`, action: action.id },
    disabled: Boolean(action.disabled), 'aria-busy': busy.has(key) ? 'true' : null,
    on: { click: () => press(post, action, {}) },
  }, action.name || 'Unnamed');
  const own = STYLES.includes(action.style) ? null : colour(action.style);
  if (own) {
    node.classList.add('own-colour');
    node.style.setProperty('--own', own);
  }
  return node;
}

function menu(post, action) {
  const key = `${post.id}/${action.id}`;
  const box = new Combobox({
    label: action.name || 'Choose', placeholder: action.name || 'Choose…', key: `action-${action.id}`,
    source: sourceOf(action.data_source, action.options),
    chosen: (choice) => {
      picked.set(key, choice);
      press(post, action, { selected_option: choice.value });
    },
  });
  const preset = (action.options ?? []).find((option) => option.value === action.default_option);
  const shown = picked.get(key) ?? preset;
  if (shown) box.show([shown]);
  if (action.disabled) box.input.disabled = true;
  box.node.classList.add('action-menu');
  return box.node;
}

async function press(post, action, choice) {
  const key = `${post.id}/${action.id}`;
  if (busy.has(key)) return;
  busy.add(key);
  failures.delete(post.id);
  emit('post', post.id);
  try {
    const body = { ...choice, ...(action.cookie ? { cookie: action.cookie } : {}) };
    const answer = await api.posts.act(post.id, action.id, body);
    triggered(answer.trigger_id, placeOfPost(post));
  } catch (error) {
    const why = error.detail ? `${error.message} (${error.detail})` : error.message;
    failures.set(post.id, { action: action.id, why });
  } finally {
    busy.delete(key);
    emit('post', post.id);
  }
}
