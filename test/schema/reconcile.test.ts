import fc from 'fast-check';
import { canonicalSql } from '../../src/base/sql-tokens';
import { samenessOf } from '../../src/dialects/shared/sameness';
import { apply } from '../../src/schema/apply';
import { diff } from '../../src/schema/diff';
import type { Index, Schema, Table } from '../../src/schema/model';
import { byName } from '../../src/schema/model';
import {
  defaultCheckName,
  defaultForeignKeyName,
  defaultIndexName,
  defaultName,
} from '../../src/schema/naming';
import { normalize, sameSchema } from '../../src/schema/normalize';
import { reconcile, type Sameness } from '../../src/schema/reconcile';
import { type Choices, fromChoices } from '../support/arbitrary-choices';
import { changedSchema, randomSchema } from '../support/arbitrary-schema';
import { column, key, pk, schema, table } from './schemas';

/** A database that keeps no comments, knows no lengths and one collation, and spells expressions its own way. */
const SAMENESS: Sameness = {
  columnPart(part, each, _, of) {
    if (part === 'comment') return '';
    if (part === 'type') {
      const { type } = each;
      if (type.kind === 'enum') return `enum ${JSON.stringify(byName(of.enums, type.name)?.values)}`;
      return type.kind === 'varchar' ? 'varchar' : JSON.stringify(type);
    }
    if (part === 'default')
      return each.default?.kind === 'expression'
        ? canonicalSql(each.default.sql)
        : JSON.stringify(each.default ?? '');
    if (part === 'generated')
      return each.generated ? `${each.generated.stored} ${canonicalSql(each.generated.sql)}` : '';
    return String(each[part] ?? '');
  },
  expression: canonicalSql,
  comment: () => '',
  serves: () => false,
  action: (action) => action ?? '',
  indexOptions: ({ method }) => method ?? '',
  tableOptions: ({ options }) => JSON.stringify(options ?? {}),
  collation: (collation) => (collation ?? '').toLowerCase(),
  isDefaultName: samenessOf({} as never).isDefaultName,
};

const noise = (sql: string): string => `( ${sql.replaceAll(' IS ', ' /* it */ is  ')}\n)`;

/** Every constraint and index with a default name, each name once. */
function withDefaultNames(from: Schema): Schema {
  const tables = from.tables.map((each): Table => {
    const taken = new Set<string>();
    const named = <T extends { name: string }>(list: readonly T[], name: (item: T) => string): T[] =>
      list
        .map((item) => ({ ...item, name: name(item) }))
        .filter((item) => !taken.has(item.name) && taken.add(item.name));
    const primaryKey = each.primaryKey && { ...each.primaryKey, name: defaultName('pk', each.name) };
    if (primaryKey) taken.add(primaryKey.name);
    return {
      ...each,
      ...(primaryKey && { primaryKey }),
      uniques: named(each.uniques, ({ columns }) => defaultName('uq', each.name, columns)),
      checks: named(each.checks, ({ expression }) => defaultCheckName(each.name, expression)),
      foreignKeys: named(each.foreignKeys, (k) => defaultForeignKeyName(each.name, k.columns, k.refTable)),
      exclusions: [],
      indexes: named(each.indexes, ({ columns }) => defaultIndexName(each.name, columns)),
    };
  });
  // Keys whose target lost its unique to another of that name would be invalid, which is nothing to reconcile.
  return { ...from, tables };
}

/** What a database made of it: other names (each other's included), other wording, comments lost, other order. */
function asFound(c: Choices, wanted: Schema): Schema {
  const tables = c.shuffle(wanted.tables).map((each): Table => {
    const { comment: _, ...rest } = each;
    const renamed = <T extends { readonly name: string }>(list: readonly T[]): T[] => {
      const names = c.chance(50)
        ? c.shuffle(list.map(({ name }) => name))
        : list.map((item, i) => `auto ${i} ${item.name}`);
      return c.shuffle(list.map((item, i) => ({ ...item, name: names[i] as string })));
    };
    const wordy = (index: Index): Index => ({
      ...index,
      ...(index.where !== undefined && { where: noise(index.where) }),
    });
    return {
      ...rest,
      ...(each.primaryKey && { primaryKey: { ...each.primaryKey, name: 'auto pk' } }),
      columns: each.columns.map(({ comment, ...rest }) => ({
        ...rest,
        ...(rest.generated && { generated: { ...rest.generated, sql: noise(rest.generated.sql) } }),
        ...(rest.type.kind === 'varchar' && { type: { kind: 'varchar', length: 7 } as const }),
      })),
      uniques: renamed(each.uniques),
      checks: renamed(each.checks).map((check) => ({ ...check, expression: noise(check.expression) })),
      foreignKeys: renamed(each.foreignKeys),
      indexes: renamed(each.indexes).map(wordy),
    };
  });
  return { ...wanted, tables };
}

