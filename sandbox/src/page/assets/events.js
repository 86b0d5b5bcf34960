// What the WebSocket tells.

import { dropPost, emit, isEphemeral, keepPost, state, userName } from './state.js';
import { announce, tell } from './notices.js';
import { knowUsers, loadChannel, loadTeam, openChannel, view } from './channels.js';
import { dialogArrived } from './dialog.js';

const TYPING_MS = 6_000;

const handlers = {
  posted(data) {
    posted(JSON.parse(data.post), JSON.parse(data.mentions ?? '[]'));
  },
  ephemeral_message(data) {
    const post = JSON.parse(data.post);
    keep(post, `Only visible to you: ${post.message}`);
  },
  post_edited(data) {
    const post = JSON.parse(data.post);
    // What only one person sees is stored nowhere, so its new form doesn't say when it was made.
    const known = state.posts.get(post.id);
    keepPost(known && isEphemeral(post) ? { ...post, create_at: known.create_at } : post);
    emit('post', post.id);
  },
  post_deleted(data) {
    const { id } = JSON.parse(data.post);
    const post = state.posts.get(id);
    if (!post) return;
    const root = state.posts.get(post.root_id);
    dropPost(id);
    if (root) root.reply_count = Math.max(0, root.reply_count - 1);
    emit('dropped', { id, channel: post.channel_id, root: post.root_id });
  },
  reaction_added: (data) => reacted(JSON.parse(data.reaction), true),
  reaction_removed: (data) => reacted(JSON.parse(data.reaction), false),
  typing(data, broadcast) {
    const key = `${broadcast.channel_id}/${data.parent_id}`;
    const people = state.typing.get(key) ?? new Map();
    people.set(data.user_id, Date.now() + TYPING_MS);
    state.typing.set(key, people);
    emit('typing');
    setTimeout(() => emit('typing'), TYPING_MS + 50);
  },
  status_change(data) {
    state.statuses.set(data.user_id, data.status);
    emit('statuses');
  },
  multiple_channels_viewed(data) {
    for (const id of Object.keys(data.channel_times)) {
      const [channel, member] = [state.channels.get(id), state.members.get(id)];
      if (channel && member) Object.assign(member, { msg_count: channel.total_msg_count, mention_count: 0 });
    }
    emit('channels');
  },
  post_unread(data, broadcast) {
    const member = state.members.get(broadcast.channel_id);
    if (member) Object.assign(member, data);
    emit('channels');
  },
  open_dialog: (data) => dialogArrived(JSON.parse(data.dialog)),
  channel_updated(data) {
    const channel = JSON.parse(data.channel);
    state.channels.set(channel.id, channel);
    emit('channels');
  },
  channel_deleted: () => refreshTeam(),
  channel_created: () => refreshTeam(),
  direct_added: () => refreshTeam(),
  group_added: () => refreshTeam(),
  added_to_team: () => refreshTeam(),
  user_added: (data) => data.user_id === state.me.id && refreshTeam(),
  user_removed: (data) => data.channel_id && refreshTeam(),
  new_user: (data) => tell(() => knowUsers([data.user_id])),
};

/** Takes an event; unknown ones are ignored. */
export function heard({ event, data, broadcast }) {
  handlers[event]?.(data, broadcast);
}

async function refreshTeam() {
  await tell(() => loadTeam(state.team));
  if (!state.channels.has(state.channel)) {
    await openChannel([...state.channels.values()].find((one) => one.name === 'town-square')?.id);
  }
}

async function keep(post, words) {
  await tell(() => knowUsers([post.user_id]));
  keepPost(post);
  emit('new-post', post);
  const shown = !isEphemeral(post) || !post.root_id || post.root_id === state.thread;
  if (post.channel_id === state.channel && shown) announce(words);
}

async function posted(post, mentions) {
  if (!state.channels.has(post.channel_id)) await tell(() => loadChannel(post.channel_id));
  count(post, mentions);
  const root = state.posts.get(post.root_id);
  if (root && !state.posts.has(post.id)) root.reply_count = (root.reply_count ?? 0) + 1;
  state.typing.get(`${post.channel_id}/${post.root_id}`)?.delete(post.user_id);
  const own = post.user_id === state.me.id;
  await keep(post, own ? '' : `${userName(post.user_id)}: ${post.message}`);
  if (root) emit('post', root.id);
  emit('typing');
}

/** Unread marks; what is shown is read at once. */
function count(post, mentions) {
  const [channel, member] = [state.channels.get(post.channel_id), state.members.get(post.channel_id)];
  if (!channel || !member || state.posts.has(post.id)) return;
  if (post.create_at > (state.countedTo.get(post.channel_id) ?? 0)) {
    channel.last_post_at = post.create_at;
    if (!post.type.startsWith('system_')) channel.total_msg_count += 1;
    if (mentions.includes(state.me.id)) member.mention_count += 1;
  }
  if (post.user_id === state.me.id) member.msg_count = channel.total_msg_count;
  if (post.channel_id === state.channel && !document.hidden) {
    view(post.channel_id);
  } else {
    emit('channels');
  }
}

function reacted(reaction, added) {
  const post = state.posts.get(reaction.post_id);
  if (!post) return;
  const others = (post.metadata?.reactions ?? []).filter(
    (one) => one.user_id !== reaction.user_id || one.emoji_name !== reaction.emoji_name);
  post.metadata = { ...post.metadata, reactions: added ? [...others, reaction] : others };
  emit('post', post.id);
}
