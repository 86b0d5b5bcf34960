// The left pane: teams, channels with unread marks, direct messages.

import * as api from './api.js';
import { avatar, el, fill, iconButton, svg } from './dom.js';
import { channelTitle, on, partner, state, unread } from './state.js';
import { loadTeam, openChannel } from './channels.js';
import { openSwitcher } from './switcher.js';
import { PEOPLE } from './people.js';
import { tell } from './notices.js';
import { themeButton } from './theme.js';

/** Shows the pane and keeps it true. */
export function showSidebar() {
  const pane = document.getElementById('sidebar');
  const lists = el('div', { cls: 'channel-lists' });
  const rail = el('div', { cls: 'team-rail', role: 'group', 'aria-label': 'Teams' });
  fill(pane, rail, el('div', { cls: 'sidebar-main' }, head(), lists, foot()));
  const draw = () => {
    drawTeams(rail);
    drawChannels(lists);
  };
  on('channels channel statuses', draw);
  on('channel', closeSidebar);
  document.getElementById('veil').addEventListener('click', closeSidebar);
}

/** On a phone the pane lies over the posts. */
export function openSidebar() {
  document.body.classList.add('sidebar-open');
  document.getElementById('veil').hidden = false;
  document.querySelector('#sidebar .channel')?.focus();
}

export function closeSidebar() {
  if (!document.body.classList.contains('sidebar-open')) return;
  document.body.classList.remove('sidebar-open');
  document.getElementById('veil').hidden = true;
  document.querySelector('.menu-button')?.focus();
}

function head() {
  const find = el('button', { type: 'button', cls: 'find', on: { click: openSwitcher } },
    svg('search'), el('span', {}, 'Find or add'), el('kbd', {}, 'Ctrl K'));
  return el('div', { cls: 'sidebar-head' }, el('h2', { id: 'team-name' }), find);
}

function foot() {
  const name = state.me.username;
  const others = PEOPLE.filter((one) => one !== name);
  const second = el('select', { 'aria-label': 'Open a second window as', cls: 'second' },
    el('option', { value: '' }, 'Second window as…'), others.map((one) => el('option', { value: one }, one)));
  second.addEventListener('change', () => {
    if (second.value) window.open(`/?as=${second.value}`, '_blank', 'noopener');
    second.value = '';
  });
  const leave = iconButton('leave', 'Log out', async () => {
    await tell(() => api.users.logout());
    sessionStorage.removeItem('session');
    location.assign('/');
  });
  return el('div', { cls: 'sidebar-foot' },
    el('div', { cls: 'me' }, avatar(name), el('span', { cls: 'me-name' }, name), themeButton(), leave), second);
}

function drawTeams(rail) {
  document.getElementById('team-name').textContent =
    state.teams.find((team) => team.id === state.team)?.display_name ?? '';
  rail.hidden = state.teams.length < 2;
  fill(rail, state.teams.map((team) => {
    const marks = state.teamUnread.get(team.id);
    const open = team.id === state.team;
    return el('button', {
      type: 'button', cls: `team${open ? ' open' : ''}${marks?.msg_count && !open ? ' unread' : ''}`,
      'aria-label': team.display_name, 'aria-current': open ? 'true' : null, title: team.display_name,
      on: { click: async () => {
        await tell(() => loadTeam(team.id));
        const all = [...state.channels.values()];
        await openChannel(all.find((one) => one.name === 'town-square' && one.team_id === team.id)?.id);
      } },
    }, [...team.display_name].slice(0, 2).join(''));
  }));
}

function drawChannels(lists) {
  const focused = document.activeElement?.dataset?.channel;
  const all = [...state.channels.values()].filter((channel) => !channel.delete_at);
  const byTitle = (a, b) => channelTitle(a).localeCompare(channelTitle(b));
  const ours = all.filter((one) => one.team_id === state.team).sort(byTitle);
  const direct = all.filter((one) => !one.team_id).sort((a, b) => b.last_post_at - a.last_post_at || byTitle(a, b));
  fill(lists, section('Channels', ours), section('Direct messages', direct));
  if (focused) lists.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

function section(title, channels) {
  const add = iconButton('plus', title === 'Channels' ? 'Browse or create channels' : 'Write to somebody', openSwitcher);
  return el('section', { 'aria-label': title },
    el('div', { cls: 'section-head' }, el('h3', {}, title), add),
    channels.length ? el('ul', {}, channels.map((one) => el('li', {}, entry(one))))
      : el('p', { cls: 'none' }, 'None yet.'));
}

function entry(channel) {
  const { messages, mentions } = unread(channel);
  const open = channel.id === state.channel;
  const title = channelTitle(channel);
  const words = [];
  if (messages) words.push(`${messages} unread`);
  if (mentions) words.push(mentions === 1 ? '1 mention' : `${mentions} mentions`);
  return el('button', {
    type: 'button', cls: `channel${open ? ' open' : ''}${messages && !open ? ' unread' : ''}`,
    'aria-current': open ? 'page' : null, data: { channel: channel.id },
    on: { click: () => openChannel(channel.id) },
  }, sign(channel), el('span', { cls: 'channel-name' }, title, words.map((word) => el('span', { cls: 'unseen' }, `, ${word}`))),
  mentions && !open ? el('span', { cls: 'badge', 'aria-hidden': 'true' }, String(mentions)) : null);
}

function sign(channel) {
  if (channel.type === 'P') return svg('lock');
  if (channel.type === 'G') return el('span', { cls: 'hash', 'aria-hidden': 'true' }, '⋯');
  if (channel.type === 'O') return el('span', { cls: 'hash', 'aria-hidden': 'true' }, '#');
  const online = state.statuses.get(partner(channel)) === 'online';
  return el('span', { cls: `dot${online ? ' online' : ''}`, 'aria-hidden': 'true' });
}
