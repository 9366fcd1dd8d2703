/**
 * Random conditions, each with its meaning: what `where` takes, and beside it the same condition worked out in plain
 * JavaScript with three values (true, false, null for unknown) on rows in memory. Nothing here knows SQL.
 */

import * as fc from 'fast-check';
import {
  And,
  Any,
  Between,
  Equal,
  Every,
  escapeLike,
  ILike,
  In,
  IsNull,
  JsonContains,
  LessThan,
  LessThanOrEqual,
  Like,
  MoreThan,
  MoreThanOrEqual,
  None,
  Not,
  Or,
  Some,
} from 'limbeck';
import { Badge, Note, Owner, Slot, Tag, Thing } from './condition-entities';

export type Tri = boolean | null;
type Row = Record<string, any>;

/** What `where` takes, and what it means of a row. */
export interface Condition {
  readonly where: any;
  readonly holds: (row: Row) => Tri;
}

const not = (a: Tri): Tri => (a === null ? null : !a);
const all = (parts: readonly Tri[]): Tri =>
  parts.includes(false) ? false : parts.includes(null) ? null : true;
const any = (parts: readonly Tri[]): Tri =>
  parts.includes(true) ? true : parts.includes(null) ? null : false;

/** How values of a column compare: a number below, at or above zero. */
type Compare = (a: any, b: any) => number;

interface ColumnKind {
  readonly values: readonly any[];
  readonly compare: Compare;
  readonly ordered: boolean;
  readonly pattern?: boolean;
  readonly json?: boolean;
}

const byNumber: Compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
/** As UTF-8 sorts, which is the order of code points. */
const byBytes: Compare = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const byTime: Compare = (a, b) => byNumber(new Date(a).getTime(), new Date(b).getTime());
const scaled = (text: string): bigint => {
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  return BigInt(whole + fraction.padEnd(4, '0'));
};
const byDecimal: Compare = (a, b) => byNumber(scaled(a), scaled(b));
const asJson = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => byBytes(a, b)))
      : part,
  );
const byJson: Compare = (a, b) => byBytes(asJson(a), asJson(b));

const TEXTS = [
  '',
  'a',
  'A',
  'ab',
  'aB ',
  ' a',
  '%',
  '_',
  'a%b',
  'a_b',
  'axb',
  '\\',
  'b\\',
  "it's",
  'é',
  '😀',
  'zz',
  '10',
];
const numbers = (...values: any[]): ColumnKind => ({ values, compare: byNumber, ordered: true });
const texts = (values: readonly string[], pattern: boolean): ColumnKind => ({
  values,
  compare: byBytes,
  ordered: true,
  pattern,
});

