/** What a find returns: inference only. The result's type says what was loaded. */

import type { Loaded, Selected } from '../../metadata/relation-types.js';

/**
 * An entity with the relations `R`; only the columns `S` of it, where some were selected.
 *
 * Nothing is inferred from here: what a caller wants to have loaded is no proof that it was.
 */
export type Found<T, S, R> = FoundExactly<T, NoInfer<S>, NoInfer<R>>;

type FoundExactly<T, S, R> = [keyof S] extends [never] ? Loaded<T, R> : Selected<T, S, R>;
