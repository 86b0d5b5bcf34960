// Who may be picked: the sandbox's own people.

import { avatar, el, fill } from './dom.js';

export const PEOPLE = ['ann', 'ben', 'cleo', 'admin'];

/** Known to everybody: this server only pretends. */
export const passwordOf = (name) => `${name}-Passw0rd`;

/** Shows the people; `chosen` gets a name. */
export function pick(chosen) {
  const picker = document.getElementById('picker');
  const people = PEOPLE.map((name) => el('button', {
    type: 'button', cls: 'person', data: { person: name }, on: { click: () => chosen(name) },
  }, avatar(name, 'large'), el('span', {}, name), el('small', {}, name === 'admin' ? 'system admin' : 'member')));
  fill(picker, el('div', { cls: 'card' },
    el('h1', {}, 'Who are you?'),
    el('p', {}, 'This is a pretend Mattermost with your bot on it. Open a second window to be two people.'),
    el('div', { cls: 'people' }, people)));
  document.getElementById('app').hidden = true;
  picker.hidden = false;
  people[0].focus();
}
