// The main pane: the channel's head, its posts, the place to write.

import { el, fill, iconButton, svg } from './dom.js';
import { channelTitle, emit, mainPosts, on, partner, state } from './state.js';
import { leaveChannel, loadOlder, view } from './channels.js';
import { openSidebar } from './sidebar.js';
import { PostList } from './postlist.js';
import { Composer } from './composer.js';
import { toggleWire } from './wire.js';
import { render } from './markdown.js';

/** Shows the pane and keeps it true. */
export function showCenter() {
  const list = new PostList(document.getElementById('posts'), {
    posts: () => mainPosts(state.channel),
    unreadFrom: () => state.unreadFrom.get(state.channel),
    older: () => state.timelines.get(state.channel)?.more && loadOlder,
    empty: () => 'Nothing here yet. Write the first post, or try a slash command.',
  });
  const composer = new Composer(document.getElementById('composer'), 'composer-text', {
    channel: () => state.channel,
    root: () => '',
    title: () => `Write to ${channelTitle(state.channels.get(state.channel))}`,
  });
  on('channel', () => {
    list.draw(true);
    composer.reset();
    if (!matchMedia('(pointer: coarse)').matches) composer.focus();
  });
  on('channel channels statuses', makeHead());
  on('posts', (channel) => channel === state.channel && list.draw());
  on('post', (id) => list.change(id));
  on('new-post', (post) => post.channel_id === state.channel && list.add(post));
  on('dropped', ({ id, channel, root }) => {
    if (channel !== state.channel) return;
    list.remove(id);
    if (root) list.change(root);
  });
  on('focus', () => state.channel && view(state.channel));
  document.addEventListener('visibilitychange', () => emit('focus'));
}

/** Makes the head once; gives back what fills it in. */
function makeHead() {
  const title = el('h1', {});
  const line = el('span', { cls: 'channel-line' });
  const leave = iconButton('leave', 'Leave the channel', () => leaveChannel(state.channel));
  fill(document.getElementById('channel-head'),
    iconButton('menu', 'Channels', openSidebar, { cls: 'menu-button' }),
    el('div', { cls: 'channel-title' }, title, line), leave,
    el('button', {
      type: 'button', cls: 'wire-button', id: 'wire-button', 'aria-controls': 'wire', 'aria-expanded': 'false',
      on: { click: toggleWire },
    }, svg('wire'), el('span', {}, 'Wire')));
  return () => {
    const channel = state.channels.get(state.channel);
    if (!channel) return;
    const name = channelTitle(channel);
    document.getElementById('center').setAttribute('aria-label', `Channel ${name}`);
    fill(title, channel.type === 'O' ? `# ${name}` : channel.type === 'P' ? [svg('lock'), name] : name);
    const status = channel.type === 'D' ? state.statuses.get(partner(channel)) : null;
    fill(line, channel.header ? render(channel.header) : status ?? channel.purpose);
    leave.hidden = !['O', 'P'].includes(channel.type) || channel.name === 'town-square';
  };
}
