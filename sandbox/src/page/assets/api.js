// Mattermost's REST API, as far as the page speaks it.

const BASE = '/api/v4';
let token = '';

/** An answer that is no success, in the server's own words. */
export class ApiError extends Error {
  constructor(status, body) {
    super(body.message || `The server answered with status ${status}.`);
    this.status = status;
    this.id = body.id ?? '';
    this.detail = body.detailed_error ?? '';
  }
}

/** Which person speaks from now on. */
export function useToken(value) {
  token = value;
}

async function send(method, path, { json, form } = {}) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    const body = form ?? (json === undefined ? undefined : JSON.stringify(json));
    response = await fetch(path, { method, headers, body });
  } catch {
    throw new ApiError(0, { message: 'The server does not answer.' });
  }
  if (!response.ok) {
    const text = await response.text();
    let body = {};
    try { body = JSON.parse(text); } catch { body = { message: text.slice(0, 200) }; }
    throw new ApiError(response.status, body);
  }
  return response;
}

const get = async (path) => (await send('GET', BASE + path)).json();
const post = async (path, json = {}) => (await send('POST', BASE + path, { json })).json();
const put = async (path, json = {}) => (await send('PUT', BASE + path, { json })).json();
const del = async (path) => (await send('DELETE', BASE + path)).json();
const query = (params) => new URLSearchParams(params).toString();

/** Logs in; gives back the person's profile and the session's token. */
export async function login(login_id, password) {
  const response = await send('POST', `${BASE}/users/login`, { json: { login_id, password } });
  return { user: await response.json(), token: response.headers.get('Token') };
}

export const users = {
  me: () => get('/users/me'),
  all: () => get('/users?per_page=200'),
  byIds: (ids) => post('/users/ids', ids),
  statuses: (ids) => post('/users/status/ids', ids),
  complete: (params) => get(`/users/autocomplete?${query(params)}`),
  logout: () => post('/users/logout'),
};

export const teams = {
  mine: () => get('/users/me/teams'),
  unread: () => get('/users/me/teams/unread'),
};

export const channels = {
  mine: (team) => get(`/users/me/teams/${team}/channels`),
  memberships: (team) => get(`/users/me/teams/${team}/channels/members`),
  get: (id) => get(`/channels/${id}`),
  complete: (team, name) => get(`/teams/${team}/channels/autocomplete?${query({ name })}`),
  join: (id, user_id) => post(`/channels/${id}/members`, { user_id }),
  leave: (id) => del(`/channels/${id}/members/me`),
  members: (id) => get(`/channels/${id}/members?per_page=200`),
  direct: (a, b) => post('/channels/direct', [a, b]),
  create: (channel) => post('/channels', channel),
  view: (channel_id) => post('/channels/members/me/view', { channel_id }),
  posts: (id, params = {}) => get(`/channels/${id}/posts?${query({ per_page: 60, ...params })}`),
};

export const posts = {
  create: (body) => post('/posts', body),
  patch: (id, body) => put(`/posts/${id}/patch`, body),
  remove: (id) => del(`/posts/${id}`),
  thread: (id) => get(`/posts/${id}/thread?perPage=200&direction=down`),
  pin: (id, pinned) => post(`/posts/${id}/${pinned ? 'pin' : 'unpin'}`),
  unread: (id) => post(`/users/me/posts/${id}/set_unread`),
  act: (id, action, body) => post(`/posts/${id}/actions/${action}`, body),
  react: (user_id, post_id, emoji_name) => post('/reactions', { user_id, post_id, emoji_name }),
  unreact: (id, emoji) => del(`/users/me/posts/${id}/reactions/${encodeURIComponent(emoji)}`),
};

export const commands = {
  suggest: (team, params) => get(`/teams/${team}/commands/autocomplete_suggestions?${query(params)}`),
  execute: (body) => post('/commands/execute', body),
};

export const dialogs = {
  submit: (body) => post('/actions/dialogs/submit', body),
  lookup: (body) => post('/actions/dialogs/lookup', body),
};

export const files = {
  async upload(channel_id, file) {
    const form = new FormData();
    form.append('channel_id', channel_id);
    form.append('files', file, file.name);
    const answer = await (await send('POST', `${BASE}/files`, { form })).json();
    return answer.file_infos[0];
  },
  blob: async (id) => (await send('GET', `${BASE}/files/${id}`)).blob(),
};

/** Not part of Mattermost: what crossed the wire between server and bot. */
export const wire = async (since) => (await send('GET', `/sandbox/wire?${query({ since })}`)).json();
