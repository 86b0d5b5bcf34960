// Elements, made without markup: text goes in as text.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an element. `props` are attributes; `on` holds listeners, `data` the dataset, and
 * attributes that are false or null are left out.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'on') {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (key === 'data') {
      Object.assign(node.dataset, value);
    } else if (key === 'value') {
      node.value = value;
    } else {
      node.setAttribute(key === 'cls' ? 'class' : key, value === true ? '' : value);
    }
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

/** Replaces all children. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/** A button with a name for screen readers, and an icon or a text. */
export function iconButton(icon, label, onclick, props = {}) {
  const { cls = '', ...rest } = props;
  return el('button', {
    type: 'button', cls: `icon-button ${cls}`, 'aria-label': label, title: label,
    on: { click: onclick }, ...rest,
  }, svg(icon));
}

const PATHS = {
  menu: 'M3 6h18M3 12h18M3 18h18',
  close: 'M5 5l14 14M19 5L5 19',
  send: 'M4 12l16-8-5 16-3-7z',
  clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.5a2 2 0 0 1-3-3L14 7',
  smile: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14.5c1.800 2.400 5.200 2.400 7 0M9 9.5v.01M15 9.5v.01',
  reply: 'M9 6L4 11l5 5M4 11h9a7 7 0 0 1 7 7',
  edit: 'M4 20l1-4L16 5l3 3L8 19z',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  plus: 'M12 5v14M5 12h14',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  wire: 'M4 8h13l-3-3M20 16H7l3 3',
  window: 'M13 4h7v7M20 4l-9 9M18 14v6H4V6h6',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  leave: 'M14 4h6v16h-6M4 12h11M11 8l4 4-4 4',
  chevron: 'M6 9l6 6 6-6',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
};

/** A drawing from the page's own set; screen readers skip it. */
export function svg(name) {
  const node = document.createElementNS(SVG, 'svg');
  node.setAttribute('viewBox', '0 0 24 24');
  node.setAttribute('class', 'icon');
  node.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  node.append(path);
  return node;
}

/** A round letter with a colour that stays the same for a name. */
export function avatar(name, cls = '') {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) % 360;
  const node = el('span', { cls: `avatar ${cls}`, 'aria-hidden': 'true' }, [...name][0]?.toUpperCase() ?? '?');
  node.style.setProperty('--hue', String(hash));
  return node;
}

/** Gives the focus back. A post's buttons show only where the focus is, so the post gets it first. */
export function refocus(node) {
  if (!node.isConnected) return;
  node.closest('.post')?.focus({ preventScroll: true });
  node.focus();
}