/** The columns of each entity, with values that are hard on somebody. */
export const COLUMNS = {
  thing: {
    id: numbers(...Array.from({ length: 45 }, (_, i) => i)),
    small: numbers(-32768, -1, 0, 1, 32767),
    int: numbers(-2147483648, -2, 0, 3, 5, 2147483647),
    big: numbers(-9223372036854775808n, -1n, 0n, 9007199254740992n, 9007199254740993n, 9223372036854775807n),
    real: numbers(-1234.5, 0, 0.1, 0.5, 3),
    double: numbers(-1e300, -0.1, 0, 0.1, 0.30000000000000004, 5e-324, 1e300),
    dec: { values: ['-0.0001', '0', '0.1', '1.5', '12345678901.2345'], compare: byDecimal, ordered: true },
    flag: numbers(false, true),
    short: texts(TEXTS, true),
    long: texts([...TEXTS, 'x'.repeat(300)], true),
    day: texts(['0001-01-01', '1969-12-31', '2024-02-29', '9999-12-31'], false),
    clock: texts(['00:00:00', '10:00:00', '10:00:00.5', '10:00:00.45', '23:59:59.999'], false),
    at: {
      values: [
        '1969-12-31T23:59:59.999Z',
        '1970-01-01T00:00:00.000Z',
        '2026-03-29T01:30:00.123Z',
        '9999-12-31T23:59:59.999Z',
      ].map((text) => new Date(text)),
      compare: byTime,
      ordered: true,
    },
    micro: texts(
      ['0001-01-01T00:00:00.000000Z', '2026-03-29T01:30:00.123456Z', '2026-03-29T01:30:00.123457Z'],
      false,
    ),
    json: {
      values: [
        { a: 1 },
        { a: 1, b: [1, 2] },
        { b: [1, 2], a: 1 },
        { b: [1] },
        [1, 2],
        ['x'],
        'x',
        1,
        {},
        { a: { c: 'é"' } },
        { a: null },
      ],
      compare: byJson,
      ordered: false,
      json: true,
    },
    uuid: texts(
      [
        '0b9c1d5e-8f0a-4b0e-9a55-0242ac120002',
        'ffffffff-ffff-4fff-8fff-ffffffffffff',
        '0b9c1d5e-8f0a-4b0e-9a55-0242ac120003',
      ],
      false,
    ),
    bytes: {
      values: [[], [0], [0, 255], [39, 92], [255]].map((bytes) => Buffer.from(bytes)),
      compare: byBytes,
      ordered: true,
    },
    mood: { ...texts(['a', 'b', 'c'], false), ordered: false },
    list: { values: [[], ['a'], ['a', 'b c'], ['b c', 'a']], compare: byJson, ordered: false },
  } as Record<string, ColumnKind>,
  maker: { city: texts(TEXTS, true), zip: numbers(-1, 0, 1, 2) } as Record<string, ColumnKind>,
  owner: {
    id: numbers(1n, 2n, 9007199254740993n, 9223372036854775807n),
    name: texts(TEXTS, true),
    age: numbers(0, 1, 2),
  } as Record<string, ColumnKind>,
  slot: { line: numbers(1, 2), place: texts(['a', 'b', ''], true), label: texts(TEXTS, true) } as Record<
    string,
    ColumnKind
  >,
  tag: { name: texts(['a', 'b', "c'"], true), weight: numbers(0.1, 1, 2.5) } as Record<string, ColumnKind>,
  note: { text: texts(TEXTS, true), stars: numbers(1, 2, 3) } as Record<string, ColumnKind>,
  badge: { id: numbers(1, 2, 3, 4), level: numbers(1, 2) } as Record<string, ColumnKind>,
};

export type EntityName = 'thing' | 'owner' | 'slot' | 'tag' | 'note' | 'badge';

interface Relation {
  readonly target: EntityName;
  readonly many: boolean;
  /** Which related rows there are, of those that can be seen. */
  readonly of: (row: Row) => readonly Row[];
  readonly instance: (row: Row) => object;
  /** Whether two rows of the other side are the same. */
  readonly same: Compare;
  /** This side holds the key, so that an entity is compared as a value is. */
  readonly held: boolean;
}

/** The value of a NULL in the row is null; rows refer to each other as objects. */
const one = (row: Row | null): Row[] => (row === null ? [] : [row]);
const fill = <T extends object>(entity: T, values: Row): T => Object.assign(entity, values);

const related = (
  target: EntityName,
  property: string,
  shape: 'one' | 'many' | 'inverse',
  instance: (row: Row) => object,
): Relation => ({
  target,
  many: shape === 'many',
  held: shape === 'one',
  of: (row) => (shape === 'many' ? row[property] : one(row[property])).filter((each: Row) => !each.isDeleted),
  instance,
  same: (a, b) => (a === b ? 0 : 1),
});

