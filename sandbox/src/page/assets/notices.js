// What the page itself says: toasts, the banner, and words for screen readers.

import { el, fill } from './dom.js';

/** A sentence that goes away by itself. */
export function toast(text) {
  const node = el('div', { cls: 'toast' }, text);
  document.getElementById('toasts').append(node);
  setTimeout(() => node.remove(), 6_000);
}

/** A line over the posts; none for `null`. */
export function banner(text, kind = 'lost') {
  const node = document.getElementById('banner');
  node.hidden = text === null;
  node.className = kind;
  fill(node, text ?? '');
}

/** Read out by screen readers. */
export function announce(text) {
  document.getElementById('announcer').textContent = text;
}

/** Runs what may fail and says so. */
export async function tell(doing) {
  try {
    return await doing();
  } catch (error) {
    toast(error.message);
    return null;
  }
}
