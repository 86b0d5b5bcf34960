// A menu with search: options of its own, people, channels, or whatever the bot looks up.

import * as api from './api.js';
import { el, fill } from './dom.js';
import { state } from './state.js';

let count = 0;

/** Where options come from: a function from the search word to `[{text, value}]`. */
export function sourceOf(kind, options) {
  if (kind === 'users') {
    return async (word) => {
      const found = await api.users.complete({ in_team: state.team, name: word });
      return found.users.map((user) => ({ text: user.username, value: user.id }));
    };
  }
  if (kind === 'channels') {
    return async (word) => {
      const found = await api.channels.complete(state.team, word);
      return found.map((channel) => ({ text: channel.display_name, value: channel.id }));
    };
  }
  const all = Array.isArray(options) ? options.filter(Boolean) : [];
  return async (word) => all.filter((one) => one.text.toLowerCase().includes(word.toLowerCase()));
}

export class Combobox {
  /** `chosen` gets an option, or with `multiple` the list of all that are chosen. */
  constructor({ label, placeholder = '', source, chosen, multiple = false, key = null, id = null, describedby = null }) {
    count += 1;
    Object.assign(this, { source, chosen, multiple, picked: [], options: [], at: -1, turn: 0 });
    // In the top layer, so that no pane or form cuts it off.
    this.list = el('ul', { role: 'listbox', id: `options-${count}`, 'aria-label': label, popover: 'manual' });
    this.place = () => (this.node.isConnected ? this.put() : this.open(false));
    this.input = el('input', {
      type: 'text', role: 'combobox', autocomplete: 'off', 'aria-label': id ? null : label, placeholder, id,
      'aria-expanded': 'false', 'aria-autocomplete': 'list', 'aria-controls': this.list.id,
      'aria-describedby': describedby, data: key ? { key } : {},
      on: {
        focus: () => this.input.select(), click: () => this.search(''), input: () => this.search(this.input.value),
        keydown: (event) => this.key(event), blur: () => this.left(),
      },
    });
    this.chips = el('div', { cls: 'chips', hidden: !multiple });
    this.node = el('div', { cls: 'combobox' }, this.chips, this.input, this.list);
  }

  /** Shows a choice without telling anybody. */
  show(picked) {
    this.picked = picked;
    if (this.multiple) this.drawChips();
    else this.input.value = picked[0]?.text ?? '';
  }

  async search(word) {
    this.turn += 1;
    const turn = this.turn;
    let options = [];
    let note = 'Nothing found';
    try {
      options = await this.source(word);
    } catch (error) {
      note = error.message;
    }
    if (turn !== this.turn || document.activeElement !== this.input) return;
    const values = this.picked.map((one) => one.value);
    this.options = this.multiple ? options.filter((one) => !values.includes(one.value)) : options;
    this.at = this.options.findIndex((one) => values.includes(one.value));
    // What Enter takes is marked.
    if (word && this.at < 0 && this.options.length) this.at = 0;
    fill(this.list, this.options.map((option, at) => el('li', {
      role: 'option', id: `${this.list.id}-${at}`,
      on: { mousedown: (event) => { event.preventDefault(); this.choose(at); } },
    }, option.text)), this.options.length ? null : el('li', { cls: 'none', role: 'presentation' }, note));
    this.open(true);
    this.mark();
  }

  isOpen() {
    return this.list.matches(':popover-open');
  }

  open(open) {
    this.input.setAttribute('aria-expanded', String(open));
    const change = open ? 'addEventListener' : 'removeEventListener';
    window[change]('scroll', this.place, true);
    window[change]('resize', this.place);
    if (open === this.isOpen()) { if (open) this.put(); return; }
    if (open) {
      this.list.showPopover();
      this.put();
    } else {
      this.list.hidePopover();
      this.input.removeAttribute('aria-activedescendant');
    }
  }

  /** Below the field, or above it where there is more room. */
  put() {
    const box = this.input.getBoundingClientRect();
    const [over, under] = [box.top - 8, innerHeight - box.bottom - 8];
    const above = under < Math.min(this.list.scrollHeight, 220) && over > under;
    Object.assign(this.list.style, {
      left: `${box.left}px`, width: `${box.width}px`, maxHeight: `${Math.min(220, above ? over : under)}px`,
      top: above ? 'auto' : `${box.bottom + 2}px`, bottom: above ? `${innerHeight - box.top + 2}px` : 'auto',
    });
  }

  mark() {
    [...this.list.children].forEach((node, at) => node.setAttribute('aria-selected', String(at === this.at)));
    const node = this.list.children[this.at];
    if (this.at < 0 || !node) return;
    this.input.setAttribute('aria-activedescendant', node.id);
    node.scrollIntoView({ block: 'nearest' });
  }

  key(event) {
    const open = this.isOpen();
    const last = this.options.length - 1;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) return void this.search('');
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.at = last < 0 ? -1 : (this.at + step + last + 1) % (last + 1);
      this.mark();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (open && this.options.length) this.choose(Math.max(this.at, 0));
      else this.search('');
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      this.open(false);
    } else if (event.key === 'Backspace' && this.multiple && !this.input.value && this.picked.length) {
      this.drop(this.picked.length - 1);
    }
  }

  choose(at) {
    const option = this.options[at];
    this.open(false);
    if (this.multiple) {
      this.show([...this.picked, option]);
      this.input.value = '';
      this.chosen(this.picked);
    } else {
      this.show([option]);
      this.chosen(option);
    }
  }

  drop(at) {
    this.show(this.picked.filter((_, other) => other !== at));
    this.chosen(this.picked);
  }

  drawChips() {
    fill(this.chips, this.picked.map((one, at) => el('button', {
      type: 'button', cls: 'chip', 'aria-label': `Remove ${one.text}`, on: { click: () => this.drop(at) },
    }, one.text, ' ×')));
  }

  left() {
    this.open(false);
    if (this.multiple) { this.input.value = ''; return; }
    if (!this.input.value && this.picked.length && this.clears) {
      this.show([]);
      this.chosen({ text: '', value: '' });
    } else {
      this.input.value = this.picked[0]?.text ?? '';
    }
  }
}
