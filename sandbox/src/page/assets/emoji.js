// Emoji by name.

import glyphs from './vendor/emoji.js';

/** The character with this name, or null. */
export const glyph = (name) => (Object.hasOwn(glyphs, name) ? glyphs[name] : null);

const ALL = Object.keys(glyphs);
const USUAL = ['+1', '-1', 'white_check_mark', 'x', 'heart', 'tada', 'smile', 'joy', 'thinking',
  'eyes', 'rocket', 'fire', 'pray', 'clap', 'wave', 'coffee', 'pizza', 'warning', 'question', '100'];

/** Names that fit a word, those that begin with it first; the usual ones for an empty word. */
export function find(word, limit = 60) {
  if (!word) return USUAL.filter(glyph);
  const wanted = word.toLowerCase();
  const begins = ALL.filter((name) => name.startsWith(wanted));
  const contains = ALL.filter((name) => !name.startsWith(wanted) && name.includes(wanted));
  return [...begins, ...contains].slice(0, limit);
}
