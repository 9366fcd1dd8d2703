/**
 * The one function that every decorator runs: finds out where it stands, in either mode, and writes its
 * declaration down. The decorators' own files only say which declaration that is, and with which types.
 */

import type { Declaration } from '../metadata/declarations.js';
import { type Place, placeOf } from '../metadata/store.js';

/** What both modes call; each exported decorator narrows it to the signatures it allows. */
export type AnyDecorator = (first: unknown, second?: unknown) => void;

export interface PropertyPlace {
  readonly property: string;
  /** What the transpiler says about its type, for those who cannot do without. */
  designType?(): unknown;
}

function refuse(place: Place, decorator: string, problem: string, cure: string): void {
  const property = place.property === undefined ? {} : { property: place.property };
  place.declare({ kind: 'misplaced', ...property, decorator, problem, cure });
}

function isOfProperty(place: Place): place is Place & PropertyPlace {
  return place.kind === 'property' && place.property !== undefined;
}

/** A decorator for properties. */
export function onProperty(decorator: string, declaration: (at: PropertyPlace) => Declaration): AnyDecorator {
  return (first, second) => {
    const place = placeOf(first, second, decorator);
    if (isOfProperty(place)) {
      place.declare(declaration(place));
      return;
    }
    const found = place.kind === 'class' ? 'stands on a class' : (place.problem ?? 'stands on a method');
    const what =
      place.kind === 'misplaced' ? `the property under ${decorator} ${found}` : `${decorator} ${found}`;
    refuse(place, decorator, what, 'Put it on an instance property with a name');
  };
}

/** A decorator for classes. */
export function onClass(decorator: string, declaration: () => Declaration): AnyDecorator {
  return (first, second) => {
    const place = placeOf(first, second, decorator);
    if (place.kind === 'class') place.declare(declaration());
    else refuse(place, decorator, `${decorator} stands on a property`, 'Put it on the class');
  };
}

/** A decorator for a class or a property of one. */
export function onClassOrProperty(
  decorator: string,
  declaration: (at: { readonly property?: string }) => Declaration,
): AnyDecorator {
  return (first, second) => {
    const place = placeOf(first, second, decorator);
    if (place.kind === 'class') place.declare(declaration({}));
    else if (place.kind === 'property' && place.property !== undefined) {
      place.declare(declaration({ property: place.property }));
    } else {
      const problem = `${decorator} ${place.kind === 'method' ? 'stands on a method' : `stands where the property ${place.problem}`}`;
      refuse(place, decorator, problem, 'Put it on the class or on a property');
    }
  };
}

/** A decorator for methods. */
export function onMethod(decorator: string, declaration: (at: PropertyPlace) => Declaration): AnyDecorator {
  return (first, second) => {
    const place = placeOf(first, second, decorator);
    if (place.kind === 'method' && place.property !== undefined) {
      place.declare(declaration({ property: place.property }));
    } else
      refuse(place, decorator, `${decorator} does not stand on a method`, 'Put it on an instance method');
  };
}
