/**
 * `EntityMap`: how one entity lies in its table on one dialect: quoted names, codecs, and accessors from and
 * to the instance, looked up once and used by every statement. `Mapping` holds the maps of one registry.
 *
 * The query side's only reader of metadata; made lazily, because a process seldom touches all its entities.
 */

import { error } from '../../base/error-codes.js';
import { nearestName } from '../../base/text.js';
import type { Dialect, SqlValue } from '../../dialects/contract.js';
import type {
  ColumnMetadata,
  EntityClass,
  EntityMetadata,
  EntityRegistry,
  RelationMetadata,
} from '../../metadata/entity.js';
import { ShapeCache } from '../shape-cache.js';
import { type ColumnCodecs, columnCodecs } from './column-codecs.js';
import { type JoinedTables, joinTables, partEntity, partHolding, withoutSchema } from './joined-tables.js';
import { placeField } from './place-field.js';
import { ANY, computedValue, virtualMeta, virtualName } from './virtual-column.js';

export type { Encoder } from './column-codecs.js';

export type Values = Record<string, unknown>;

/** A column with everything that statements need of it. */
export interface MappedColumn extends ColumnCodecs {
  readonly kind: 'column';
  readonly meta: ColumnMetadata;
  /** Place among all columns of the entity. */
  readonly index: number;
  /** The quoted name. */
  readonly sql: string;
  /** `Class.property`. */
  readonly owner: string;
  /** Of a column that no table holds: its SQL, made from the alias of the entity's table. */
  readonly expression?: (alias: string) => string;
  /** The to-one relation whose key the column holds. */
  relation?: KeyLink;
  /** Further relations whose keys it is a part of. */
  others?: KeyLink[];
}

/** A relation that a column belongs to, and the column of the other side that it refers to. */
export interface KeyLink {
  readonly map: MappedRelation;
  readonly referenced: () => MappedColumn;
}

/** A relation, and the pairs of columns whose values are equal on both sides. */
export interface MappedRelation {
  readonly kind: 'relation';
  readonly meta: RelationMetadata;
  /** The entity that has it. */
  readonly map: EntityMap;
  readonly owner: string;
  readonly toMany: boolean;
  readonly target: EntityMap;
  /** Columns of this entity; with `remote`, pair by pair. With a join table both sides pair with its columns. */
  readonly local: readonly MappedColumn[];
  readonly remote: readonly MappedColumn[];
  readonly joinTable?: {
    readonly sql: string;
    readonly local: readonly string[];
    readonly remote: readonly string[];
  };
}

/** An object inside the entity whose values are columns of its table. */
export interface MappedEmbedded {
  readonly kind: 'embedded';
  readonly fields: ReadonlyMap<string, Field>;
}

export type Field = MappedColumn | MappedRelation | MappedEmbedded;

/** A property that shows the keys of a relation, loaded after the rows. */
export interface MappedRelationId {
  /** The class that has it; rows of a family may be of others. */
  readonly map: EntityMap;
  readonly path: readonly string[];
  readonly property: string;
  readonly relation: MappedRelation;
}

/** Which columns a row holds, by position; what stands behind them in a row is a statement's own business. */
export interface RowLayout {
  readonly map: EntityMap;
  readonly columns: readonly MappedColumn[];
  /** By `MappedColumn.index`: the position in the row, -1 where it is not there. */
  readonly positions: readonly number[];
  /** The positions of columns that no table holds; absent where none are read. */
  readonly virtuals?: ReadonlyMap<MappedColumn, number>;
}

/** What the column that tells the classes of one table apart holds for rows of a class. */
export interface Discriminator {
  readonly column: MappedColumn;
  readonly value: unknown;
  /** Of the class and those below it, as the database stores them. */
  readonly values: readonly SqlValue[];
}

export class EntityMap {
  readonly meta: EntityMetadata;
  /** What its columns are named after in a statement that gives it no other alias. */
  readonly sql: string;
  readonly dialect: Dialect;
  readonly columns: readonly MappedColumn[];
  readonly key: readonly MappedColumn[];
  /** What is read like a column and never written: `@VirtualColumn`, and `@RelationId` of a key of one column. */
  readonly virtuals: readonly MappedColumn[];
  /** By the name of a property: what a condition, an order or a value may name. */
  readonly fields: ReadonlyMap<string, Field>;
  readonly version: MappedColumn | undefined;
  readonly deleteDate: MappedColumn | undefined;
  readonly updateDate: MappedColumn | undefined;
  readonly discriminator: Discriminator | undefined;
  /** What was compiled for this entity, by the shape of the query. */
  readonly shapes = new ShapeCache();
  readonly #byName: ReadonlyMap<string, MappedColumn>;
  readonly #relations = new Map<string, MappedRelation>();
  #allRelations: readonly MappedRelation[] | undefined;
  readonly #mapping: Mapping;
  #family: readonly EntityMap[] | undefined;
  #parts: readonly EntityMap[] | undefined;
  #joined: JoinedTables | undefined;