describe('laws', () => {
  test('what a database made of a schema does not differ from it', () => {
    const pair = fromChoices((c) => {
      const wanted = withDefaultNames(randomSchema(c, {}));
      return [asFound(c, wanted), wanted] as const;
    }, 1000);
    fc.assert(
      fc.property(pair, ([found, wanted]) =>
        expect(diff(reconcile(found, wanted, SAMENESS), wanted)).toEqual([]),
      ),
      { numRuns: 1000 },
    );
  });

  test('nothing is changed where the canonical text differs', () => {
    const pair = fromChoices((c) => {
      const wanted = randomSchema(c, {});
      return [asFound(c, changedSchema(c, wanted, {})), wanted] as const;
    }, 1200);
    const property = fc.property(pair, ([found, wanted]) => {
      const told = reconcile(found, wanted, SAMENESS);
      // The words are the wanted ones, the meaning is that of the found side.
      expect(meaning(told)).toEqual(meaning(found));
      // And what is left to do still leads to what is wanted.
      expect(sameSchema(apply(told, diff(told, wanted)), wanted)).toBe(true);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test('a schema is told in its own words already', () => {
    const property = fc.property(
      fromChoices((c) => randomSchema(c, {})),
      (a) => {
        expect(reconcile(a, a, SAMENESS)).toEqual(normalize(a));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});

/** All of the tables that is not a name that nobody chose, in the database's canonical words. */
function meaning(of: Schema): unknown {
  const sorted = (list: readonly unknown[]): string[] => list.map((item) => JSON.stringify(item)).sort();
  return normalize(of).tables.map((each) => ({
    name: each.name,
    columns: each.columns.map((one) => [
      one.name,
      one.nullable,
      ...(['type', 'default', 'generated', 'autoIncrement', 'collation'] as const).map((part) =>
        SAMENESS.columnPart(part, one, each, of),
      ),
    ]),
    primaryKey: each.primaryKey?.columns,
    uniques: sorted(each.uniques.map((one) => [one.columns, one.deferrable, one.nullsNotDistinct])),
    checks: sorted(each.checks.map(({ expression }) => canonicalSql(expression))),
    foreignKeys: sorted(
      each.foreignKeys.map((k) => [
        k.columns,
        k.refTable,
        k.refColumns,
        k.onDelete,
        k.onUpdate,
        k.deferrable,
      ]),
    ),
    indexes: sorted(
      each.indexes.map((one) => [
        one.columns.map((part) => [
          'column' in part ? part.column : canonicalSql(part.expression),
          part.order,
          part.nulls,
          part.operatorClass,
          part.length,
          part.collation?.toLowerCase(),
        ]),
        one.unique,
        one.where && canonicalSql(one.where),
        one.method,
        one.include,
        one.nullsNotDistinct,
      ]),
    ),
    exclusions: sorted(each.exclusions),
  }));
}

describe('names', () => {
  const index = (name: string, on: string): Index => ({ name, columns: [{ column: on }], unique: false });
  const names = (told: Schema): string[] =>
    told.tables
      .flatMap((each) =>
        [...each.uniques, ...each.checks, ...each.foreignKeys, ...each.indexes].map(({ name }) => name),
      )
      .sort();
  const told = (found: Partial<Table>, wanted: Partial<Table>): string[] =>
    names(
      reconcile(schema([table('t', ['a', 'b'], found)]), schema([table('t', ['a', 'b'], wanted)]), SAMENESS),
    );

  test('a name that nobody chose gives way to the one in the database', () => {
    expect(told({ indexes: [index('foreign', 'a')] }, { indexes: [index('ix_t_a', 'a')] })).toEqual([
      'ix_t_a',
    ]);
  });

  test('a name that somebody chose is carried out', () => {
    expect(told({ indexes: [index('foreign', 'a')] }, { indexes: [index('mine', 'a')] })).toEqual([
      'foreign',
    ]);
    expect(told({ indexes: [index('ix_t_a', 'a')] }, { indexes: [index('mine', 'a')] })).toEqual(['ix_t_a']);
  });

  test('a constraint that has no name in the database takes any', () => {
    const unique = (name: string): Partial<Table> => ({ uniques: [{ name, columns: ['a'] }] });
    expect(told(unique('uq_t_a'), unique('mine'))).toEqual(['mine']);
    expect(told(unique('theirs'), unique('mine'))).toEqual(['theirs']);
  });

  test('of two that are equal the one of the same name is meant', () => {
    const two = [index('ix_t_a', 'a'), index('other', 'a')];
    expect(told({ indexes: [...two].reverse() }, { indexes: two })).toEqual(['ix_t_a', 'other']);
    expect(told({ indexes: two }, { indexes: [index('ix_t_a', 'a')] })).toEqual(['ix_t_a', 'other']);
  });

  test('of two that are equal only one takes the name', () => {
    const two = [index('x', 'a'), index('y', 'a')];
    expect(told({ indexes: two }, { indexes: [index('ix_t_a', 'a')] })).toEqual(['ix_t_a', 'y']);
  });

  test('names that were exchanged are exchanged back', () => {
    const wanted = { indexes: [index('ix_t_a', 'a'), index('ix_t_b', 'b')] };
    const found = { indexes: [index('ix_t_a', 'b'), index('ix_t_b', 'a')] };
    const both = [found, wanted].map((parts) => schema([table('t', ['a', 'b'], parts)])) as [Schema, Schema];
    expect(diff(reconcile(...both, SAMENESS), both[1])).toEqual([]);
  });

  test('nothing takes a name that something else keeps', () => {
    expect(
      told({ indexes: [index('ix_t_a', 'b'), index('other', 'a')] }, { indexes: [index('ix_t_a', 'a')] }),
    ).toEqual(['ix_t_a', 'other']);
    // Across kinds of constraints as well.
    const found: Partial<Table> = {
      uniques: [{ name: 'theirs', columns: ['a'] }],
      checks: [{ name: 'uq_t_a', expression: 'b > 0' }],
    };
    expect(told(found, { uniques: [{ name: 'uq_t_a', columns: ['a'] }] })).toEqual(['theirs', 'uq_t_a']);
    // One that stays keeps its name from the next.
    const three = { indexes: [index('ix_t_a', 'b'), index('ix_t_b', 'a'), index('keeps', 'a')] };
    expect(
      told(
        { ...three, indexes: [...three.indexes, { ...index('last', 'b'), unique: true }] },
        { indexes: [index('ix_t_a', 'a'), { ...index('ix_t_b', 'b'), unique: true }] },
      ),
    ).toHaveLength(4);
  });
});

describe('what models do not describe', () => {
  test('views, sequences and triggers that nobody wants here are left alone', () => {
    const theirs = schema([table('t', ['a'])], {
      views: [
        { name: 'v', query: 'SELECT 1' },
        { name: 'w', query: '(select  "a" from t)' },
      ],
      sequences: [{ name: 's' }],
      triggers: [{ name: 'tr', table: 't', sql: {} }],
    });
    const wanted = schema([table('t', ['a'])], { views: [{ name: 'w', query: 'SELECT a FROM t' }] });
    expect(diff(reconcile(theirs, wanted, SAMENESS), wanted)).toEqual([]);
  });

  test('an enum goes by the wanted name where all its columns do', () => {
    const using = (name: string): Schema =>
      schema([table('t', [column('s', { type: { kind: 'enum', name } })])], {
        enums: [{ name, values: ['a', 'b'] }],
      });
    expect(diff(reconcile(using('t_s_enum'), using('status'), SAMENESS), using('status'))).toEqual([]);
  });

  test('tables on one side only stay as they are', () => {
    const found = schema([
      table('t', ['a'], pk('a')),
      table('theirs', ['x'], { foreignKeys: [key('x', 't', 'a')] }),
    ]);
    const wanted = schema([
      table('t', ['a'], { primaryKey: { name: 'pk_t', columns: ['a'] } }),
      table('ours', ['y']),
    ]);
    expect(diff(reconcile(found, wanted, SAMENESS), wanted).map(({ kind }) => kind)).toEqual([
      'dropTable',
      'createTable',
    ]);
  });
});
