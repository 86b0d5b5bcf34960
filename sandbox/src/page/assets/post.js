// One post.

import * as api from './api.js';
import { avatar, el, iconButton, svg } from './dom.js';
import { dropPost, emit, isEphemeral, isSystem, state, userName } from './state.js';
import { attachmentNodes } from './attachments.js';
import { block } from './markdown.js';
import { fileNodes } from './files.js';
import { openPicker, reactionNodes } from './reactions.js';
import { openChannel, openThread } from './channels.js';
import { confirmed } from './confirm.js';
import { tell } from './notices.js';

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' });

/** The node of a post. `together`: the one before is by the same person. */
export function postNode(post, { together = false, inThread = false } = {}) {
  if (isSystem(post)) return systemNode(post);
  const name = authorName(post);
  const kinds = ['post', together && 'together', isEphemeral(post) && 'ephemeral',
    post.is_pinned && 'pinned'].filter(Boolean);
  const node = el('article', {
    cls: kinds.join(' '), tabindex: '-1', data: { post: post.id },
    'aria-label': `${name} at ${TIME.format(post.create_at)}`, 'aria-describedby': textId(post, inThread),
  },
  el('div', { cls: 'gutter' }, together ? time(post) : avatar(name, name === 'System' ? 'nobody' : '')),
  el('div', { cls: 'post-main' },
    together ? notes(post) : el('div', { cls: 'post-head' },
      el('span', { cls: 'author' }, name), badge(post), time(post), notes(post)),
    body(post, inThread), attachmentNodes(post), fileNodes(post), reactionNodes(post),
    inThread ? null : threadLink(post)),
  toolbar(post, inThread));
  node.addEventListener('click', followChannel);
  return node;
}

/** Whispers come under the name of who acted; people read them as the system's. */
function authorName(post) {
  if (post.props?.override_username) return post.props.override_username;
  const whisper = isEphemeral(post) && !state.users.get(post.user_id)?.is_bot;
  return whisper ? 'System' : userName(post.user_id);
}

/** Who came and went: one quiet line. */
function systemNode(post) {
  return el('article', { cls: 'post system', tabindex: '-1', data: { post: post.id } },
    el('div', { cls: 'post-main' }, block(post.message, 'markdown message'), time(post)));
}

function time(post) {
  return el('time', { datetime: new Date(post.create_at).toISOString(), title: FULL.format(post.create_at) },
    TIME.format(post.create_at));
}

function badge(post) {
  const bot = state.users.get(post.user_id)?.is_bot || (post.props?.from_webhook === 'true' && authorName(post) !== 'System');
  return bot ? el('span', { cls: 'tag' }, 'BOT') : null;
}

function notes(post) {
  const words = [];
  if (isEphemeral(post)) words.push(el('span', { cls: 'only-you' }, svg('eye'), 'Only visible to you'));
  if (post.is_pinned) words.push(el('span', { cls: 'note' }, svg('pin'), 'Pinned'));
  if (post.edit_at && !isEphemeral(post)) words.push(el('span', { cls: 'note', title: FULL.format(post.edit_at) }, '(edited)'));
  return words.length ? el('span', { cls: 'notes' }, words) : null;
}

/** What screen readers read of a post that has the focus; panes show the same post twice. */
const textId = (post, inThread) => (post.message ? `text-${inThread ? 'thread-' : ''}${post.id}` : null);

function body(post, inThread) {
  const text = block(post.message, 'markdown message');
  return text && el('div', { cls: 'post-body', id: textId(post, inThread) }, text);
}

function threadLink(post) {
  const answers = post.reply_count ?? 0;
  if (!answers || post.root_id) return null;
  return el('button', {
    type: 'button', cls: 'thread-link', data: { key: 'thread' }, on: { click: () => openThread(post.id) },
  }, svg('reply'), `${answers} ${answers === 1 ? 'reply' : 'replies'}`);
}

function toolbar(post, inThread) {
  const tools = [];
  if (isEphemeral(post)) {
    tools.push(iconButton('close', 'Dismiss', () => {
      dropPost(post.id);
      emit('dropped', { id: post.id, channel: post.channel_id, root: '' });
    }));
    return el('div', { cls: 'toolbar', role: 'toolbar', 'aria-label': 'Post' }, tools);
  }
  const own = post.user_id === state.me.id;
  const key = (name) => ({ data: { key: name } });
  tools.push(iconButton('smile', 'Add a reaction', (event) => openPicker(event.currentTarget, post), key('react')));
  if (!inThread) tools.push(iconButton('reply', 'Reply in thread', () => openThread(post.root_id || post.id), key('reply')));
  tools.push(iconButton('pin', post.is_pinned ? 'Unpin' : 'Pin', () => tell(() => api.posts.pin(post.id, !post.is_pinned)), key('pin')));
  tools.push(iconButton('eye', 'Mark as unread', () => tell(() => api.posts.unread(post.id)), key('unread')));
  if (own) tools.push(iconButton('edit', 'Edit', (event) => edit(post, event.currentTarget.closest('.post')), key('edit')));
  if (own || state.me.roles.includes('system_admin')) {
    tools.push(iconButton('trash', 'Delete', () => remove(post), key('delete')));
  }
  return el('div', { cls: 'toolbar', role: 'toolbar', 'aria-label': 'Post' }, tools);
}

async function remove(post) {
  if (await confirmed('Delete this post?', 'It goes for everybody.', 'Delete')) {
    await tell(() => api.posts.remove(post.id));
  }
}

/** Turns a post into a place to edit it. */
export function edit(post, node) {
  const [origin, rows] = [document.activeElement, node.closest('.post-rows')];
  const text = el('textarea', { cls: 'editing', dir: 'auto', 'aria-label': 'Edit the post', value: post.message, rows: 3 });
  // Back to where the edit began: the composer, or the post, whose buttons were drawn anew.
  const stop = () => {
    form.remove();
    emit('post', post.id);
    const again = rows?.querySelector(`[data-post="${CSS.escape(post.id)}"]`);
    (origin.matches('textarea') ? origin : again)?.focus({ preventScroll: true });
  };
  const save = async () => {
    if (text.value.trim() && text.value !== post.message) {
      await tell(() => api.posts.patch(post.id, { message: text.value }));
    }
    stop();
  };
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { event.stopPropagation(); stop(); }
    if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); save(); }
  });
  const form = el('div', { cls: 'edit-form' }, text, el('div', { cls: 'edit-buttons' },
    el('button', { type: 'button', cls: 'plain', on: { click: stop } }, 'Cancel'),
    el('button', { type: 'button', cls: 'main', on: { click: save } }, 'Save')));
  const old = node.querySelector('.post-body');
  if (old) old.replaceWith(form);
  else node.querySelector('.post-main').prepend(form);
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
  form.scrollIntoView({ block: 'nearest' });
}

function followChannel(event) {
  const link = event.target.closest('a.channel-link');
  if (!link) return;
  event.preventDefault();
  openChannel(link.dataset.channel);
}
