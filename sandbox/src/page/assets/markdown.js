// Markdown as Mattermost knows it, made into nodes that can't do harm.
//
// Three walls: markdown-it escapes all markup in the text, DOMPurify lets only known elements and
// links through, and the page's Content-Security-Policy runs no script but its own files.

import './vendor/markdown-it.js';
import './vendor/purify.js';
import hljs from './vendor/highlight/core.js';
import bash from './vendor/highlight/bash.js';
import c from './vendor/highlight/c.js';
import cpp from './vendor/highlight/cpp.js';
import css from './vendor/highlight/css.js';
import diff from './vendor/highlight/diff.js';
import go from './vendor/highlight/go.js';
import ini from './vendor/highlight/ini.js';
import java from './vendor/highlight/java.js';
import javascript from './vendor/highlight/javascript.js';
import json from './vendor/highlight/json.js';
import markdown from './vendor/highlight/markdown.js';
import python from './vendor/highlight/python.js';
import rust from './vendor/highlight/rust.js';
import sql from './vendor/highlight/sql.js';
import typescript from './vendor/highlight/typescript.js';
import xml from './vendor/highlight/xml.js';
import yaml from './vendor/highlight/yaml.js';
import { glyph } from './emoji.js';
import { state, userNamed } from './state.js';

const languages = { bash, c, cpp, css, diff, go, ini, java, javascript, json, markdown, python,
  rust, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);

