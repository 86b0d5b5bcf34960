// Message attachments: colours, fields, and what can be pressed.

import { el } from './dom.js';
import { block, render, safeUrl } from './markdown.js';
import { actionNodes } from './actions.js';

const COLOURS = { good: 'var(--good)', warning: 'var(--warning)', danger: 'var(--danger)' };

/** A colour of Mattermost: a word or `#rrggbb`; null for anything else. */
export function colour(word) {
  if (Object.hasOwn(COLOURS, word)) return COLOURS[word];
  return /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(word ?? '') ? word : null;
}

/** The nodes of a post's attachments. */
export function attachmentNodes(post) {
  const list = post.props?.attachments;
  if (!Array.isArray(list)) return [];
  return list.map((one) => attachment(post, one));
}

function attachment(post, one) {
  const box = el('div', { cls: 'attachment' },
    line('attachment-author', one.author_name, one.author_link),
    line('attachment-title', one.title, one.title_link),
    block(one.text, 'markdown attachment-text'),
    fields(one.fields), picture(one.image_url), picture(one.thumb_url),
    actionNodes(post, one.actions),
    one.footer ? el('div', { cls: 'attachment-footer' }, one.footer) : null);
  const bar = colour(one.color);
  if (bar) box.style.setProperty('--bar', bar);
  return [block(one.pretext, 'markdown pretext'), box];
}

function line(cls, text, link) {
  if (!text) return null;
  const href = link ? safeUrl(link) : null;
  if (href) {
    return el('div', { cls }, el('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text));
  }
  const node = el('div', { cls: `${cls} markdown` });
  node.append(render(text));
  return node;
}

/** Short fields stand two in a row. */
function fields(list) {
  if (!Array.isArray(list) || !list.length) return null;
  return el('dl', { cls: 'fields' }, list.filter(Boolean).map((field) => {
    const value = el('dd', { cls: 'markdown' });
    value.append(render(typeof field.value === 'string' ? field.value : JSON.stringify(field.value ?? '')));
    return el('div', { cls: field.short ? 'field short' : 'field' }, el('dt', {}, String(field.title ?? '')), value);
  }));
}

/** Pictures in the text itself are shown; those from elsewhere are links, as nothing is loaded. */
function picture(url) {
  if (!url) return null;
  if (/^data:image\/(?:png|jpeg|gif|webp);base64,/.test(url)) {
    return el('img', { cls: 'attachment-picture', src: url, alt: '' });
  }
  const href = safeUrl(url);
  return href ? el('a', { cls: 'picture-link', href, target: '_blank', rel: 'noopener noreferrer' }, href) : null;
}
