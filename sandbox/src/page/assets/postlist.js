// A list of posts: days, who goes on, the line above what is new.

import { el } from './dom.js';
import { isSystem, state } from './state.js';
import { postNode } from './post.js';

const TOGETHER_MS = 5 * 60_000;
const NEAR_TOP_PX = 160;
const DAY = new Intl.DateTimeFormat('en', { weekday: 'long', month: 'long', day: 'numeric' });

export class PostList {
  /** `source` has functions: `posts`, and where wanted `unreadFrom`, `older` and `empty`. */
  constructor(pane, source) {
    Object.assign(this, { pane, source, inThread: Boolean(source.inThread) });
    this.rows = el('div', { cls: 'post-rows' });
    pane.replaceChildren(this.rows);
    // Pictures and cards grow: who was at the bottom stays there.
    this.atEnd = true;
    pane.addEventListener('scroll', () => {
      this.atEnd = this.isAtEnd();
      if (pane.scrollTop < NEAR_TOP_PX && !this.atEnd) this.older();
    });
    pane.addEventListener('keydown', (event) => this.key(event));
    const sizes = new ResizeObserver(() => this.atEnd && this.toEnd());
    sizes.observe(this.rows);
    sizes.observe(pane);
  }

  /** Loads older posts, once at a time. */
  async older() {
    const load = this.source.older?.();
    if (!load || this.loading) return;
    this.loading = true;
    await load();
    this.loading = false;
  }

  /** Arrows go from post to post; Tab goes into one. */
  key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!step || !event.target.classList.contains('post')) return;
    event.preventDefault();
    const all = this.articles();
    const at = Math.max(0, Math.min(all.indexOf(event.target) + step, all.length - 1));
    all[at].focus();
  }

  articles() {
    return [...this.rows.querySelectorAll('.post')];
  }

  /** One post is reached by Tab: the newest. */
  reachable() {
    const all = this.articles();
    all.forEach((node, at) => { node.tabIndex = at === all.length - 1 ? 0 : -1; });
  }

  isAtEnd() {
    return this.pane.scrollHeight - this.pane.scrollTop - this.pane.clientHeight < 60;
  }

  toEnd() {
    this.pane.scrollTop = this.pane.scrollHeight;
  }

  /** Draws everything; `anew` for another channel. */
  draw(anew = false) {
    const before = this.pane.scrollHeight - this.pane.scrollTop;
    const stay = !anew && !this.atEnd;
    const nodes = [];
    const older = this.source.older?.();
    if (older) nodes.push(el('button', { type: 'button', cls: 'older', on: { click: () => this.older() } }, 'Show older posts'));
    const posts = this.source.posts();
    if (!posts.length && this.source.empty) nodes.push(el('p', { cls: 'empty' }, this.source.empty()));
    let previous = null;
    let marked = false;
    const from = this.source.unreadFrom?.();
    for (const post of posts) {
      if (!previous || !sameDay(previous, post)) nodes.push(this.day(post));
      if (!marked && from !== null && from !== undefined && post.create_at > from && post.user_id !== state.me.id) {
        nodes.push(el('div', { cls: 'line new', role: 'separator' }, el('span', {}, 'New')));
        marked = true;
        previous = null;
      }
      nodes.push(this.node(post, previous));
      previous = post;
    }
    this.rows.replaceChildren(...nodes);
    this.reachable();
    if (stay) this.pane.scrollTop = this.pane.scrollHeight - before;
    else this.toEnd();
    this.atEnd = !stay;
  }

  day(post) {
    return el('div', { cls: 'line', role: 'separator' }, el('span', {}, DAY.format(post.create_at)));
  }

  node(post, previous) {
    const together = previous && !isSystem(previous) && !isSystem(post) && previous.user_id === post.user_id && !post.root_id === !previous.root_id
      && previous.type === post.type && post.create_at - previous.create_at < TOGETHER_MS
      && !previous.props?.override_username && !post.props?.override_username;
    return postNode(post, { together, inThread: this.inThread });
  }

  /** A new post: at its end, or all again where it belongs elsewhere. */
  add(post) {
    const posts = this.source.posts();
    const at = posts.findIndex((one) => one.id === post.id);
    if (at < 0) return;
    if (this.find(post.id)) return this.change(post.id);
    if (at !== posts.length - 1 || at === 0) return this.draw();
    const previous = posts[at - 1];
    const nodes = sameDay(previous, post) ? [] : [this.day(post)];
    nodes.push(this.node(post, nodes.length ? null : previous));
    this.rows.append(...nodes);
    this.reachable();
    if (this.atEnd || post.user_id === state.me.id) this.toEnd();
  }

  find(id) {
    return this.rows.querySelector(`[data-post="${CSS.escape(id)}"]`);
  }

  /** Draws one post again; the focus stays on the same control. */
  change(id) {
    const old = this.find(id);
    const post = state.posts.get(id);
    if (!old || !post || old.querySelector('.editing')) return;
    const inside = old.contains(document.activeElement);
    const key = inside && document.activeElement.dataset.key;
    const typed = old.querySelector('.combobox input:focus');
    if (typed?.getAttribute('aria-expanded') === 'true') {
      typed.addEventListener('blur', () => this.change(id), { once: true });
      return;
    }
    const node = postNode(post, { together: old.classList.contains('together'), inThread: this.inThread });
    node.tabIndex = old.tabIndex;
    old.replaceWith(node);
    // The buttons show only where the focus is, and what doesn't show can't take it.
    if (inside) node.focus({ preventScroll: true });
    if (key) node.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }

  remove(id) {
    const node = this.find(id);
    if (!node) return;
    const [all, inside] = [this.articles(), node.contains(document.activeElement)];
    const at = all.indexOf(node);
    const neighbour = (all[at + 1] ?? all[at - 1])?.dataset.post;
    if (node.nextElementSibling?.classList.contains('together')) this.draw();
    else node.remove();
    this.reachable();
    if (inside && neighbour) this.find(neighbour)?.focus({ preventScroll: true });
  }
}

function sameDay(a, b) {
  return new Date(a.create_at).toDateString() === new Date(b.create_at).toDateString();
}
