/** Colours for light and dark. Written out, for many that draw SVG (librsvg, Inkscape) know no custom properties. */

export type Palette = Readonly<Record<string, string>>;

/**
 * A style for both, as the reader's system is.
 *
 * @param style rules in which `$name` stands for a colour
 */
export function themed(style: string, light: Palette, dark: Palette): string {
  const fill = (palette: Palette): string =>
    style.replace(/\$(\w+)/g, (_, name: string) => palette[name] ?? name);
  return `${fill(light)}@media(prefers-color-scheme:dark){${fill(dark)}}`;
}
