/** `@TreeParent` and `@TreeChildren` as the relations that they are: from a class to itself, and to each other. */

import type { Declaration, DeclarationOf } from './declarations.js';
import { classChain, ownDeclarations } from './store.js';

/** Completes a relation of a tree; any other declaration stays as it is. */
export function treeRelation(declaration: Declaration, owner: object, target: object): Declaration {
  if (declaration.kind !== 'relation' || declaration.tree === undefined) return declaration;
  const other = declaration.tree === 'parent' ? 'children' : 'parent';
  const inverse = relationsOf(target).find(({ tree }) => tree === other)?.property;
  // A class that others extend may be no entity itself.
  const isEntity = ownDeclarations(owner).some(({ kind }) => kind === 'entity' || kind === 'childEntity');
  const self = isEntity ? owner : target;
  return completed(declaration, self, inverse);
}

const known = new WeakMap<Declaration, Map<object, Map<string | undefined, Declaration>>>();

/** The same object for every class that inherits it, so that it is told from one that is declared again. */
function completed(
  declaration: DeclarationOf<'relation'>,
  self: object,
  inverse: string | undefined,
): Declaration {
  const byTarget = known.get(declaration) ?? new Map<object, Map<string | undefined, Declaration>>();
  known.set(declaration, byTarget);
  const byInverse = byTarget.get(self) ?? new Map<string | undefined, Declaration>();
  byTarget.set(self, byInverse);
  const made = byInverse.get(inverse) ?? {
    ...declaration,
    target: () => self,
    ...(inverse === undefined ? {} : { inverse }),
  };
  byInverse.set(inverse, made);
  return made;
}

function relationsOf(target: object): DeclarationOf<'relation'>[] {
  const all = classChain(target).flatMap((owner) => ownDeclarations(owner));
  return all.filter((declaration) => declaration.kind === 'relation');
}
