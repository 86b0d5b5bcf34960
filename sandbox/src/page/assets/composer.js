// The place to write: text, files, slash commands, who is typing.

import * as api from './api.js';
import { el, fill, iconButton } from './dom.js';
import { on, state, userName } from './state.js';
import { Completion } from './completion.js';
import { place, triggered } from './dialog.js';
import { edit } from './post.js';
import { openWire } from './wire.js';
import { tell } from './notices.js';

const TYPING_EVERY_MS = 4_000;
const MAX_FILES = 10;
const drafts = new Map(); // channel/root → text and files that were not sent

export class Composer {
  /** `source` has functions: `channel`, `root`, `title`. */
  constructor(pane, id, source) {
    Object.assign(this, { pane, source, files: [], typedAt: 0 });
    this.text = el('textarea', {
      id, rows: 1, dir: 'auto', 'aria-label': 'Write', 'aria-autocomplete': 'list', enterkeyhint: 'send',
      on: { input: () => this.typed(), keydown: (event) => this.pressed(event), paste: (event) => this.take(event.clipboardData?.files, event) },
    });
    this.completion = new Completion(this.text, source);
    this.error = el('div', { cls: 'composer-error', role: 'alert' });
    this.typing = el('div', { cls: 'typing', 'aria-live': 'off' });
    this.chips = el('div', { cls: 'composer-files' });
    const chooser = el('input', { type: 'file', multiple: true, hidden: true, 'aria-label': 'Files', on: { change: () => { this.take(chooser.files); chooser.value = ''; } } });
    const box = el('div', { cls: 'composer-box' }, this.text, this.chips,
      el('div', { cls: 'composer-tools' }, chooser, iconButton('clip', 'Attach files', () => chooser.click()),
        el('span', { cls: 'hint' }, 'Enter sends, Shift+Enter starts a line'),
        iconButton('send', 'Send', () => this.send(), { cls: 'send' })));
    fill(pane, this.error, this.completion.node, box, this.typing);
    pane.classList.add('composer');
    for (const name of ['dragover', 'drop']) pane.addEventListener(name, (event) => event.preventDefault());
    pane.addEventListener('drop', (event) => this.take(event.dataTransfer.files));
    on('typing channel thread', () => this.drawTyping());
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  key() {
    return `${this.source.channel()}/${this.source.root()}`;
  }

  /** Shows what was begun at this place. */
  reset() {
    const title = this.source.title();
    const draft = drafts.get(this.key());
    this.text.placeholder = title;
    this.text.setAttribute('aria-label', title);
    this.text.value = draft?.text ?? '';
    this.files = draft?.files ?? [];
    this.drawFiles();
    this.error.replaceChildren();
    this.completion.close();
    this.grow();
  }

  grow() {
    this.text.style.height = 'auto';
    this.text.style.height = `${Math.min(this.text.scrollHeight, 240)}px`;
  }

  keep() {
    drafts.set(this.key(), { text: this.text.value, files: this.files });
  }

  typed() {
    this.grow();
    this.keep();
    this.error.replaceChildren();
    this.completion.update();
    if (!this.text.value || this.text.value.startsWith('/') || Date.now() - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = Date.now();
    state.socket?.send('user_typing', { channel_id: this.source.channel(), parent_id: this.source.root() });
  }

  pressed(event) {
    if (event.isComposing || this.completion.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === 'ArrowUp' && !this.text.value) {
      const own = [...state.posts.values()].filter((post) => post.user_id === state.me.id
        && post.channel_id === this.source.channel() && !post.type && post.root_id === this.source.root());
      const last = own.sort((a, b) => b.create_at - a.create_at)[0];
      const node = last && this.pane.parentElement.querySelector(`[data-post="${CSS.escape(last.id)}"]`);
      if (node) { event.preventDefault(); edit(last, node); }
    }
  }

  async take(list, event) {
    if (!list?.length) return;
    event?.preventDefault();
    this.keep();
    const { files } = this; // of this place, whatever is shown when they have come
    const channel = this.source.channel();
    for (const file of [...list].slice(0, MAX_FILES - files.length)) {
      const info = await tell(() => api.files.upload(channel, file));
      if (info) files.push(info);
      this.drawFiles();
    }
  }

  drawFiles() {
    fill(this.chips, this.files.map((info, at) => el('button', {
      type: 'button', cls: 'chip', 'aria-label': `Remove ${info.name}`,
      on: { click: () => { this.files.splice(at, 1); this.drawFiles(); } },
    }, info.name, ' ×')));
  }

  async send() {
    const message = this.text.value.trim();
    const key = this.key();
    if ((!message && !this.files.length) || this.busy) return;
    this.busy = true;
    this.error.replaceChildren();
    try {
      if (message.startsWith('/')) await this.run(message);
      else await this.say(message);
      this.sent(key, message);
    } catch (error) {
      this.failed(error, message.startsWith('/'));
    } finally {
      this.busy = false;
    }
  }

  /** What was typed while it was sent stays. */
  sent(key, message) {
    const draft = drafts.get(key);
    if (draft && draft.text.trim() !== message) draft.files = [];
    else drafts.delete(key);
    if (this.key() === key) this.reset();
  }

  async say(message) {
    const pending = `${state.me.id}:${Date.now()}`;
    await api.posts.create({
      channel_id: this.source.channel(), root_id: this.source.root(), message, pending_post_id: pending,
      file_ids: this.files.map((info) => info.id),
    });
    this.typedAt = 0;
  }

  async run(command) {
    const where = place(this.source.channel());
    const answer = await api.commands.execute({ command, ...where, root_id: this.source.root() });
    triggered(answer.trigger_id, where);
  }

  failed(error, command) {
    const why = error.detail ? `${error.message} (${error.detail})` : error.message;
    fill(this.error, why, command && error.status >= 500
      ? [' ', el('button', { type: 'button', cls: 'inline', on: { click: () => openWire('command=') } }, 'See the wire')] : null);
  }

  drawTyping() {
    const people = state.typing.get(`${this.source.channel()}/${this.source.root()}`) ?? new Map();
    const names = [...people].filter(([, until]) => until > Date.now()).map(([id]) => userName(id));
    this.typing.textContent = names.length ? `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} typing…` : '';
  }
}