  constructor(meta: EntityMetadata, mapping: Mapping) {
    this.meta = meta;
    this.#mapping = mapping;
    this.dialect = mapping.dialect;
    this.sql =
      meta.parts === undefined
        ? this.dialect.quoteTable(meta.tableName)
        : this.dialect.quoteIdentifier(withoutSchema(meta.tableName));
    this.columns = meta.columns.map((column, index) => mapColumn(meta, column, index, this.dialect));
    this.#byName = new Map(this.columns.map((column) => [column.meta.name, column]));
    this.key = meta.primaryColumns.map((column) => this.columnNamed(column.name));
    const withRole = (role: ColumnMetadata['role']): MappedColumn | undefined =>
      this.columns.find((column) => column.meta.role === role);
    this.version = withRole('version');
    this.deleteDate = withRole('deleteDate');
    this.updateDate = withRole('updateDate');
    this.discriminator = discriminatorOf(meta, withRole('discriminator'));
    this.virtuals = [...virtualColumnsOf(meta, this.dialect), ...this.#shownKeys()];
    this.fields = this.#mapFields();
    for (const relation of meta.relations) if (isOwningToOne(relation)) this.#linkColumns(relation);
  }

  /** A column by its name in the table. */
  columnNamed(name: string): MappedColumn {
    const column = this.#byName.get(name);
    if (column === undefined) throw this.unknown(name, 'columns');
    return column;
  }

  /** A relation by its property; mapped when first asked for, for its target may map back. */
  relation(property: string): MappedRelation | undefined {
    const known = this.#relations.get(property);
    if (known !== undefined) return known;
    const meta = this.meta.relations.find((each) => each.property === property);
    if (meta === undefined) return undefined;
    const relation = this.#mapRelation(meta);
    this.#relations.set(property, relation);
    return relation;
  }

  /** All relations, in the order in which the class declares them. */
  relations(): readonly MappedRelation[] {
    this.#allRelations ??= this.meta.relations.map(
      ({ property }) => this.relation(property) as MappedRelation,
    );
    return this.#allRelations;
  }

  /** A property of `@RelationId` that no column of the row shows. */
  relationId(property: string): MappedRelationId | undefined {
    const meta = this.meta.relationIds.find((each) => each.property === property);
    const isRead = meta === undefined || this.virtuals.some((column) => column.meta.property === property);
    return isRead
      ? undefined
      : { map: this, path: meta.path, property, relation: this.relation(meta.relation) as MappedRelation };
  }

  /** Whether a property, by its path with dots, is the entity's own: a field, or one that only reading fills. */
  knows(property: string): boolean {
    const isNamed = (each: { readonly property: string }): boolean => each.property === property;
    return (
      this.fields.has(property) || this.meta.relationIds.some(isNamed) || this.meta.relations.some(isNamed)
    );
  }

  /** The entity of a relation's other side. */
  mapOf(target: EntityClass): EntityMap {
    return this.#mapping.of(target);
  }

  /** What stands behind FROM for its rows to be read, named as `sql` says. */
  get source(): string {
    return this.meta.parts === undefined ? this.sql : this.sourceAs(this.sql);
  }

  /** The same under an alias. */
  sourceAs(alias: string): string {
    if (this.meta.parts === undefined) return `${this.sql} AS ${alias}`;
    return `(${this.#tables().select}) AS ${alias}`;
  }

  /**
   * The tables that a row stands in, where each class of its family has one, as entities of their own: what is
   * written goes to them, the first class's first. Undefined where one table holds everything.
   */
  get parts(): readonly EntityMap[] | undefined {
    const { parts } = this.meta;
    if (parts === undefined) return undefined;
    this.#parts ??= parts.map((_, i) => new EntityMap(partEntity(this.meta, i), this.#mapping));
    return this.#parts;
  }

  /** How `source` shows a column of a class below this one: under its own name, unless two classes have that. */
  columnBelow(member: EntityMap, column: MappedColumn): MappedColumn {
    if (this.meta.parts === undefined) return column;
    const { name } = column.meta;
    const sql = this.#tables().nameOf(partHolding(member.meta, name).tableName, name);
    return sql === undefined || sql === column.sql ? column : { ...column, sql };
  }

  /** This class and those below it, of which its rows may be; undefined where there are none below it. */
  get family(): readonly EntityMap[] | undefined {
    const { children } = this.meta;
    if (children.length === 0) return undefined;
    this.#family ??= [this, ...children.map((child) => this.mapOf(child))];
    return this.#family;
  }