const RELATIONS: Record<EntityName, Record<string, Relation>> = {
  thing: {
    owner: related('owner', 'owner', 'one', ({ id }) => fill(new Owner(), { id })),
    slot: related('slot', 'slot', 'one', ({ line, place }) => fill(new Slot(), { line, place })),
    parent: related('thing', 'parent', 'one', ({ id }) => fill(new Thing(), { id })),
    children: related('thing', 'children', 'many', ({ id }) => fill(new Thing(), { id })),
    tags: related('tag', 'tags', 'many', ({ name }) => fill(new Tag(), { name })),
    notes: related('note', 'notes', 'many', ({ id }) => fill(new Note(), { id })),
    badge: related('badge', 'badge', 'inverse', ({ id }) => fill(new Badge(), { id })),
  },
  owner: { things: related('thing', 'things', 'many', ({ id }) => fill(new Thing(), { id })) },
  slot: { things: related('thing', 'things', 'many', ({ id }) => fill(new Thing(), { id })) },
  tag: { things: related('thing', 'things', 'many', ({ id }) => fill(new Thing(), { id })) },
  note: { thing: related('thing', 'thing', 'one', ({ id }) => fill(new Thing(), { id })) },
  badge: { thing: related('thing', 'thing', 'one', ({ id }) => fill(new Thing(), { id })) },
};

/** `LIKE`, worked out character by character. */
function like(text: string, pattern: string): boolean {
  const characters = [...text];
  const parts: { any: boolean; one: boolean; character: string }[] = [];
  const letters = [...pattern];
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i] as string;
    if (letter === '\\') parts.push({ any: false, one: false, character: letters[++i] as string });
    else parts.push({ any: letter === '%', one: letter === '_', character: letter });
  }
  const match = (at: number, part: number): boolean => {
    const wanted = parts[part];
    if (wanted === undefined) return at === characters.length;
    if (wanted.any) {
      for (let end = at; end <= characters.length; end++) if (match(end, part + 1)) return true;
      return false;
    }
    return (
      at < characters.length && (wanted.one || characters[at] === wanted.character) && match(at + 1, part + 1)
    );
  };
  return match(0, 0);
}

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** PostgreSQL's rule of what JSON holds. */
function holdsJson(document: any, wanted: any, top = true): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(document) && wanted.every((each) => document.some((part) => holdsJson(part, each, false)))
    );
  }
  if (wanted !== null && typeof wanted === 'object') {
    return (
      document !== null &&
      typeof document === 'object' &&
      !Array.isArray(document) &&
      Object.keys(wanted).every(
        (key) => Object.hasOwn(document, key) && holdsJson(document[key], wanted[key], false),
      )
    );
  }
  if (top && Array.isArray(document)) return document.includes(wanted);
  return document === wanted;
}

