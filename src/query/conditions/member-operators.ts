/** The operators on the members of a relation to many: `Some`, `Every`, `None`. */

import { type MembersOperator, operator } from './operators.js';
import type { WhereAny } from './where-types.js';

/**
 * At least one member meets the conditions: `{ reviews: Some({ rating: 5 }) }`, `{ reviews: Some({}) }` for those
 * that have any. An object alone means the same.
 *
 * ```sql
 * EXISTS (SELECT 1 FROM "reviews" AS "_1" WHERE "_1"."book_id" = "books"."id" AND "_1"."rating" = ?)
 * ```
 */
export const Some = <T>(where: WhereAny<NoInfer<T>>): MembersOperator<T> => operator('some', [where]);

/**
 * Every member meets the conditions, as it is where there is none. One of which that is unknown, because it holds
 * NULL, does not meet them.
 *
 * ```sql
 * NOT EXISTS (SELECT 1 FROM "reviews" AS "_1" WHERE "_1"."book_id" = "books"."id" AND ("_1"."rating" = ?) IS NOT TRUE)
 * ```
 */
export const Every = <T>(where: WhereAny<NoInfer<T>>): MembersOperator<T> => operator('every', [where]);

/** No member meets the conditions; `None({})` finds those that have none at all. */
export const None = <T>(where: WhereAny<NoInfer<T>>): MembersOperator<T> => operator('none', [where]);
