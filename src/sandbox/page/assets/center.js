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
    if (!matchMedia('(max-width: 760px)').matches) composer.focus();
  });
  on('channel channels statuses', drawHead);
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

function drawHead() {
  const channel = state.channels.get(state.channel);
  if (!channel) return;
  const title = channelTitle(channel);
  document.getElementById('center').setAttribute('aria-label', `Channel ${title}`);
  const status = channel.type === 'D' ? state.statuses.get(partner(channel)) : null;
  const line = el('span', { cls: 'channel-line' });
  if (channel.header) line.append(render(channel.header));
  else line.append(status ?? channel.purpose);
  const leaves = ['O', 'P'].includes(channel.type) && channel.name !== 'town-square';
  fill(document.getElementById('channel-head'),
    iconButton('menu', 'Channels', openSidebar, { cls: 'menu-button' }),
    el('div', { cls: 'channel-title' },
      el('h1', {}, channel.type === 'O' ? `# ${title}` : channel.type === 'P' ? [svg('lock'), title] : title), line),
    leaves ? iconButton('leave', `Leave ${title}`, () => leaveChannel(channel.id)) : null,
    el('button', {
      type: 'button', cls: 'wire-button', id: 'wire-button', 'aria-controls': 'wire',
      'aria-expanded': String(!document.getElementById('wire').hidden), on: { click: toggleWire },
    }, svg('wire'), el('span', {}, 'Wire')));
}
