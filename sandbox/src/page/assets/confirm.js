// A question with two answers, and the frame of all dialogs.

import { el, iconButton, refocus } from './dom.js';

/** A modal frame: Escape and the cross end it; `closed` is called once. */
export function modal(title, closed, ...content) {
  const heading = el('h2', { id: `title-${Math.random().toString(36).slice(2)}` }, title);
  const frame = el('dialog', { cls: 'modal', 'aria-labelledby': heading.id },
    el('header', {}, heading, iconButton('close', 'Close', () => frame.dispatchEvent(new Event('cancel', { cancelable: true })))),
    content);
  const origin = document.activeElement;
  const end = (how) => {
    if (!frame.isConnected) return;
    frame.close();
    frame.remove();
    if (origin?.isConnected) {
      // Chromium gives the focus back but not the caret when a dialog goes with its fields.
      origin.blur();
      refocus(origin);
    }
    closed?.(how);
  };
  frame.addEventListener('cancel', (event) => {
    event.preventDefault();
    end('cancelled');
  });
  // Some browsers close a dialog at the second Escape whatever is said.
  frame.addEventListener('close', () => end('cancelled'));
  frame.addEventListener('keydown', (event) => event.stopPropagation());
  document.body.append(frame);
  frame.showModal();
  return { frame, heading, end };
}

/** Whether somebody said yes. */
export function confirmed(title, text, yes) {
  return new Promise((resolve) => {
    const no = el('button', { type: 'button', cls: 'plain' }, 'Cancel');
    const go = el('button', { type: 'button', cls: 'main danger' }, yes);
    const { end } = modal(title, (how) => resolve(how === 'yes'),
      el('div', { cls: 'modal-body' }, el('p', {}, text)), el('footer', {}, no, go));
    no.addEventListener('click', () => end('cancelled'));
    go.addEventListener('click', () => end('yes'));
    go.focus();
  });
}
