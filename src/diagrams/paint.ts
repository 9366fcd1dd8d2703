/** Colours of a terminal, where it has them. */

import pc from 'picocolors';

/** What a piece of text is; the painter knows the colour. */
export type Ink = 'plain' | 'strong' | 'faint' | 'good' | 'open' | 'here' | 'name' | 'gone' | 'line';

export type Paint = (ink: Ink, text: string) => string;

export function painter(hasColours: boolean): Paint {
  const colours = pc.createColors(hasColours);
  const inks: Readonly<Record<Ink, (text: string) => string>> = {
    plain: String,
    strong: colours.bold,
    faint: colours.dim,
    good: colours.green,
    open: colours.yellow,
    here: (text) => colours.bold(colours.green(text)),
    name: colours.cyan,
    gone: colours.red,
    line: colours.dim,
  };
  return (ink, text) => (text === '' ? '' : inks[ink](text));
}

/** What a terminal can show. */
export interface Screen {
  /** Cells of a line; unlimited where it is left out. */
  readonly width?: number | undefined;
  readonly colours?: boolean | undefined;
}
