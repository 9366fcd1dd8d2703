/**
 * The type of a column: from its name, else from options that say enough or `@Generated('uuid')`, else from what the
 * transpiler emitted about the property. `@MaxLength` of class-validator gives a string its length where none is stated.
 */

import type { ColumnType } from '../schema/model.js';
import { kindOfName, type NamedKind, typeOfKind, unknownType } from '../schema/type-names.js';
import type { DeclarationOf } from './declarations.js';
import type { BuildContext, ColumnPlace } from './draft.js';
import type { ColumnMetadata } from './entity.js';
import type { ColumnOptions, NativeType } from './options.js';
import type { Problems, Spot } from './problems.js';
import { maxLengthOf } from './validator-rules.js';

export interface ResolvedType {
  readonly type: ColumnType;
  readonly enumValues?: readonly string[];
}

/** Stands in for a type that is wrong, so that the build can go on. */
const UNKNOWN: ResolvedType = { type: { kind: 'text' } };

/** What a string column without any length is, as TypeORM has it. */
const REFLECTED_STRING_LENGTH = 255;

const REFLECTED: ReadonlyMap<unknown, NamedKind> = new Map<unknown, NamedKind>([
  [String, 'varchar'],
  [Number, 'integer'],
  [Boolean, 'boolean'],
  [Date, 'timestamp'],
  [BigInt, 'bigint'],
  [Buffer, 'blob'],
  [Uint8Array, 'blob'],
]);

/** A view shows any number, and text of any length. */
const REFLECTED_IN_VIEWS: ReadonlyMap<unknown, NamedKind> = new Map<unknown, NamedKind>([
  ...REFLECTED,
  [String, 'text'],
  [Number, 'double'],
]);

/** Resolves a column's type; tells what is wrong and gives text where it cannot. */
export function resolveType(
  declaration: DeclarationOf<'column'>,
  place: ColumnPlace,
  { problems }: BuildContext,
  generation?: ColumnMetadata['generation'],
): ResolvedType {
  const { options } = declaration;
  if (typeof options.type === 'object') return nativeType(options.type, options, place.at, problems);
  const found = kindOf(declaration, generation, place.at, problems);
  if (found === undefined) return UNKNOWN;
  const { kind, reflected } = found;
  const parameters = parametersOf(kind, options, place.at, problems);
  const isString = kind === 'varchar' || kind === 'char';
  const length = parameters.length ?? (isString ? impliedLength(declaration, place, reflected) : undefined);
  checkAs(kind, options, place.at, problems);
  const { precision, scale } = parameters;
  const type = typeOfKind(kind, { length, precision, scale, array: options.array });
  if (kind !== 'enum') return { type };
  return { type, enumValues: enumValuesOf(options, place.at, problems) };
}

function impliedLength(
  { property }: DeclarationOf<'column'>,
  place: ColumnPlace,
  reflected: boolean,
): number | undefined {
  return maxLengthOf(place.owner, property) ?? (reflected ? REFLECTED_STRING_LENGTH : undefined);
}

function kindOf(
  declaration: DeclarationOf<'column'>,
  generation: ColumnMetadata['generation'],
  at: Spot,
  problems: Problems,
): { kind: NamedKind; reflected: boolean } | undefined {
  const { options, decorator, designType } = declaration;
  if (options.type !== undefined) {
    const kind = kindOfName(String(options.type));
    if (kind !== undefined) return { kind, reflected: false };
    const { problem, cure } = unknownType(options.type);
    problems.add(at, problem, cure);
    return undefined;
  }
  // What `@Generated('uuid')` makes is a uuid, whatever the property's own type lets through.
  const told = kindFromOptions(options) ?? (generation === 'uuid' ? 'uuid' : undefined);
  if (told !== undefined) return { kind: told, reflected: false };
  const kind = (declaration.flavor === 'view' ? REFLECTED_IN_VIEWS : REFLECTED).get(designType);
  if (kind !== undefined) return { kind, reflected: true };
  const why = typeof designType === 'function' ? `, and ${designType.name} is no column type` : '';
  const where = designType === undefined ? ' (the transpiler emits no decorator metadata)' : why;
  problems.add(
    at,
    `nothing says which type the column has${where}`,
    `State it: ${decorator}('varchar', { length: 255 }), ${decorator}('integer'), …`,
  );
  return undefined;
}

