// The chat: loads what there is, and keeps it in step with the server.

import * as api from './api.js';
import { emit, state } from './state.js';
import { startAddress } from './address.js';
import { Socket } from './socket.js';
import { heard } from './events.js';
import { banner, tell } from './notices.js';
import { showSidebar } from './sidebar.js';
import { showCenter } from './center.js';
import { showThread } from './thread.js';
import { showWire } from './wire.js';
import { bindKeys } from './keys.js';
import { reload } from './channels.js';

let wasLost = false;

/** Starts the chat as this person. */
export async function start(me, token) {
  Object.assign(state, { me, token });
  state.users.set(me.id, me);
  const [teams, users] = await Promise.all([api.teams.mine(), api.users.all()]);
  state.teams = teams.sort((a, b) => a.create_at - b.create_at);
  for (const user of users) state.users.set(user.id, user);
  document.getElementById('picker').hidden = true;
  document.getElementById('app').hidden = false;
  showSidebar();
  showCenter();
  showThread();
  showWire();
  bindKeys();
  if (teams.length) await startAddress();
  state.socket = new Socket(token, heard, connection);
  window.addEventListener('focus', () => emit('focus'));
}

/** The socket is up or lost. */
function connection(how) {
  if (how === 'lost') {
    wasLost = true;
    document.body.dataset.connection = 'lost';
    banner('The connection to the server is lost. Trying again…');
    renew();
    return;
  }
  document.body.dataset.connection = 'up';
  statuses();
  if (!wasLost) return;
  wasLost = false;
  banner('Connected again.', 'back');
  setTimeout(() => document.body.dataset.connection === 'up' && banner(null), 2_500);
  tell(reload);
}

/** A sandbox that was started anew knows nobody's session: the page logs in again. */
async function renew() {
  const error = await api.users.me().then(() => null, (why) => why);
  if (error?.status !== 401) return;
  sessionStorage.removeItem('session');
  location.reload();
}

async function statuses() {
  const list = await tell(() => api.users.statuses([...state.users.keys()]));
  for (const one of list ?? []) state.statuses.set(one.user_id, one.status);
  emit('statuses');
}
