// The side pane: a thread.

import { el, fill, iconButton } from './dom.js';
import { channelTitle, emit, on, state, threadPosts } from './state.js';
import { PostList } from './postlist.js';
import { Composer } from './composer.js';

/** Closes the pane. */
export function closeThread() {
  if (!state.thread) return;
  const root = state.thread;
  state.thread = null;
  emit('thread');
  document.querySelector(`#posts [data-post="${CSS.escape(root)}"] [data-key="thread"]`)?.focus();
}

/** Keeps the pane true. */
export function showThread() {
  const pane = document.getElementById('thread');
  const where = el('small', {});
  const rows = el('div', { cls: 'thread-posts', tabindex: '-1', role: 'region', 'aria-label': 'Posts of the thread' });
  const writing = el('div');
  fill(pane, el('header', {}, el('h2', {}, 'Thread'), where, iconButton('close', 'Close the thread', closeThread)), rows, writing);
  const root = () => state.posts.get(state.thread);
  const list = new PostList(rows, { posts: () => (state.thread ? threadPosts(state.thread) : []), inThread: true });
  const composer = new Composer(writing, 'thread-text', {
    channel: () => root()?.channel_id ?? state.channel, root: () => state.thread ?? '', title: () => 'Reply to the thread',
  });
  on('thread', () => {
    pane.hidden = !state.thread;
    document.body.classList.toggle('thread-open', Boolean(state.thread));
    if (!state.thread) return;
    const channel = state.channels.get(root()?.channel_id);
    where.textContent = channel ? channelTitle(channel) : '';
    list.draw(true);
    composer.reset();
    composer.focus();
  });
  on('thread-posts', (id) => id === state.thread && list.draw());
  on('post', (id) => state.thread && list.change(id));
  on('new-post', (post) => post.root_id && post.root_id === state.thread && list.add(post));
  on('dropped', ({ id }) => (id === state.thread ? closeThread() : list.remove(id)));
  on('channel', () => root() && root().channel_id !== state.channel && closeThread());
}
