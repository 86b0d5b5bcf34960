// What the page knows, and who wants to hear when it changes.

export const state = {
  me: null,
  token: '',
  teams: [],
  teamUnread: new Map(),
  team: null, // its id
  channel: null, // its id
  thread: null, // the root post's id
  users: new Map(),
  statuses: new Map(),
  channels: new Map(),
  members: new Map(), // own memberships by channel
  countedTo: new Map(), // channel → up to when the loaded marks count; an event may be older
  posts: new Map(),
  timelines: new Map(), // channel → ids of its posts, oldest first
  typing: new Map(), // channel/root → Map(user → until)
  unreadFrom: new Map(), // channel → time of the last view before it was opened
};

const bus = new EventTarget();

/** Calls `listener` with the detail of every event of this name. */
export function on(names, listener) {
  for (const name of names.split(' ')) bus.addEventListener(name, (event) => listener(event.detail));
}

/** Tells all listeners. */
export function emit(name, detail) {
  bus.dispatchEvent(new CustomEvent(name, { detail }));
}

export const userName = (id) => state.users.get(id)?.username ?? 'somebody';

export function userNamed(name) {
  for (const user of state.users.values()) if (user.username === name) return user;
  return null;
}

/** The other side of a direct channel. */
export function partner(channel) {
  const [a, b] = channel.name.split('__');
  return a === state.me.id ? b : a;
}

export function channelTitle(channel) {
  if (channel.type === 'G') {
    const others = channel.display_name.split(', ').filter((name) => name !== state.me.username);
    return others.sort().join(', ') || channel.name;
  }
  if (channel.type !== 'D') return channel.display_name || channel.name;
  const id = partner(channel);
  return id === state.me.id ? `${userName(id)} (you)` : userName(id);
}

/** Unread posts and mentions of a channel; in direct ones every post is a mention. */
export function unread(channel) {
  const member = state.members.get(channel.id);
  if (!member) return { messages: 0, mentions: 0 };
  const messages = Math.max(0, channel.total_msg_count - member.msg_count);
  return { messages, mentions: member.mention_count };
}

/** Takes a post in; true if it is new. */
export function keepPost(post) {
  const known = state.posts.get(post.id);
  if (known && known.update_at > post.update_at) return false;
  state.posts.set(post.id, known && !post.metadata ? { ...post, metadata: known.metadata } : post);
  const line = state.timelines.get(post.channel_id) ?? [];
  if (!line.includes(post.id)) {
    let at = line.length;
    while (at > 0 && state.posts.get(line[at - 1]).create_at > post.create_at) at -= 1;
    line.splice(at, 0, post.id);
    state.timelines.set(post.channel_id, line);
  }
  return !known;
}

/** Forgets a post, and with a root its answers. */
export function dropPost(id) {
  const post = state.posts.get(id);
  if (!post) return;
  for (const other of [...state.posts.values()]) {
    if (other.id !== id && other.root_id !== id) continue;
    state.posts.delete(other.id);
    const line = state.timelines.get(other.channel_id) ?? [];
    const at = line.indexOf(other.id);
    if (at >= 0) line.splice(at, 1);
  }
}

export const isEphemeral = (post) => post.type === 'system_ephemeral';
export const isSystem = (post) => post.type.startsWith('system_') && !isEphemeral(post);

/** The posts of a channel's main pane: roots. Threads are collapsed, as is Mattermost's default; so what an
 * integration whispers after a click, which has the clicked post as its root, is in the thread alone. */
export function mainPosts(channel) {
  const line = state.timelines.get(channel) ?? [];
  const all = line.map((id) => state.posts.get(id)).filter(Boolean);
  const from = state.posts.get(line.first)?.create_at ?? 0;
  return all.filter((post) => post.create_at >= from && !post.root_id);
}

/** A thread, its root first. */
export function threadPosts(root) {
  const first = state.posts.get(root);
  if (!first) return [];
  const line = state.timelines.get(first.channel_id) ?? [];
  const answers = line.map((id) => state.posts.get(id)).filter((post) => post?.root_id === root);
  return [first, ...answers];
}
