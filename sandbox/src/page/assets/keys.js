// Keys for the whole page.

import { closeSidebar } from './sidebar.js';
import { closeThread } from './thread.js';
import { openSwitcher } from './switcher.js';
import { toggleWire } from './wire.js';

/** Ctrl+K finds, Escape closes what lies on top. */
export function bindKeys() {
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      openSwitcher();
    } else if (event.key === 'Escape' && !event.defaultPrevented) {
      if (document.body.classList.contains('sidebar-open')) closeSidebar();
      else if (!document.getElementById('thread').hidden) closeThread();
      else if (!document.getElementById('wire').hidden) toggleWire();
    }
  });
}
