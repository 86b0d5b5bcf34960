// Files at posts.

import * as api from './api.js';
import { el, svg } from './dom.js';
import { tell } from './notices.js';

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const pictures = new Map(); // file id → blob address

/** `1.5 kB` and the like. */
export function size(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB'];
  let at = -1;
  let rest = bytes;
  do { rest /= 1_000; at += 1; } while (rest >= 1_000 && at < units.length - 1);
  return `${rest.toFixed(rest < 10 ? 1 : 0)} ${units[at]}`;
}

/** The files of a post. */
export function fileNodes(post) {
  const infos = post.metadata?.files ?? [];
  if (!infos.length) return null;
  return el('div', { cls: 'files' }, infos.map((info) => (PICTURES.includes(info.mime_type) ? picture(info) : plain(info))));
}

function plain(info) {
  return el('button', { type: 'button', cls: 'file', title: info.name, on: { click: () => download(info) } },
    svg('file'), el('span', { cls: 'unseen' }, 'Download '), el('span', { cls: 'file-name' }, info.name), ' ', el('small', {}, size(info.size)));
}

function picture(info) {
  const image = el('img', { alt: info.name });
  address(info).then((url) => { image.src = url; }).catch(() => { image.alt = `${info.name} can't be loaded`; });
  return el('button', { type: 'button', cls: 'picture', title: info.name, 'aria-label': `Download ${info.name}`, on: { click: () => download(info) } }, image);
}

/** Files need the person's token, so they come as blobs. */
async function address(info) {
  if (!pictures.has(info.id)) pictures.set(info.id, URL.createObjectURL(await api.files.blob(info.id)));
  return pictures.get(info.id);
}

async function download(info) {
  const href = await tell(() => address(info));
  if (href) el('a', { href, download: info.name }).click();
}
