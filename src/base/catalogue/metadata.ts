/** Codes of what is wrong with entity classes: all mistakes of all entities are one error. */

import { MetadataError } from '../errors.js';

/** One mistake of one entity. */
export interface MetadataProblem {
  /** The class's name. */
  readonly entity: string;
  readonly property?: string | undefined;
  readonly problem: string;
  /** What to do about it, as a sentence without its full stop. */
  readonly cure: string;
}

function line({ entity, property, problem, cure }: MetadataProblem): string {
  return `  - ${property === undefined ? entity : `${entity}.${property}`}: ${problem}. ${cure}.`;
}

export const METADATA_CODES = {
  METADATA_INVALID: {
    type: MetadataError,
    message: (c: { problems: readonly MetadataProblem[] }) => {
      const count = c.problems.length === 1 ? 'One mistake' : `${c.problems.length} mistakes`;
      return [`${count} in the entities:`, ...c.problems.map(line)].join('\n');
    },
  },
  METADATA_MISSING: {
    type: MetadataError,
    message: (c: { decorator: string; property: string }) =>
      `${c.decorator}${c.property === '' ? '' : ` on '${c.property}'`} was given no metadata object by the transpiler.`,
    hint: "Import 'limbeck' before the class is evaluated, or use a transpiler whose standard decorators have context.metadata.",
  },
  ENTITY_UNKNOWN: {
    type: MetadataError,
    message: (c: { entity: string; known: readonly string[]; nearest?: string | undefined }) =>
      `'${c.entity}' is no entity of this configuration (${c.known.length === 0 ? 'it has none' : c.known.join(', ')}).`,
    hint: (c: { entity: string; known: readonly string[]; nearest?: string | undefined }) =>
      c.known.includes(c.entity)
        ? 'A class of that name is known, but it is another one: its file was loaded twice. Import both from one place.'
        : `${c.nearest === undefined ? '' : `Did you mean '${c.nearest}'? Else a`}${c.nearest === undefined ? 'A' : ''}dd the class or its file to \`entities\`, and see that it carries @Entity().`,
  },
};
