/** `limbeck graph`: a picture of the history. */

import { GRAPH_FORMATS } from '../../diagrams/format.js';
import type { GraphResult } from '../../migration/types.js';
import { askedFormat, type PictureOptions, pictureOptions, printPicture, saved } from '../picture.js';
import { defineVerb } from '../verb.js';

export const graph = defineVerb<PictureOptions & { readonly revRange?: string }, GraphResult>({
  usage: 'graph',
  summary: 'draw the history: branches, merges, what is applied',
  options: [
    ...pictureOptions(GRAPH_FORMATS),
    { flags: '-r, --rev-range <range>', words: 'only these, as history takes them' },
  ],
  run: async (call) => {
    const { options, output, open } = call;
    const format = askedFormat(options, GRAPH_FORMATS);
    const screen = options.output === undefined ? output.screen : {};
    return saved(await (await open()).graph({ format, range: options.revRange, ...screen }), call);
  },
  print: printPicture,
});
