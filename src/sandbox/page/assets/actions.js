// Buttons and menus of attachments.

import * as api from './api.js';
import { el } from './dom.js';
import { colour } from './attachments.js';
import { Combobox, sourceOf } from './combobox.js';
import { placeOfPost, triggered } from './dialog.js';
import { openWire } from './wire.js';

const STYLES = ['default', 'primary', 'success', 'good', 'warning', 'danger'];
const busy = new Set();

/** A row of buttons and menus, and a place for what went wrong. */
export function actionNodes(post, actions) {
  if (!Array.isArray(actions) || !actions.length) return null;
  const wrong = el('div', { cls: 'action-error', role: 'alert' });
  const row = actions.filter(Boolean).map((action) => (action.type === 'select'
    ? menu(post, action, wrong) : button(post, action, wrong)));
  return el('div', { cls: 'actions' }, el('div', { cls: 'action-row' }, row), wrong);
}

function button(post, action, wrong) {
  const style = STYLES.includes(action.style) ? action.style : 'default';
  const key = `${post.id}/${action.id}`;
  const node = el('button', {
    type: 'button', cls: `action ${style}`, title: action.tooltip || null, data: { key: `action-${action.id}`, action: action.id },
    disabled: Boolean(action.disabled) || busy.has(key),
    on: { click: () => press(post, action, {}, wrong, node) },
  }, action.name || 'Unnamed');
  const own = STYLES.includes(action.style) ? null : colour(action.style);
  if (own) {
    node.classList.add('own-colour');
    node.style.setProperty('--own', own);
  }
  return node;
}

function menu(post, action, wrong) {
  const box = new Combobox({
    label: action.name || 'Choose', placeholder: action.name || 'Choose…', key: `action-${action.id}`,
    source: sourceOf(action.data_source, action.options),
    chosen: (choice) => press(post, action, { selected_option: choice.value }, wrong, box.input),
  });
  const preset = (action.options ?? []).find((option) => option.value === action.default_option);
  if (preset) box.show([preset]);
  if (action.disabled) box.input.disabled = true;
  box.node.classList.add('action-menu');
  return box.node;
}

async function press(post, action, choice, wrong, node) {
  const key = `${post.id}/${action.id}`;
  if (busy.has(key)) return;
  busy.add(key);
  node.setAttribute('aria-busy', 'true');
  wrong.replaceChildren();
  try {
    const body = { ...choice, ...(action.cookie ? { cookie: action.cookie } : {}) };
    const answer = await api.posts.act(post.id, action.id, body);
    triggered(answer.trigger_id, placeOfPost(post));
  } catch (error) {
    const why = error.detail ? `${error.message} (${error.detail})` : error.message;
    wrong.append(why, ' ', el('button', { type: 'button', cls: 'inline', on: { click: openWire } }, 'See the wire'));
  } finally {
    busy.delete(key);
    node.removeAttribute('aria-busy');
  }
}
