/** What the tests of metadata share: entities in, tables or mistakes out. */

import 'reflect-metadata';
import type { MetadataProblem } from '../../src/base/catalogue/metadata';
import { isLimbeckError, type LimbeckError } from '../../src/base/errors';
import { type BuildOptions, buildEntities } from '../../src/metadata/build';
import type { EntityClass } from '../../src/metadata/entity';
import { toSchema } from '../../src/metadata/to-schema';
import type { Column, Schema, Table } from '../../src/schema/model';

export function schemaOf(classes: readonly EntityClass[], options?: BuildOptions): Schema {
  return toSchema(buildEntities(classes, options));
}

export function tableOf(target: EntityClass, others: readonly EntityClass[] = []): Table {
  return buildEntities([target, ...others]).get(target).table;
}

export function columnOf(target: EntityClass, name: string, others: readonly EntityClass[] = []): Column {
  const column = tableOf(target, others).columns.find((c) => c.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

/** The error that a call throws. */
export function thrownBy(call: () => unknown): LimbeckError {
  try {
    call();
  } catch (cause) {
    if (isLimbeckError(cause)) return cause;
    throw cause;
  }
  throw new Error('nothing was thrown');
}

/** The mistakes of entities as lines: `Book.title: problem. Cure.` */
export function mistakesOf(classes: readonly EntityClass[], options?: BuildOptions): string[] {
  const error = thrownBy(() => buildEntities(classes, options));
  expect(error.code).toBe('METADATA_INVALID');
  const problems = error.context.problems as readonly MetadataProblem[];
  const lines = problems.map(({ entity, property, problem, cure }) => {
    return `${property === undefined ? entity : `${entity}.${property}`}: ${problem}. ${cure}.`;
  });
  for (const line of lines) expect(error.message).toContain(line);
  return lines;
}
