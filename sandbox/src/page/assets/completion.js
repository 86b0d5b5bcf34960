// What is offered while somebody types: commands with hints, people, channels, emoji.

import * as api from './api.js';
import { avatar, el, fill } from './dom.js';
import { state } from './state.js';
import { find, glyph } from './emoji.js';

let count = 0;

export class Completion {
  constructor(text, source) {
    count += 1;
    Object.assign(this, { text, source, options: [], at: 0, turn: 0 });
    this.node = el('ul', { cls: 'completion', role: 'listbox', id: `completion-${count}`, 'aria-label': 'Suggestions', hidden: true });
    text.setAttribute('aria-controls', this.node.id);
    text.addEventListener('blur', () => this.close());
  }

  close() {
    this.turn += 1;
    this.options = [];
    this.node.hidden = true;
    this.text.removeAttribute('aria-activedescendant');
  }

  async update() {
    this.turn += 1;
    const turn = this.turn;
    const before = this.text.value.slice(0, this.text.selectionStart);
    const options = await this.look(before).catch(() => []);
    if (turn !== this.turn) return;
    this.options = options;
    this.about = before;
    this.at = 0;
    this.draw();
  }

  async look(before) {
    if (before.startsWith('/')) return slash(before, this.source);
    const word = /(?:^|\s)([@~:])([\p{L}\p{N}._+-]*)$/u.exec(before);
    if (!word) return [];
    const [, sigil, name] = word;
    const start = before.length - name.length - 1;
    if (sigil === '@') return people(name, start, this.source);
    if (sigil === '~') return channels(name, start);
    return name.length < 2 ? [] : find(name, 8).map((one) => ({ start, put: `:${one}: `, sign: glyph(one), text: `:${one}:` }));
  }

  draw() {
    this.node.hidden = !this.options.length;
    fill(this.node, this.options.map((option, at) => el('li', {
      role: 'option', id: `${this.node.id}-${at}`, 'aria-selected': String(at === this.at), cls: option.put ? null : 'only-hint',
      on: { mousedown: (event) => { event.preventDefault(); this.choose(at); } },
    }, option.sign ? el('span', { cls: 'sign' }, option.sign) : null,
    el('span', { cls: 'what' }, option.text, option.hint ? el('code', { cls: 'usage' }, option.hint) : null),
    option.about ? el('small', {}, option.about) : null)));
    const node = this.node.children[this.at];
    if (node) this.text.setAttribute('aria-activedescendant', node.id);
    node?.scrollIntoView({ block: 'nearest' });
  }

  /** True if the key was meant for the list. */
  key(event) {
    if (!this.options.length) return false;
    // Who types fast is ahead of the list: then Enter is meant for the text.
    const current = this.about === this.text.value.slice(0, this.text.selectionStart);
    const usable = current && this.options[this.at]?.put;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.options.length > 1) {
      this.at = (this.at + step + this.options.length) % this.options.length;
      this.draw();
    } else if ((event.key === 'Enter' || event.key === 'Tab') && usable && !event.shiftKey) {
      this.choose(this.at);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      this.close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  choose(at) {
    const { put, start } = this.options[at];
    if (!put) return;
    const after = this.text.value.slice(this.text.selectionStart);
    this.text.value = this.text.value.slice(0, start) + put + after;
    const caret = start + put.length;
    this.text.setSelectionRange(caret, caret);
    this.text.focus();
    this.update();
  }
}

/** Once a command's word is there, in whatever case, only its hint is shown: Enter sends, and what follows the word stays. */
async function slash(before, source) {
  const typed = before.trimEnd().toLowerCase();
  const adds = (complete) => complete.length > typed.length - 1 && `/${complete}`.toLowerCase().startsWith(typed);
  const list = await api.commands.suggest(state.team, { user_input: before, channel_id: source.channel(), root_id: source.root() });
  return list.map((one) => ({
    start: 0, text: `/${one.Suggestion}`, hint: one.Hint, about: one.Description, sign: '/',
    put: adds(one.Complete) ? `/${one.Complete} ` : '',
  }));
}

async function people(name, start, source) {
  const found = await api.users.complete({ in_team: state.team, in_channel: source.channel(), name, limit: 8 });
  const option = (user, about) => ({ start, put: `@${user.username} `, text: `@${user.username}`, sign: avatar(user.username, 'small'), about });
  const everybody = ['channel', 'here', 'all'].filter((one) => name && one.startsWith(name))
    .map((one) => ({ start, put: `@${one} `, text: `@${one}`, sign: '@', about: 'Everybody in this channel' }));
  return [...found.users.map((user) => option(user, user.is_bot ? 'bot' : '')),
    ...(found.out_of_channel ?? []).map((user) => option(user, 'not in this channel')), ...everybody];
}

async function channels(name, start) {
  const found = await api.channels.complete(state.team, name);
  return found.slice(0, 8).map((one) => ({ start, put: `~${one.name} `, text: `~${one.name}`, sign: '#', about: one.display_name }));
}
