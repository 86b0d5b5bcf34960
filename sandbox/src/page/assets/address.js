// The place in the address: `#team/channel`, `#team/@person`, and behind it a thread's root. So a
// reload keeps the place, and the browser's buttons go back and forth.

import { channelTitle, on, partner, state, userName, userNamed } from './state.js';
import { loadTeam, openChannel, openDirect, openThread } from './channels.js';
import { closeThread } from './thread.js';

let visiting = true; // the address is being followed, so nothing is written into it
let visits = 0; // who presses the button twice wants the second place only

/** Goes where the address says, or to a channel that is good to begin with. */
export async function startAddress() {
  await visit();
  on('channel thread', () => write('pushState'));
  window.addEventListener('popstate', visit);
}

async function visit() {
  visiting = true;
  visits += 1;
  const own = visits;
  const late = () => own !== visits;
  const [team, name, thread] = parts();
  const home = state.teams.find((one) => one.name === team) ?? state.teams[0];
  if (home.id !== state.team) await loadTeam(home.id);
  if (late()) return;
  if (name?.startsWith('@') && userNamed(name.slice(1)) && !find(name)) await openDirect(userNamed(name.slice(1)).id);
  else await openChannel((find(name) ?? find('dev') ?? find('town-square') ?? [...state.channels.values()][0])?.id);
  if (late()) return;
  if (thread) await openThread(thread);
  else closeThread();
  if (late()) return;
  visiting = false;
  write('replaceState');
}

/** `[team, channel, thread]`; a channel alone is one of the first team. */
function parts() {
  let all = [];
  try {
    all = location.hash.slice(1).split('/').map(decodeURIComponent);
  } catch { /* no address of this page */ }
  return all.length < 2 ? [null, all[0]] : all;
}

function find(name) {
  return [...state.channels.values()].find((channel) => nameOf(channel) === name
    && (!channel.team_id || channel.team_id === state.team));
}

const nameOf = (channel) => (channel.type === 'D' ? `@${userName(partner(channel))}` : channel.name);

function write(how) {
  const channel = state.channels.get(state.channel);
  const team = state.teams.find((one) => one.id === state.team);
  if (visiting || !channel || !team) return;
  document.title = `${channelTitle(channel)} · ${state.me.username} · Mattermost sandbox`;
  const place = [team.name, nameOf(channel), state.thread].filter(Boolean);
  const hash = `#${place.map((one) => encodeURIComponent(one).replace(/%40/g, '@')).join('/')}`;
  if (hash !== location.hash) history[how](null, '', location.search + hash);
}
