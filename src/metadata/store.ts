/**
 * Where decorators keep what they declare: on the class itself, under `Symbol.metadata`, in both decorator
 * modes. There is no global list: a class that is gone takes its metadata along, a class declared twice is two.
 *
 * The only mutable part of this floor. Importing it sets up `Symbol.metadata`, which Node 20 does not have.
 */

import { error } from '../base/error-codes.js';
import type { Declaration } from './declarations.js';

const symbols = Symbol as unknown as { metadata?: symbol };
symbols.metadata ??= Symbol.for('Symbol.metadata');

const DECLARATIONS = Symbol.for('limbeck.declarations');

type MetadataObject = Record<symbol, unknown>;

/** What both modes hand to a decorator, sorted out. */
export interface Place {
  readonly kind: 'property' | 'method' | 'class' | 'misplaced';
  /** Absent where the decorator stands on a class. */
  readonly property?: string;
  /** `design:type`; only legacy decorators with `emitDecoratorMetadata` have it. */
  designType?(): unknown;
  readonly problem?: string;
  declare(declaration: Declaration): void;
}

/** The part of a standard decorator's context that is looked at. */
interface StandardContext {
  readonly kind: string;
  readonly name?: string | symbol;
  readonly static?: boolean;
  readonly private?: boolean;
  readonly metadata?: MetadataObject;
}

function isStandardContext(value: unknown): value is StandardContext {
  return typeof value === 'object' && value !== null && typeof (value as StandardContext).kind === 'string';
}

/**
 * Where a decorator stands. Standard decorators are known by their context's `kind`.
 *
 * @param first the class, the prototype, or undefined for a standard field
 * @param second the context of a standard decorator, the key of a legacy one, absent on a legacy class
 * @throws METADATA_MISSING when a standard decorator is given no metadata object
 */
export function placeOf(first: unknown, second: unknown, decorator: string): Place {
  return isStandardContext(second) ? standardPlace(second, decorator) : legacyPlace(first, second);
}

function standardPlace(context: StandardContext, decorator: string): Place {
  const name = String(context.name ?? '');
  if (context.metadata === undefined) throw error('METADATA_MISSING', { decorator, property: name });
  const declare = declareOn(context.metadata);
  if (context.kind === 'class') return { kind: 'class', declare };
  const problem = misplacement(context);
  if (problem !== undefined) return { kind: 'misplaced', property: name, problem, declare };
  return { kind: context.kind === 'method' ? 'method' : 'property', property: name, declare };
}

function misplacement(context: StandardContext): string | undefined {
  if (context.static === true) return 'is static';
  if (context.private === true) return 'is a #private field, which no one outside the class can set';
  if (typeof context.name === 'symbol') return 'has a symbol for a name';
  return context.kind === 'getter' || context.kind === 'setter' ? `is a ${context.kind}` : undefined;
}

function legacyPlace(first: unknown, second: unknown): Place {
  if (second === undefined) return { kind: 'class', declare: declareOn(metadataOf(first as object)) };
  const isStatic = typeof first === 'function';
  const owner = isStatic ? first : (first as object).constructor;
  const declare = declareOn(metadataOf(owner));
  const property = String(second);
  if (isStatic) return { kind: 'misplaced', property, problem: 'is static', declare };
  if (typeof second === 'symbol')
    return { kind: 'misplaced', property, problem: 'has a symbol for a name', declare };
  const isMethod = typeof Object.getOwnPropertyDescriptor(first, property)?.value === 'function';
  const designType = (): unknown => designTypeOf(first as object, property);
  return { kind: isMethod ? 'method' : 'property', property, declare, designType };
}

/** What `emitDecoratorMetadata` wrote; `reflect-metadata` may not be there, and is not asked for here. */
function designTypeOf(prototype: object, property: string): unknown {
  const reflect = Reflect as unknown as {
    getMetadata?(key: string, target: object, property: string): unknown;
  };
  return reflect.getMetadata?.('design:type', prototype, property);
}

/** The class's own metadata object; made, as standard decorators would make it, where there is none. */
function metadataOf(owner: object): MetadataObject {
  const key = symbols.metadata as symbol;
  const slots = owner as Record<symbol, MetadataObject | undefined>;
  if (!Object.hasOwn(owner, key)) {
    const value = Object.create(slots[key] ?? null) as MetadataObject;
    Object.defineProperty(owner, key, { value, configurable: true, writable: true });
  }
  return slots[key] as MetadataObject;
}

function declareOn(metadata: MetadataObject): (declaration: Declaration) => void {
  return (declaration) => {
    if (!Object.hasOwn(metadata, DECLARATIONS)) {
      Object.defineProperty(metadata, DECLARATIONS, { value: [], configurable: true });
    }
    (metadata[DECLARATIONS] as Declaration[]).push(declaration);
  };
}

/** What stands on the class itself, in the order in which its decorators ran; empty where nothing does. */
export function ownDeclarations(target: object): readonly Declaration[] {
  const key = symbols.metadata as symbol;
  if (!Object.hasOwn(target, key)) return [];
  const metadata = (target as Record<symbol, MetadataObject | undefined>)[key];
  if (metadata === undefined || !Object.hasOwn(metadata, DECLARATIONS)) return [];
  return metadata[DECLARATIONS] as readonly Declaration[];
}

/** The class and those it extends, the furthest first. */
export function classChain(target: object): readonly object[] {
  const chain: object[] = [];
  for (let owner: unknown = target; typeof owner === 'function'; owner = Object.getPrototypeOf(owner)) {
    if (owner !== Function.prototype) chain.unshift(owner);
  }
  return chain;
}
