// Reactions, and the picker of emoji.

import * as api from './api.js';
import { el, fill, refocus } from './dom.js';
import { state, userName } from './state.js';
import { find, glyph } from './emoji.js';
import { tell } from './notices.js';

/** The reactions of a post, each a switch. */
export function reactionNodes(post) {
  const all = post.metadata?.reactions ?? [];
  if (!all.length) return null;
  const byEmoji = Map.groupBy ? Map.groupBy(all, (one) => one.emoji_name) : grouped(all);
  return el('div', { cls: 'reactions' }, [...byEmoji].map(([name, list]) => {
    const mine = list.some((one) => one.user_id === state.me.id);
    const people = list.map((one) => userName(one.user_id)).join(', ');
    return el('button', {
      type: 'button', cls: `reaction${mine ? ' mine' : ''}`, 'aria-pressed': String(mine), data: { key: `reaction-${name}` },
      'aria-label': `${name}, ${list.length}: ${people}`, title: `${people} :${name}:`,
      on: { click: () => toggle(post, name, mine) },
    }, el('span', {}, glyph(name) ?? `:${name}:`), ' ', String(list.length));
  }));
}

function grouped(all) {
  const map = new Map();
  for (const one of all) map.set(one.emoji_name, [...(map.get(one.emoji_name) ?? []), one]);
  return map;
}

function toggle(post, name, mine) {
  return tell(() => (mine ? api.posts.unreact(post.id, name) : api.posts.react(state.me.id, post.id, name)));
}

/** A small window with emoji; one click reacts. */
export function openPicker(anchor, post) {
  document.querySelector('.picker')?.remove();
  const grid = el('div', { cls: 'picker-grid', role: 'group', 'aria-label': 'Emoji' });
  const close = () => {
    node.remove();
    document.removeEventListener('pointerdown', outside, true);
    refocus(anchor);
  };
  const outside = (event) => node.contains(event.target) || close();
  const draw = (word) => fill(grid, find(word).map((name) => el('button', {
    type: 'button', title: `:${name}:`, 'aria-label': name,
    on: { click: () => { close(); tell(() => api.posts.react(state.me.id, post.id, name)); } },
  }, glyph(name))));
  const word = el('input', { type: 'search', placeholder: 'Search emoji', 'aria-label': 'Search emoji', on: { input: () => draw(word.value) } });
  const node = el('div', { cls: 'picker', role: 'dialog', 'aria-label': 'Add a reaction' }, word, grid);
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { event.stopPropagation(); close(); }
    if (event.key === 'Enter' && event.target === word) {
      event.preventDefault(); // else it presses what has the focus then
      grid.querySelector('button')?.click();
    }
  });
  draw('');
  document.body.append(node);
  const box = anchor.getBoundingClientRect();
  node.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - node.offsetHeight - 8))}px`;
  node.style.left = `${Math.max(8, Math.min(box.right - node.offsetWidth, innerWidth - node.offsetWidth - 8))}px`;
  document.addEventListener('pointerdown', outside, true);
  word.focus();
}
