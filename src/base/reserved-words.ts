/** Words that at least one of our databases does not take as a bare name; a name of this kind stays quoted. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `
  abort action add after all alter always analyse analyze and array as asc attach autoincrement
  before begin between both by cascade case cast char check collate column commit conflict
  constraint create cross current current_date current_time current_timestamp database decimal
  default deferrable deferred delete desc detach distinct div do drop each else end escape except
  exclude exclusive exists explain fail false fetch filter first float following for foreign from
  full generated glob grant group groups having if ignore immediate in index indexed initially
  inner insert instead int integer intersect interval into is isnull join key keys last lateral
  leading left like limit localtime localtimestamp match materialized mod natural no not nothing
  notnull null nulls of offset on only or order others outer over partition placing plan pragma
  preceding primary query raise range rank read recursive references regexp reindex release rename
  replace restrict returning right rollback row rows savepoint schema select session_user set some
  symmetric system table temp temporary then ties to trailing transaction trigger true unbounded
  union unique update user using vacuum values varchar variadic view virtual when where window with
  without write xor
  `
    .trim()
    .split(/\s+/),
);
