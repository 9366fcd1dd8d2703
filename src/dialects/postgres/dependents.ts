/**
 * What stands in the way of a change of columns and is taken aside for it: views, which PostgreSQL does not let
 * anybody alter underneath ("5.14. Dependency Tracking"). Which views those are is told by the names in their
 * text: too many at worst, never too few. What else belongs to a view is kept by asking the catalog.
 */

import { renameInSql, tokenize } from '../../base/sql-tokens.js';
import type { View } from '../../schema/model.js';
import { literalText, quoteTable, splitName } from './literals.js';

/** Every name that a text says, as the server folds them; `*` for all columns. */
export function namesIn(sql: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { kind, text, value } of tokenize(sql)) {
    if (kind === 'quoted') names.add(value);
    else if (kind === 'word') names.add(text.toLowerCase());
    else if (text === '*') names.add('*');
  }
  return names;
}

/** Whether a text says the name of a table, a view or a type, with its schema or without. */
export function saysName(names: ReadonlySet<string>, name: string): boolean {
  return names.has(splitName(name).name);
}

/** Views that show certain columns of a table, and those that are built on them; the latter last. */
export function viewsOver(
  views: readonly View[],
  isDirect: (names: ReadonlySet<string>, view: string) => boolean,
): View[] {
  const found = new Set(views.filter((view) => isDirect(namesIn(view.query), view.name)));
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const view of views) {
      if ([...found].some((each) => isBuiltOn(view, each))) found.add(view);
    }
  }
  return creationOrderOf([...found]);
}

/**
 * Whether one view may be built on another one. A column can have a view's name: of two that say each other, the
 * one is meant that stands behind FROM or JOIN.
 */
export function isBuiltOn(view: View, other: View): boolean {
  if (view === other || !saysName(namesIn(view.query), other.name)) return false;
  if (!saysName(namesIn(other.query), view.name)) return true;
  return readsFrom(view, other) || !readsFrom(other, view);
}

function readsFrom({ query }: View, { name }: View): boolean {
  const tokens = tokenize(query);
  const own = splitName(name).name;
  return tokens.some((token, i) => {
    const said =
      token.kind === 'quoted' ? token.value : token.kind === 'word' ? token.text.toLowerCase() : undefined;
    if (said !== own) return false;
    const before = tokens[i - 1]?.text === '.' ? tokens[i - 3] : tokens[i - 1];
    return before?.kind === 'word' && /^(?:from|join|only)$/i.test(before.text);
  });
}

/** Views in an order in which they can be made. */
export function creationOrderOf(views: readonly View[]): View[] {
  const ordered: View[] = [];
  let waiting = [...views];
  while (waiting.length > 0) {
    const ready = waiting.filter((view) => {
      return !waiting.some((other) => isBuiltOn(view, other));
    });
    // Names that only look like each other's must not keep anybody waiting for ever.
    const next = ready.length > 0 ? ready : waiting.slice(0, 1);
    ordered.push(...next);
    waiting = waiting.filter((view) => !next.includes(view));
  }
  return ordered;
}

/** A view's text after a table got another name. */
export function withTableRenamed(query: string, from: string, to: string): string {
  const [old, now] = [splitName(from), splitName(to)];
  let text = '';
  let at = 0;
  for (const token of tokenize(query)) {
    const isName =
      (token.kind === 'word' && token.text.toLowerCase() === old.name) ||
      (token.kind === 'quoted' && token.value === old.name);
    if (!isName) continue;
    text += `${query.slice(at, token.start)}${quoteTable(now.name)}`;
    at = token.end;
  }
  return text + query.slice(at);
}

/** A view's text after a column got another name. */
export function withColumnRenamed(query: string, table: string, from: string, to: string): string {
  return saysName(namesIn(query), table) ? renameInSql(query, from, to) : query;
}

/**
 * Selects the statements that give a view back what CREATE VIEW does not say: owner, options, grants, comments,
 * indexes of a materialized one.
 */
export function extrasSql(view: string): string {
  const name = literalText(quoteTable(view));
  const say = (format: string, ...values: readonly string[]): string =>
    `format(${literalText(format)}, ${[`${name}`, ...values].join(', ')})`;
  return `WITH v AS (SELECT c.*, c.oid AS id FROM pg_class c WHERE c.oid = to_regclass(${name}))
SELECT text FROM (
  SELECT 1 AS place, 0 AS part, ${say('ALTER TABLE %s OWNER TO %I', 'pg_get_userbyid(relowner)')} AS text
  FROM v WHERE pg_get_userbyid(relowner) <> current_user
  UNION ALL SELECT 2, 0, ${say('ALTER VIEW %s SET (%s)', "array_to_string(reloptions, ', ')")}
  FROM v WHERE reloptions IS NOT NULL AND relkind = 'v'
  UNION ALL SELECT 3, 0, pg_get_indexdef(i.indexrelid) FROM v JOIN pg_index i ON i.indrelid = v.id
  UNION ALL SELECT 4, 0, ${say('GRANT %2$s ON %1$s TO %3$s%4$s', 'a.privilege_type', "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END", "CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END")}
  FROM v, aclexplode(relacl) a WHERE a.grantee <> relowner
  UNION ALL SELECT 5, d.objsubid, CASE WHEN d.objsubid = 0
    THEN ${say('COMMENT ON %2$s %1$s IS %3$L', "CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END", 'd.description')}
    ELSE ${say('COMMENT ON COLUMN %s.%I IS %L', 'a.attname', 'd.description')} END
  FROM v JOIN pg_description d ON d.objoid = v.id AND d.classoid = 'pg_class'::regclass
    LEFT JOIN pg_attribute a ON a.attrelid = v.id AND a.attnum = d.objsubid AND d.objsubid > 0
) AS extras ORDER BY place, part, text`;
}