const EVERYBODY = ['all', 'channel', 'here'];
const ALLOWED = {
  ALLOWED_TAGS: ['p', 'br', 'strong', 'em', 's', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li',
    'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'span'],
  ALLOWED_ATTR: ['href', 'title', 'class', 'role', 'aria-label', 'start', 'data-channel'],
  ADD_URI_SAFE_ATTR: ['data-channel', 'role', 'aria-label', 'start'],
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|#)/i,
  RETURN_DOM_FRAGMENT: true,
};

const md = globalThis.markdownit({ html: false, linkify: true, breaks: true, highlight });

// Mattermost makes links of `www.…`, too, but not of other bare names.
md.linkify.add('www.', {
  validate: (text, pos) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:[/?#][^\s<>"]*[^\s<>"'.,;:!?)\]])?/i.exec(text.slice(pos))?.[0].length ?? 0,
  normalize: (match) => { match.url = `http://${match.url}`; },
});

function highlight(code, language) {
  if (!language || !hljs.getLanguage(language)) return '';
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}

// As Mattermost takes it: two backslashes before a letter stay two, and only marks lose their meaning.
md.inline.ruler.at('escape', (context, silent) => {
  const { src, pos } = context;
  const next = src[pos + 1];
  if (src[pos] !== '\\' || next === undefined) return false;
  const escaped = next === '\\' ? !/\w/.test(src[pos + 2] ?? '') : '`*{}[]()#+-.!_>|~'.includes(next);
  if (!escaped) return false;
  if (!silent) context.pending += next;
  context.pos += 2;
  return true;
});

/** An inline rule: at `sigil`, not behind a letter, what `found` makes of the text after it. */
function rule(name, sigil, found) {
  md.inline.ruler.before('emphasis', name, (context, silent) => {
    const { src, pos } = context;
    if (src[pos] !== sigil || (pos > 0 && /[\p{L}\p{N}_]/u.test(src[pos - 1]))) return false;
    const hit = found(src.slice(pos));
    if (!hit) return false;
    if (!silent) {
      const token = context.push(name, '', 0);
      token.meta = hit;
      token.content = src.slice(pos, pos + hit.length);
    }
    context.pos += hit.length;
    return true;
  });
}

/** The longest known name at the beginning, without punctuation at its end. */
function named(text, known) {
  let name = /^.([\p{L}\p{N}][\p{L}\p{N}._-]*)/u.exec(text)?.[1];
  while (name) {
    if (known(name.toLowerCase())) return { name: name.toLowerCase(), length: name.length + 1 };
    if (!/[._-]$/.test(name)) return null;
    name = name.slice(0, -1);
  }
  return null;
}

function channelNamed(name) {
  for (const channel of state.channels.values()) {
    if (channel.name === name && channel.team_id === state.team) return channel;
  }
  return null;
}

rule('mention', '@', (text) => named(text, (name) => EVERYBODY.includes(name) || userNamed(name)));
rule('channel', '~', (text) => named(text, channelNamed));
rule('emoji', ':', (text) => {
  const name = /^:([a-z0-9_+-]+):/.exec(text)?.[1];
  return name && glyph(name) ? { name, length: name.length + 2 } : null;
});

const escape = md.utils.escapeHtml;
const rules = md.renderer.rules;

rules.mention = (tokens, at) => {
  const { name } = tokens[at].meta;
  const mine = EVERYBODY.includes(name) || name === state.me?.username;
  return `<span class="mention${mine ? ' mine' : ''}">${escape(tokens[at].content)}</span>`;
};
rules.channel = (tokens, at) => {
  const channel = channelNamed(tokens[at].meta.name);
  return `<a class="channel-link" href="#${escape(channel.name)}" data-channel="${escape(channel.id)}">`
    + `~${escape(channel.display_name)}</a>`;
};
rules.emoji = (tokens, at) => {
  const { name } = tokens[at].meta;
  return `<span class="emoji" role="img" aria-label="${escape(name)}" title=":${escape(name)}:">${glyph(name)}</span>`;
};
// Pictures would come from elsewhere: they are shown as links.
rules.image = (tokens, at) => {
  const src = tokens[at].attrGet('src') ?? '';
  const words = escape(tokens[at].content || src);
  return safeUrl(src) ? `<a href="${escape(src)}">${words}</a>` : words;
};
for (const cell of ['th_open', 'td_open']) {
  rules[cell] = (tokens, at) => {
    const side = /text-align:(left|center|right)/.exec(tokens[at].attrGet('style') ?? '')?.[1];
    return side ? `<${tokens[at].tag} class="align-${side}">` : `<${tokens[at].tag}>`;
  };
}

/** The nodes for a text. */
export function render(text) {
  const fragment = globalThis.DOMPurify.sanitize(md.render(text), ALLOWED);
  for (const link of fragment.querySelectorAll('a:not([href])')) link.replaceWith(...link.childNodes);
  for (const link of fragment.querySelectorAll('a:not(.channel-link)')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  // Each block runs the way of its own letters.
  for (const node of fragment.children) node.dir = 'auto';
  for (const item of fragment.querySelectorAll('li')) tick(item);
  for (const code of fragment.querySelectorAll('pre')) code.tabIndex = 0; // its end is reached by arrows
  for (const table of fragment.querySelectorAll('table')) {
    const frame = document.createElement('div');
    frame.className = 'table-frame';
    frame.tabIndex = 0;
    table.replaceWith(frame);
    frame.append(table);
  }
  return fragment;
}

/** `[ ]` and `[x]` at the beginning of an item are boxes. */
function tick(item) {
  const text = item.firstElementChild?.tagName === 'P' ? item.firstElementChild.firstChild : item.firstChild;
  const box = text?.nodeType === Node.TEXT_NODE && /^\s*\[([ xX])\]\s/.exec(text.data);
  if (!box) return;
  text.data = ` ${text.data.slice(box[0].length)}`;
  const input = document.createElement('input');
  Object.assign(input, { type: 'checkbox', disabled: true, checked: box[1] !== ' ', ariaLabel: box[1] === ' ' ? 'open' : 'done' });
  item.prepend(input);
}

/** A text in a block of its own; `null` for none. */
export function block(text, cls = 'markdown') {
  if (!text) return null;
  const node = document.createElement('div');
  node.className = cls;
  node.append(render(text));
  return node;
}

/** The address if it is one of the web or of mail, else null. */
export function safeUrl(text) {
  try {
    const url = new URL(text);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