/** What makes random conditions. `likeIgnoresCase` is the one thing in which databases differ here. */
export function arbitraryConditions(
  likeIgnoresCase: boolean,
  rowsOf: (name: EntityName) => readonly Row[],
): fc.Arbitrary<Condition> {
  const patterns = fc.oneof(
    fc.constantFrom('%', '_', 'a%', '%b', '%A%', 'a_b', 'a\\_b', '%\\%%', '', '\\\\%', '😀', '_é', 'ZZ'),
    fc.constantFrom(...TEXTS).map((text) => `%${escapeLike(text)}%`),
  );

  /** A condition on a value, which may stand under any property of the same type. */
  const onValue = (kind: ColumnKind, depth: number): fc.Arbitrary<Condition> => {
    const value = fc.constantFrom(...kind.values);
    const known =
      (test: (value: any) => boolean) =>
      (held: any): Tri =>
        held === null ? null : test(held);
    const plain: fc.Arbitrary<Condition>[] = [
      value.map((v) => ({ where: v, holds: known((held) => kind.compare(held, v) === 0) })),
      value.map((v) => ({ where: Equal(v), holds: known((held) => kind.compare(held, v) === 0) })),
      fc.constant({ where: IsNull(), holds: (held: any) => held === null }),
      fc.tuple(fc.array(value, { maxLength: 5 }), fc.boolean()).map(([list, isAny]) => ({
        where: isAny ? Any(list) : In(list),
        holds: (held: any) =>
          list.length === 0 ? false : held === null ? null : list.some((v) => kind.compare(held, v) === 0),
      })),
    ];
    if (kind.ordered) {
      const orders: [(v: any) => any, (order: number) => boolean][] = [
        [LessThan, (order) => order < 0],
        [LessThanOrEqual, (order) => order <= 0],
        [MoreThan, (order) => order > 0],
        [MoreThanOrEqual, (order) => order >= 0],
      ];
      plain.push(
        fc.tuple(fc.constantFrom(...orders), value).map(([[operator, test], v]) => ({
          where: operator(v),
          holds: known((held) => test(kind.compare(held, v))),
        })),
        fc.tuple(value, value).map(([from, to]) => ({
          where: Between(from, to),
          holds: known((held) => kind.compare(held, from) >= 0 && kind.compare(held, to) <= 0),
        })),
      );
    }
    if (kind.pattern) {
      plain.push(
        patterns.map((pattern) => ({
          where: Like(pattern),
          holds: known((held) => (likeIgnoresCase ? like(lower(held), lower(pattern)) : like(held, pattern))),
        })),
        patterns.map((pattern) => ({
          where: ILike(pattern),
          holds: known((held) => like(lower(held), lower(pattern))),
        })),
      );
    }
    if (kind.json) {
      const parts = [{ a: 1 }, { b: [1] }, { b: [2, 1] }, { a: {} }, [1], ['x'], {}, { a: { c: 'é"' } }, 'x'];
      plain.push(
        fc.constantFrom(...parts).map((part) => ({
          where: JsonContains(part),
          holds: known((held) => holdsJson(held, part)),
        })),
      );
    }
    return combined(fc.oneof(...plain), () => onValue(kind, depth - 1), depth);
  };

  /** The condition itself, or several of them inside Not, And and Or. */
  const combined = (
    leaf: fc.Arbitrary<Condition>,
    deeper: () => fc.Arbitrary<Condition>,
    depth: number,
  ): fc.Arbitrary<Condition> => {
    if (depth <= 0) return leaf;
    const inner = deeper();
    const several = fc.array(inner, { maxLength: 3 });
    return fc.oneof(
      { arbitrary: leaf, weight: 6 },
      {
        arbitrary: inner.map((a) => ({ where: Not(a.where), holds: (row: Row) => not(a.holds(row)) })),
        weight: 2,
      },
      {
        arbitrary: several.map((parts) => ({
          where: And(...parts.map(({ where }) => where)),
          holds: (row: Row) => all(parts.map(({ holds }) => holds(row))),
        })),
        weight: 1,
      },
      {
        arbitrary: several.map((parts) => ({
          where: Or(...parts.map(({ where }) => where)),
          holds: (row: Row) => any(parts.map(({ holds }) => holds(row))),
        })),
        weight: 1,
      },
    );
  };

  const onRelation = (relation: Relation, depth: number): fc.Arbitrary<Condition> => {
    const inside =
      depth <= 1
        ? fc.constant<Condition>({ where: {}, holds: () => true })
        : onEntity(relation.target, depth - 1);
    const rows = rowsOf(relation.target).filter((row) => !row.isDeleted || !relation.many);
    const entity = fc.constantFrom(...rows);
    const isOne = (row: Row, others: readonly Row[]): Tri => {
      if (others.length === 0) return false;
      const members = relation.of(row);
      if (relation.held && members.length === 0) return null;
      return members.some((member) => others.some((other) => relation.same(member, other) === 0));
    };
    const leaves: fc.Arbitrary<Condition>[] = [
      inside.map(({ where, holds }) => ({
        // Not right on a relation is about there being such a row; in a list it is about the row.
        where: 'operands' in where ? [where] : where,
        holds: (row: Row) => relation.of(row).some((member) => holds(member) === true),
      })),
      entity.map((other) => ({ where: relation.instance(other), holds: (row: Row) => isOne(row, [other]) })),
      fc.array(entity, { maxLength: 3 }).map((others) => ({
        where: In(others.map(relation.instance)),
        holds: (row: Row) => isOne(row, others),
      })),
    ];
    if (relation.many) {
      leaves.push(
        inside.map(({ where, holds }) => ({
          where: Some(where),
          holds: (row: Row) => relation.of(row).some((member) => holds(member) === true),
        })),
        inside.map(({ where, holds }) => ({
          where: Every(where),
          holds: (row: Row) => relation.of(row).every((member) => holds(member) === true),
        })),
        inside.map(({ where, holds }) => ({
          where: None(where),
          holds: (row: Row) => !relation.of(row).some((member) => holds(member) === true),
        })),
        fc.tuple(fc.constantFrom(0, 1, 2), fc.boolean()).map(([count, more]) => ({
          where: more ? MoreThan(count) : LessThanOrEqual(count),
          holds: (row: Row) => relation.of(row).length > count === more,
        })),
      );
    } else leaves.push(fc.constant({ where: IsNull(), holds: (row: Row) => relation.of(row).length === 0 }));
    return combined(fc.oneof(...leaves), () => onRelation(relation, depth - 1), depth - 1);
  };

  const onProperty = (name: EntityName, depth: number): fc.Arbitrary<[string, Condition]> => {
    const columns = Object.entries(COLUMNS[name]).map(([property, kind]) =>
      onValue(kind, 2).map(({ where, holds }): [string, Condition] => [
        property,
        { where, holds: (row) => holds(row[property]) },
      ]),
    );
    const relations =
      depth <= 0
        ? []
        : Object.entries(RELATIONS[name]).map(([property, relation]) =>
            onRelation(relation, depth).map((condition): [string, Condition] => [property, condition]),
          );
    const embedded =
      name === 'thing' ? [onMaker(2).map((condition): [string, Condition] => ['maker', condition])] : [];
    return fc.oneof(...columns, ...relations, ...relations, ...embedded);
  };

  const onMaker = (depth: number): fc.Arbitrary<Condition> => {
    const fields = Object.entries(COLUMNS.maker).map(([property, kind]) =>
      fc.option(onValue(kind, 1)).map((condition) => [property, condition] as const),
    );
    const leaf = fc.tuple(...fields).map((parts): Condition => {
      const said = parts.filter((part): part is readonly [string, Condition] => part[1] !== null);
      return {
        where: Object.fromEntries(said.map(([property, { where }]) => [property, where])),
        holds: (row) => all(said.map(([property, { holds }]) => holds(row.maker[property]))),
      };
    });
    return combined(leaf, () => onMaker(depth - 1), depth - 1);
  };

  const known = new Map<string, fc.Arbitrary<Condition>>();
  const onEntity = (name: EntityName, depth: number): fc.Arbitrary<Condition> => {
    const key = `${name} ${depth}`;
    let made = known.get(key);
    if (made === undefined) {
      made = makeEntity(name, depth, 2);
      known.set(key, made);
    }
    return made;
  };

  const makeEntity = (name: EntityName, depth: number, around: number): fc.Arbitrary<Condition> => {
    const object = fc
      .array(onProperty(name, depth), { minLength: 0, maxLength: 3 })
      .map((entries): Condition => {
        const said = [...new Map(entries)];
        return {
          where: Object.fromEntries(said.map(([property, { where }]) => [property, where])),
          holds: (row) => all(said.map(([, { holds }]) => holds(row))),
        };
      });
    const list = fc.array(object, { maxLength: 3 }).map((parts) => ({
      where: parts.map(({ where }) => where),
      holds: (row: Row) => any(parts.map(({ holds }) => holds(row))),
    }));
    const leaf = fc.oneof({ arbitrary: object, weight: 5 }, { arbitrary: list, weight: 1 });
    return combined(leaf, () => makeEntity(name, depth, around - 1), around);
  };

  return onEntity('thing', 3);
}