  /** The map of the class that its family begins with, whose keys they share; itself where there is none. */
  get root(): EntityMap {
    return this.meta.parent === undefined ? this : this.mapOf(this.meta.parent).root;
  }

  /** The map of an instance's own class where that is below this one; columns of both have the same places. */
  mapOfInstance(entity: object): EntityMap {
    const { family } = this;
    if (family === undefined) return this;
    for (let owner = entity; owner !== null; owner = Object.getPrototypeOf(owner) as object) {
      const found = family.find(({ meta }) => meta.target.prototype === owner);
      if (found !== undefined) return found;
    }
    return this;
  }

  /** The error for a property that is not there, with the nearest one that is. */
  unknown(property: string, place: string, candidates: Iterable<string> = this.fields.keys()): Error {
    const child = this.family?.find(
      ({ fields, meta }) => fields.has(property) || meta.relations.some((each) => each.property === property),
    );
    return error('PROPERTY_UNKNOWN', {
      entity: this.meta.name,
      property,
      place,
      child: child === this ? undefined : child?.meta.name,
      nearest: nearestName(property, candidates),
    });
  }

  /** A new, empty instance. */
  instantiate(): Values {
    return new (this.meta.target as new () => object)() as Values;
  }

  /** A new, empty object for the embedded one at a path. */
  makeEmbedded(path: readonly string[]): object {
    const name = path.join('.');
    const embedded = this.meta.embeddeds.find((each) => each.path.join('.') === name);
    return embedded === undefined ? {} : new (embedded.target as new () => object)();
  }

  isInstance(value: unknown): value is object {
    return value instanceof this.meta.target;
  }

  /** Whether a value is an instance of another entity, which is no data for this one. */
  isStranger(value: object): boolean {
    const owner: unknown = value.constructor;
    // Asked of every row that is written, most of which are plain data.
    if (owner === Object || owner === this.meta.target) return false;
    return !this.isInstance(value) && this.#mapping.registry.entities.some(({ target }) => target === owner);
  }

  #tables(): JoinedTables {
    const below = (this.family ?? []).slice(1).map(({ meta }) => meta);
    this.#joined ??= joinTables(this.dialect, this.meta, below);
    return this.#joined;
  }

  #mapFields(): ReadonlyMap<string, Field> {
    const fields = new Map<string, Field>();
    for (const column of this.columns) {
      const { path, role } = column.meta;
      if (path.length === 0) continue;
      if (role !== 'relation') placeField(fields, path, column);
    }
    for (const column of this.virtuals) placeField(fields, column.meta.path, column);
    for (const relation of this.meta.relations) {
      // A getter, because the other side's map may be under construction.
      const lazy = (): MappedRelation => this.relation(relation.property) as MappedRelation;
      placeField(fields, relation.path, lazyRelation(lazy));
    }
    return fields;
  }

  #linkColumns(relation: RelationMetadata): void {
    relation.joinColumns.forEach(({ column, referenced }) => {
      const mapped = this.columnNamed(column);
      const link: KeyLink = {
        map: lazyRelation(() => this.relation(relation.property) as MappedRelation),
        referenced: () => this.mapOf(relation.target).columnNamed(referenced),
      };
      if (mapped.relation === undefined) mapped.relation = link;
      else mapped.others = [...(mapped.others ?? []), link];
    });
  }

  /** A relation's key that one column of the row holds is that column once more, under another property. */
  #shownKeys(): MappedColumn[] {
    return this.meta.relationIds.flatMap(({ path, property, relation }) => {
      const meta = this.meta.relations.find((each) => each.property === relation);
      const [join, second] = meta?.joinColumns ?? [];
      if (meta === undefined || !isOwningToOne(meta) || join === undefined || second !== undefined) return [];
      const column = this.columnNamed(join.column);
      return [
        {
          ...column,
          index: -1,
          sql: virtualName(property, this.dialect),
          meta: virtualMeta(path, column.meta.type, column.meta.enumValues),
          owner: `${this.meta.name}.${property}`,
          expression: (alias: string) => `${alias}.${column.sql}`,
        },
      ];
    });
  }

  #mapRelation(meta: RelationMetadata): MappedRelation {
    const target = this.mapOf(meta.target);
    const base = {
      kind: 'relation' as const,
      meta,
      map: this,
      owner: `${this.meta.name}.${meta.property}`,
      toMany: meta.kind === 'one-to-many' || meta.kind === 'many-to-many',
      target,
    };
    if (meta.joinTable !== undefined) return this.#mapJoinTable(base, meta);
    const pairs = meta.joinColumns;
    return meta.owning
      ? {
          ...base,
          local: pairs.map(({ column }) => this.columnNamed(column)),
          remote: pairs.map(({ referenced }) => target.columnNamed(referenced)),
        }
      : {
          ...base,
          local: pairs.map(({ referenced }) => this.columnNamed(referenced)),
          remote: pairs.map(({ column }) => target.columnNamed(column)),
        };
  }

  #mapJoinTable(
    base: Omit<MappedRelation, 'local' | 'remote'>,
    { joinTable }: RelationMetadata,
  ): MappedRelation {
    const quote = (name: string): string => this.dialect.quoteIdentifier(name);
    const { name, joinColumns, inverseJoinColumns } = joinTable as NonNullable<RelationMetadata['joinTable']>;
    return {
      ...base,
      local: joinColumns.map(({ referenced }) => this.columnNamed(referenced)),
      remote: inverseJoinColumns.map(({ referenced }) => base.target.columnNamed(referenced)),
      joinTable: {
        sql: this.dialect.quoteTable(name),
        local: joinColumns.map(({ column }) => quote(column)),
        remote: inverseJoinColumns.map(({ column }) => quote(column)),
      },
    };
  }
}

