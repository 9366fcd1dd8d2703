/** How wide text is in a terminal or a font of equal letters, and how it is made to fit. */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian wide characters and emoji take two cells (UAX 11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const MARK_ALONE = /^[\p{M}\u200c\u200d]+$/u;

/** Cells that a text takes. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += cells(segment);
  return width;
}

function cells(segment: string): number {
  if (MARK_ALONE.test(segment)) return 0;
  return WIDE.test(segment) ? 2 : 1;
}

/** A text in so many cells at most; one that is cut ends in `…`. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  let taken = 0;
  let cut = '';
  for (const { segment } of segmenter.segment(text)) {
    taken += cells(segment);
    if (taken > width - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** A text in exactly so many cells. */
export function pad(text: string, width: number): string {
  const fitted = shorten(text, width);
  return fitted + ' '.repeat(width - widthOf(fitted));
}
