// Light and dark: the system's choice until somebody chooses.

import { iconButton } from './dom.js';

const dark = matchMedia('(prefers-color-scheme: dark)');

function chosen() {
  return localStorage.getItem('theme') ?? (dark.matches ? 'dark' : 'light');
}

/** Puts the theme on the page. */
export function applyTheme() {
  document.documentElement.dataset.theme = chosen();
}

dark.addEventListener('change', applyTheme);
window.addEventListener('storage', applyTheme);

/** A button that switches. */
export function themeButton() {
  const isDark = chosen() === 'dark';
  const button = iconButton(isDark ? 'sun' : 'moon', isDark ? 'Light theme' : 'Dark theme', () => {
    localStorage.setItem('theme', chosen() === 'dark' ? 'light' : 'dark');
    applyTheme();
    button.replaceWith(themeButton());
    document.querySelector('.theme-button').focus();
  }, { cls: 'theme-button' });
  return button;
}