function discriminatorOf(
  { discriminator, parent }: EntityMetadata,
  column: MappedColumn | undefined,
): Discriminator | undefined {
  if (discriminator === undefined || column === undefined) return undefined;
  const isBigint = column.meta.type.kind === 'bigint' && column.meta.as === undefined;
  const own = (value: string | number): unknown => (isBigint ? BigInt(value) : value);
  // Every row of the table is one of the first class.
  const below = parent === undefined ? [] : discriminator.values;
  const values = below.map((value) => column.encode(own(value)));
  return { column, value: own(discriminator.value), values };
}

/** The maps of all entities of one registry on one dialect, each made when it is first asked for. */
export class Mapping {
  readonly registry: EntityRegistry;
  readonly dialect: Dialect;
  readonly #maps = new Map<EntityClass, EntityMap>();

  constructor(registry: EntityRegistry, dialect: Dialect) {
    this.registry = registry;
    this.dialect = dialect;
  }

  /** @throws ENTITY_UNKNOWN naming the class */
  of(target: EntityClass): EntityMap {
    const known = this.#maps.get(target);
    if (known !== undefined) return known;
    const meta = this.registry.get(target);
    // A class of another copy of a module may find the same entity under its own class.
    const map = this.#maps.get(meta.target) ?? new EntityMap(meta, this);
    this.#maps.set(meta.target, map);
    this.#maps.set(target, map);
    return map;
  }
}

/** Whether this entity's own columns hold the key of the other side. */
export function isOwningToOne(relation: RelationMetadata): boolean {
  return relation.owning && relation.joinTable === undefined && relation.kind !== 'one-to-many';
}

/** Stands for a relation and asks for it when something of it is read. */
function lazyRelation(get: () => MappedRelation): MappedRelation {
  return {
    kind: 'relation',
    get meta() {
      return get().meta;
    },
    get map() {
      return get().map;
    },
    get owner() {
      return get().owner;
    },
    get toMany() {
      return get().toMany;
    },
    get target() {
      return get().target;
    },
    get local() {
      return get().local;
    },
    get remote() {
      return get().remote;
    },
    get joinTable() {
      return get().joinTable as NonNullable<MappedRelation['joinTable']>;
    },
  };
}

function mapColumn(
  entity: EntityMetadata,
  meta: ColumnMetadata,
  index: number,
  dialect: Dialect,
): MappedColumn {
  const owner = `${entity.name}.${meta.property}`;
  const sql = dialect.quoteIdentifier(meta.name);
  const isComputed = entity.view !== undefined;
  return { kind: 'column', meta, index, sql, owner, ...columnCodecs(meta, owner, dialect, isComputed) };
}

function virtualColumnsOf(entity: EntityMetadata, dialect: Dialect): MappedColumn[] {
  return entity.virtualColumns.map(({ path, property, type = ANY, query }) => {
    const column = mapColumn(entity, virtualMeta(path, type), -1, dialect);
    const { decode } = column;
    return {
      ...column,
      sql: virtualName(property, dialect),
      decode: (value) => decode(computedValue(type, value)),
      expression: (alias) => `(${query(alias)})`,
    };
  });
}

/** Sets the value at a column's path; makes the embedded objects on the way. */
export function writePath(map: EntityMap, entity: object, path: readonly string[], value: unknown): void {
  let target = entity as Values;
  for (let i = 0; i < path.length - 1; i++) {
    const name = path[i] as string;
    target[name] ??= map.makeEmbedded(path.slice(0, i + 1));
    target = target[name] as Values;
  }
  target[path[path.length - 1] as string] = value;
}
