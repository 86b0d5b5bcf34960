// Find a channel or a person, join, create.

import * as api from './api.js';
import { avatar, el, fill } from './dom.js';
import { channelTitle, state } from './state.js';
import { joinChannel, loadTeam, openChannel, openDirect } from './channels.js';
import { modal } from './confirm.js';
import { tell } from './notices.js';

/** Opens the search over all channels and people. */
export function openSwitcher() {
  if (document.querySelector('dialog[open]')) return;
  const list = el('ul', { role: 'listbox', id: 'switcher-list', 'aria-label': 'Channels and people' });
  const input = el('input', {
    type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'switcher-list', autocomplete: 'off',
    'aria-label': 'Channel or person', placeholder: 'A channel or a person',
  });
  const { end } = modal('Find or add', null, el('div', { cls: 'modal-body switcher' }, input, list));
  let options = [];
  let at = 0;
  let turn = 0;
  const choose = (one) => {
    end('chosen');
    one.go();
  };
  const mark = () => [...list.children].forEach((node, index) => {
    node.setAttribute('aria-selected', String(index === at));
    if (index === at) { input.setAttribute('aria-activedescendant', node.id); node.scrollIntoView({ block: 'nearest' }); }
  });
  const search = async () => {
    turn += 1;
    const mine = turn;
    const found = await tell(() => look(input.value.trim()));
    if (mine !== turn || !found) return;
    options = found;
    at = 0;
    fill(list, options.map((one, index) => el('li', { role: 'option', id: `switch-${index}`, on: { click: () => choose(one) } },
      one.sign, el('span', { cls: 'what' }, one.text), el('small', {}, one.about))));
    mark();
  };
  input.addEventListener('input', search);
  input.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) { event.preventDefault(); at = (at + step + options.length) % options.length; mark(); }
    if (event.key === 'Enter' && options[at]) { event.preventDefault(); choose(options[at]); }
  });
  input.focus();
  search();
}

async function look(word) {
  const [open, people] = await Promise.all([
    api.channels.complete(state.team, word), api.users.complete({ in_team: state.team, name: word })]);
  const hash = () => el('span', { cls: 'sign' }, '#');
  const found = open.map((one) => (state.channels.has(one.id)
    ? { text: channelTitle(one), about: 'channel', sign: hash(), go: () => openChannel(one.id) }
    : { text: channelTitle(one), about: 'join', sign: hash(), go: () => joinChannel(one.id) }));
  const others = people.users.map((user) => ({
    text: user.username, about: user.is_bot ? 'bot' : 'person', sign: avatar(user.username, 'small'), go: () => openDirect(user.id),
  }));
  const create = word && !open.some((one) => one.display_name.toLowerCase() === word.toLowerCase())
    ? [{ text: `Create the channel “${word}”`, about: 'new', sign: el('span', { cls: 'sign' }, '+'), go: () => make(word) }] : [];
  return [...found, ...others, ...create];
}

async function make(display_name) {
  const name = display_name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || `channel-${Date.now()}`;
  const channel = await tell(() => api.channels.create({ team_id: state.team, name, display_name, type: 'O' }));
  if (!channel) return;
  await loadTeam(state.team);
  await openChannel(channel.id);
}
