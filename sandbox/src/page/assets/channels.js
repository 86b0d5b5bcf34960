// Teams and channels: loading, opening, joining, reading.

import * as api from './api.js';
import { emit, keepPost, state } from './state.js';
import { tell } from './notices.js';

/** Makes a team the shown one and loads its channels. */
export async function loadTeam(id) {
  state.team = id;
  const [channels, members, unread] = await Promise.all([
    api.channels.mine(id), api.channels.memberships(id), api.teams.unread()]);
  state.channels = new Map(channels.map((channel) => [channel.id, channel]));
  state.members = new Map(members.map((member) => [member.channel_id, member]));
  state.countedTo = new Map(channels.map((channel) => [channel.id, channel.last_post_at]));
  state.teamUnread = new Map(unread.map((one) => [one.team_id, one]));
  emit('channels');
}

/** Loads one channel that became known. */
export async function loadChannel(id) {
  if (!state.channels.has(id)) await loadTeam(state.team);
}

/** Everything again, after a connection was lost: what was missed comes by REST. */
export async function reload() {
  await loadTeam(state.team);
  const known = [...state.timelines.keys()];
  for (const id of known) if (id !== state.channel) state.timelines.delete(id);
  if (!state.channels.has(state.channel)) return;
  await loadPosts(state.channel);
  if (state.thread) await loadThread(state.thread);
}

/** Shows a channel. */
export async function openChannel(id) {
  if (!id || !state.channels.has(id)) return;
  state.channel = id;
  const member = state.members.get(id);
  if (member) state.unreadFrom.set(id, hasUnread(id) ? Math.max(member.last_viewed_at, 0) : null);
  emit('channel');
  if (!state.timelines.get(id)?.complete) await tell(() => loadPosts(id));
  view(id);
}

function hasUnread(id) {
  return state.channels.get(id).total_msg_count > state.members.get(id).msg_count;
}

async function loadPosts(id) {
  const list = await api.channels.posts(id);
  const before = state.timelines.get(id);
  // Posts that were shown go on without a gap if the oldest of the new ones is among them.
  const goesOn = Boolean(before?.complete && before.includes(list.order.at(-1)));
  await take(list);
  const fresh = new Set(list.order);
  const line = state.timelines.get(id) ?? [];
  // What was deleted meanwhile goes; whispers are in no list and stay.
  const oldest = Math.min(...list.order.map((one) => state.posts.get(one).create_at), Infinity);
  const stays = line.filter((one) => {
    const post = state.posts.get(one);
    return fresh.has(one) || post.type === 'system_ephemeral' || post.create_at < oldest;
  });
  state.timelines.set(id, stays);
  if (goesOn) Object.assign(stays, { complete: true, more: before.more, first: before.first });
  else reaches(stays, list);
  emit('posts', id);
}

/** How far back a timeline goes without a gap: single older posts may be known, too. */
function reaches(line, list) {
  const more = Boolean(list.prev_post_id);
  Object.assign(line, { complete: true, more, first: more ? list.order.at(-1) : null });
}

/** Older posts of the shown channel. */
export async function loadOlder() {
  const id = state.channel;
  const line = state.timelines.get(id);
  if (!line?.more) return;
  const list = await tell(() => api.channels.posts(id, { before: line.first }));
  if (!list) return;
  await take(list);
  reaches(state.timelines.get(id), list);
  emit('posts', id);
}

/** Opens a thread at the side. */
export async function openThread(root) {
  state.thread = root;
  emit('thread');
  await tell(() => loadThread(root));
  if (state.posts.has(root) || state.thread !== root) return;
  state.thread = null; // an old address
  emit('thread');
}

async function loadThread(root) {
  await take(await api.posts.thread(root));
  emit('thread-posts', root);
}

async function take(list) {
  const posts = Object.values(list.posts);
  await knowUsers(posts.map((post) => post.user_id));
  // Posts of the same millisecond stand as the server has them: the newest first.
  const newest = new Map(list.order.map((id, at) => [id, at]));
  posts.sort((a, b) => a.create_at - b.create_at || (newest.get(b.id) ?? 0) - (newest.get(a.id) ?? 0));
  for (const post of posts) keepPost(post);
}

/** Loads people who are not known yet. */
export async function knowUsers(ids) {
  const unknown = [...new Set(ids)].filter((id) => id && !state.users.has(id));
  if (!unknown.length) return;
  for (const user of await api.users.byIds(unknown)) state.users.set(user.id, user);
}

/** The channel is read. */
export async function view(id) {
  const channel = state.channels.get(id);
  const member = state.members.get(id);
  if (!channel || !member || document.hidden) return;
  Object.assign(member, {
    msg_count: channel.total_msg_count, mention_count: 0, last_viewed_at: Date.now(),
  });
  emit('channels');
  await api.channels.view(id).catch(() => {});
}

/** A direct channel with somebody; made where it is missing. */
export async function openDirect(user) {
  const channel = await tell(() => api.channels.direct(state.me.id, user));
  if (!channel) return;
  if (!state.channels.has(channel.id)) await loadTeam(state.team);
  if (!state.channels.has(channel.id)) state.channels.set(channel.id, channel);
  await openChannel(channel.id);
}

/** Joins a public channel and opens it. */
export async function joinChannel(id) {
  if (!state.channels.has(id)) {
    if (!(await tell(() => api.channels.join(id, state.me.id)))) return;
    await loadTeam(state.team);
  }
  await openChannel(id);
}

/** Leaves a channel and shows another one. */
export async function leaveChannel(id) {
  if (!(await tell(() => api.channels.leave(id)))) return;
  await loadTeam(state.team);
  const other = [...state.channels.values()].find((channel) => channel.name === 'town-square');
  await openChannel((other ?? [...state.channels.values()][0])?.id);
}
