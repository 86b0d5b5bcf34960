// Dialogs of integrations. One opens when both have come: the event with the form, and the answer
// to the call that caused it.

import * as api from './api.js';
import { el, fill } from './dom.js';
import { state } from './state.js';
import { block } from './markdown.js';
import { modal } from './confirm.js';
import { field } from './elements.js';
import { openWire } from './wire.js';

const waiting = new Map(); // trigger → form
const caused = new Map(); // trigger → place
const KEPT = 50;

/** Where a form was asked for: what its submission names. */
export const place = (channel_id) => ({
  channel_id, team_id: state.channels.get(channel_id)?.team_id || state.team,
});
export const placeOfPost = (post) => place(post.channel_id);

/** A form came by the WebSocket. */
export function dialogArrived(told) {
  waiting.set(told.trigger_id, told);
  meet(told.trigger_id);
}

/** A command or click was answered. */
export function triggered(trigger, where) {
  if (!trigger) return;
  caused.set(trigger, where);
  if (caused.size > KEPT) caused.delete(caused.keys().next().value);
  meet(trigger);
}

function meet(trigger) {
  if (!waiting.has(trigger) || !caused.has(trigger)) return;
  const { url, dialog } = waiting.get(trigger);
  waiting.delete(trigger);
  new Dialog(url, dialog, caused.get(trigger)).open();
}

class Dialog {
  constructor(url, form, where) {
    // Mattermost's web client goes on naming the first form's callback through all steps.
    Object.assign(this, { url, form, where, callback: form.callback_id, before: {} });
  }

  open() {
    this.content = el('form', { novalidate: true, on: { submit: (event) => this.submit(event) } });
    const { frame, heading, end } = modal(this.form.title, (how) => how === 'cancelled' && this.cancelled(), this.content);
    Object.assign(this, { frame, heading, end });
    this.draw();
  }

  /** Shows the form; `values` were typed before, and the focus is on the field `at`. */
  draw(values = {}, at = null) {
    this.heading.textContent = this.form.title || 'Form';
    this.general = el('p', { cls: 'form-error', role: 'alert' });
    this.fields = (this.form.elements ?? []).map((element) => field(element, values[element.name], {
      lookup: (query) => this.lookup(element, query),
      changed: () => element.refresh && this.refresh(element.name),
    }));
    this.go = el('button', { type: 'submit', cls: 'main' }, this.form.submit_label || 'Submit');
    const stop = el('button', { type: 'button', cls: 'plain', on: { click: () => this.end('cancelled') } }, 'Cancel');
    fill(this.content,
      el('div', { cls: 'modal-body' }, block(this.form.introduction_text, 'markdown introduction'),
        this.fields.map((one) => one.node)),
      el('footer', {}, this.general, stop, this.go));
    const wanted = this.fields.find((one) => one.name === at);
    if (wanted) wanted.focus();
    else (this.content.querySelector('input:not(:disabled), textarea') ?? this.go).focus();
  }

  /** What is filled in. Empty fields are sent as '' at first; after another step they are left out, and values of
   * earlier steps stay. */
  values() {
    const values = { ...this.before };
    for (const one of this.fields) {
      const value = one.value();
      const empty = value === null || value === '' || (Array.isArray(value) && !value.length);
      if (!empty) values[one.name] = value;
      else if (!this.stepped) values[one.name] = '';
    }
    return values;
  }

  body(more) {
    return {
      url: this.url, callback_id: this.callback, state: this.form.state, user_id: state.me.id,
      ...this.where, submission: this.values(), cancelled: false, ...more,
    };
  }

  async submit(event) {
    event.preventDefault();
    if (this.busy) return;
    this.general.replaceChildren();
    const wrong = this.fields.filter((one) => !one.check());
    if (wrong.length) return void wrong[0].focus();
    await this.during(async () => {
      const answer = await api.dialogs.submit(this.body({}));
      if (answer.error || Object.keys(answer.errors ?? {}).length) return this.refused(answer);
      if (answer.type === 'form') {
        this.before = Object.fromEntries(Object.entries(this.values()).filter(([, value]) => value !== ''));
        this.stepped = true;
        this.form = answer.form;
        return this.draw(this.before);
      }
      return this.end('sent');
    });
  }

  refused({ error, errors = {} }) {
    const failing = this.fields.filter((one) => errors[one.name]);
    for (const one of failing) one.fail(errors[one.name]);
    const known = failing.map((one) => one.name);
    const others = Object.entries(errors).filter(([name]) => !known.includes(name)).map(([, text]) => text);
    this.general.textContent = [error, ...others].filter(Boolean).join(' ');
    failing[0]?.focus();
  }

  /** Another form for what was chosen in this field; typing goes on meanwhile. */
  async refresh(name) {
    if (!this.form.source_url) return;
    this.next = name;
    if (this.busy) return;
    this.next = null;
    await this.during(async () => {
      const answer = await api.dialogs.submit(this.body({ url: this.form.source_url, type: 'refresh' }));
      if (answer.error || Object.keys(answer.errors ?? {}).length) return this.refused(answer);
      if (answer.type !== 'form' || !this.frame.isConnected) return null;
      const focused = document.activeElement?.closest('[data-field]')?.dataset.field;
      const values = this.values();
      this.form = answer.form;
      return this.draw(values, focused ?? name);
    });
    if (this.next) await this.refresh(this.next);
  }

  async lookup(element, query) {
    const submission = { ...this.values(), query, selected_field: element.name };
    const answer = await api.dialogs.lookup(this.body({ url: element.data_source_url, submission, type: 'dialog_lookup' }));
    return answer.items ?? [];
  }

  async during(doing) {
    this.busy = true;
    this.go.setAttribute('aria-busy', 'true');
    try {
      await doing();
    } catch (error) {
      const why = error.detail ? `${error.message} (${error.detail})` : error.message;
      fill(this.general, why, ' ', el('button', { type: 'button', cls: 'inline', on: { click: () => { this.end('left'); openWire(); } } }, 'See the wire'));
    } finally {
      this.busy = false;
      this.go.removeAttribute('aria-busy');
    }
  }

  cancelled() {
    if (!this.form.notify_on_cancel) return;
    api.dialogs.submit({ ...this.body({ cancelled: true }), submission: {} }).catch(() => {});
  }
}