/** The order in which options tell the type; `decorators/checks.ts` has the same for the compiler. */
function kindFromOptions(options: ColumnOptions): NamedKind | undefined {
  if (options.enum !== undefined) return 'enum';
  if (options.precision !== undefined || options.scale !== undefined) return 'decimal';
  return options.length === undefined ? undefined : 'varchar';
}

function nativeType(native: NativeType, options: ColumnOptions, at: Spot, problems: Problems): ResolvedType {
  const entries = Object.entries(native).filter(([, sql]) => sql !== undefined);
  const sound =
    entries.length > 0 && entries.every(([, sql]) => typeof sql === 'string' && sql.trim() !== '');
  if (!sound) {
    problems.add(
      at,
      'its native type names no type text',
      "Write type: { postgres: 'tsvector', default: 'text' }",
    );
    return UNKNOWN;
  }
  const type: ColumnType = { kind: 'native', sql: Object.fromEntries(entries) as Record<string, string> };
  return { type: options.array === true ? { kind: 'array', of: type } : type };
}

interface Parameters {
  readonly length?: number | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
}

const NO_PARAMETERS: Parameters = {};

const PARAMETERS_OF: Readonly<Partial<Record<NamedKind, readonly (keyof Parameters)[]>>> = {
  char: ['length'],
  varchar: ['length'],
  decimal: ['precision', 'scale'],
  time: ['precision'],
  timestamp: ['precision'],
  timestamptz: ['precision'],
};

function parametersOf(kind: NamedKind, options: ColumnOptions, at: Spot, problems: Problems): Parameters {
  const { length, precision, scale } = options;
  if (length === undefined && precision === undefined && scale === undefined) return NO_PARAMETERS;
  const allowed = PARAMETERS_OF[kind] ?? [];
  const found: { -readonly [K in keyof Parameters]: Parameters[K] } = {};
  for (const parameter of ['length', 'precision', 'scale'] as const) {
    const given = options[parameter];
    if (given === undefined) continue;
    const value = Number(given);
    const least = parameter === 'length' ? 1 : 0;
    if (!allowed.includes(parameter)) {
      problems.add(
        at,
        `a column of type ${kind} has no ${parameter}`,
        `Leave ${parameter} out, or choose another type`,
      );
    } else if (!Number.isSafeInteger(value) || value < least) {
      problems.add(
        at,
        `its ${parameter} ${String(given)} is no whole number from ${least}`,
        `Give ${parameter} a whole number`,
      );
    } else found[parameter] = value;
  }
  checkScale(kind, found, at, problems);
  return found;
}

function checkScale(kind: NamedKind, { precision, scale }: Parameters, at: Spot, problems: Problems): void {
  if (kind !== 'decimal' || scale === undefined) return;
  if (precision === undefined)
    problems.add(at, 'it has a scale but no precision', 'Add precision: the number of all digits');
  else if (scale > precision) {
    problems.add(
      at,
      `its scale ${scale} is greater than its precision ${precision}`,
      'precision counts all digits, scale those behind the point',
    );
  }
}

function checkAs(kind: NamedKind, { as }: ColumnOptions, at: Spot, problems: Problems): void {
  if (as === undefined) return;
  const allowed: readonly string[] =
    kind === 'bigint' ? ['bigint', 'number', 'string'] : kind === 'decimal' ? ['string', 'number'] : [];
  if (allowed.includes(as)) return;
  const cure =
    allowed.length === 0
      ? 'Leave `as` out: it is for bigint and decimal'
      : `Give one of ${allowed.join(', ')}`;
  problems.add(at, `a column of type ${kind} cannot be read as '${as}'`, cure);
}

function enumValuesOf(options: ColumnOptions, at: Spot, problems: Problems): readonly string[] {
  const given = options.enum as unknown;
  const cure = "Give enum: ['draft', 'published'], or a TypeScript enum whose values are strings";
  if (given === undefined || given === null || typeof given !== 'object') {
    problems.add(at, 'the column is an enum without values', cure);
    return [];
  }
  const values: unknown[] = Array.isArray(given) ? given : Object.values(given);
  if (values.length === 0) problems.add(at, 'the column is an enum without values', cure);
  if (!values.every((value) => typeof value === 'string')) {
    problems.add(
      at,
      'a value of its enum is no string',
      "Give the members strings, or store numbers with @Column('integer')",
    );
    return [];
  }
  if (new Set(values).size < values.length)
    problems.add(at, 'a value of its enum stands there twice', 'Keep each value once');
  return Object.freeze([...values]) as readonly string[];
}
