// Begins: who is it, then the chat.

import * as api from './api.js';
import { start } from './chat.js';
import { pick, passwordOf, PEOPLE } from './people.js';
import { applyTheme } from './theme.js';
import { toast } from './notices.js';

applyTheme();

const wanted = new URLSearchParams(location.search).get('as');
const kept = JSON.parse(sessionStorage.getItem('session') ?? 'null');

/** Enters as a person. The address says who, so that a window keeps its person. */
async function enter(name, token) {
  let session = token ? { name, token } : null;
  if (!session) session = { name, token: (await api.login(name, passwordOf(name))).token };
  api.useToken(session.token);
  const me = await api.users.me();
  sessionStorage.setItem('session', JSON.stringify(session));
  history.replaceState(null, '', `?as=${encodeURIComponent(name)}${location.hash}`);
  await start(me, session.token);
}

async function begin() {
  const name = PEOPLE.includes(wanted) ? wanted : kept?.name;
  if (name && kept?.name === name) {
    try {
      return await enter(name, kept.token);
    } catch {
      sessionStorage.removeItem('session'); // of an earlier sandbox
      api.useToken('');
    }
  }
  if (name) return enter(name);
  return pick((chosen) => enter(chosen).catch((error) => toast(error.message)));
}

begin().catch((error) => {
  toast(error.message);
  pick((chosen) => enter(chosen).catch((again) => toast(again.message)));
});
