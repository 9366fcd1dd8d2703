/** Mistakes of classes that have a table each: what a row of several tables cannot have. */

import type { Index } from '../schema/model.js';
import type { BuildContext, EntityDraft, PropertyGroup } from './draft.js';
import { isInheritedColumn, spot } from './draft.js';

/** Looks at a class whose table extends that of another; the others have nothing to be looked at. */
export function validateExtended(draft: EntityDraft, { problems }: BuildContext): void {
  const { extended } = draft;
  if (extended === undefined) return;
  for (const group of draft.groups) {
    const above = extended.groups.find(({ property }) => property === group.property);
    if (above === undefined || mainOf(above) === mainOf(group)) continue;
    const problem = `the property is declared again, and ${extended.name} has its column in its own table`;
    problems.add(spot(draft, group.property), problem, 'Leave it out here: it is inherited');
  }
  for (const { what, name, columns } of keysOf(draft)) {
    const strange = columns.find((column) => !draft.table.columns.has(column));
    if (strange === undefined) continue;
    const problem = `its ${what} '${name}' names '${strange}', which stands in the table of a class above`;
    problems.add(
      spot(draft),
      problem,
      'A key lies in one table: declare it there, or leave that property out',
    );
  }
  for (const { meta } of draft.columns) {
    if (meta.role !== 'version' || isInheritedColumn(draft, meta.name)) continue;
    const problem = 'the version of a row is kept in a table that only some of its family have';
    problems.add(spot(draft, meta.property), problem, `Put @VersionColumn on ${topOf(draft).name}`);
  }
}

function topOf(draft: EntityDraft): EntityDraft {
  return draft.extended === undefined ? draft : topOf(draft.extended);
}

function mainOf({ column, relation, embedded, virtual, relationId }: PropertyGroup): unknown {
  return column ?? relation ?? embedded ?? virtual ?? relationId;
}

interface NamedColumns {
  readonly what: string;
  readonly name: string;
  readonly columns: readonly string[];
}

function keysOf({ table }: EntityDraft): NamedColumns[] {
  return [
    ...table.indexes.map((index) => ({ what: 'index', name: index.name, columns: columnsOf(index) })),
    ...table.uniques.map(({ name, columns }) => ({ what: 'unique constraint', name, columns })),
    ...table.foreignKeys.map(({ name, columns }) => ({ what: 'foreign key', name, columns })),
  ];
}

function columnsOf({ columns, include = [] }: Index): string[] {
  return [...columns.flatMap((part) => ('column' in part ? [part.column] : [])), ...include];
}
