/**
 * What stands in the way of a change of columns and is taken aside for it: views, which PostgreSQL does not let
 * anybody alter underneath ("5.14. Dependency Tracking"). Which views those are is told by the names in their
 * text: too many at worst, never too few. What else belongs to a view is kept by asking the catalog.
 */

import { renameInSql, tokenize } from '../../base/sql-tokens.js';
import type { View } from '../../schema/model.js';
import { splitTableName } from '../../schema/table-names.js';
import { literalText, quoteTable } from './literals.js';

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
  return names.has(splitTableName(name).name);
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
  const own = splitTableName(name).name;
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
  const [old, now] = [splitTableName(from), splitTableName(to)];
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
 * Selects the statements that give a view back what CREATE VIEW does not say: owner, options, grants, comments, rules,
 * what its columns have, indexes of a materialized one.
 */
export function extrasSql(view: string): string {
  const name = literalText(quoteTable(view));
  const say = (format: string, ...values: readonly string[]): string =>
    `format(${literalText(format)}, ${[name, ...values].join(', ')})`;
  const kind = "CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END";
  const grantee = "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END";
  const option = "CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END";
  const alterColumn = (what: string, ...values: readonly string[]): string =>
    say(`ALTER %2$s %1$s ALTER COLUMN %3$I ${what}`, kind, 'c.attname', ...values);
  return `WITH v AS (SELECT c.*, c.oid AS id FROM pg_class c WHERE c.oid = to_regclass(${name})),
c AS (SELECT v.id, relkind, relowner, attname, attnum, attacl, attoptions, attstattarget
  FROM v JOIN pg_attribute ON attrelid = v.id AND attnum > 0 AND NOT attisdropped)
SELECT text FROM (
  SELECT 1 AS place, 0 AS part, ${say('ALTER TABLE %s OWNER TO %I', 'pg_get_userbyid(relowner)')} AS text
  FROM v WHERE pg_get_userbyid(relowner) <> current_user
  UNION ALL SELECT 2, 0, ${say('ALTER %2$s %1$s SET (%3$s)', kind, "array_to_string(reloptions, ', ')")}
  FROM v WHERE reloptions IS NOT NULL
  UNION ALL SELECT 2, attnum, ${alterColumn('SET DEFAULT %4$s', 'pg_get_expr(d.adbin, d.adrelid)')}
  FROM c JOIN pg_attrdef d ON d.adrelid = c.id AND d.adnum = c.attnum
  UNION ALL SELECT 2, attnum, ${alterColumn('SET STATISTICS %4$s', 'attstattarget::text')}
  FROM c WHERE relkind = 'm' AND attstattarget >= 0
  UNION ALL SELECT 2, attnum, ${alterColumn('SET (%4$s)', "array_to_string(attoptions, ', ')")}
  FROM c WHERE attoptions IS NOT NULL
  UNION ALL SELECT 3, 0, pg_get_indexdef(i.indexrelid) FROM v JOIN pg_index i ON i.indrelid = v.id
  UNION ALL SELECT 4, 0, format('COMMENT ON INDEX %s IS %L', i.indexrelid::regclass, d.description)
  FROM v JOIN pg_index i ON i.indrelid = v.id
    JOIN pg_description d ON d.objoid = i.indexrelid AND d.classoid = 'pg_class'::regclass
  UNION ALL SELECT 4, 0, ${say('ALTER MATERIALIZED VIEW %s CLUSTER ON %I', 'x.relname')}
  FROM v JOIN pg_index i ON i.indrelid = v.id AND i.indisclustered JOIN pg_class x ON x.oid = i.indexrelid
  UNION ALL SELECT 5, 0, pg_get_ruledef(r.oid)
  FROM v JOIN pg_rewrite r ON r.ev_class = v.id AND r.rulename <> '_RETURN'
  UNION ALL SELECT 6, 0, ${say('GRANT %2$s ON %1$s TO %3$s%4$s', 'a.privilege_type', grantee, option)}
  FROM v, aclexplode(relacl) a WHERE a.grantee <> relowner
  UNION ALL SELECT 6, attnum, ${say('GRANT %2$s (%3$I) ON %1$s TO %4$s%5$s', 'a.privilege_type', 'attname', grantee, option)}
  FROM c, aclexplode(attacl) a WHERE a.grantee <> relowner
  UNION ALL SELECT 7, d.objsubid, CASE WHEN d.objsubid = 0
    THEN ${say('COMMENT ON %2$s %1$s IS %3$L', kind.replace('relkind', 'v.relkind'), 'd.description')}
    ELSE ${say('COMMENT ON COLUMN %s.%I IS %L', 'c.attname', 'd.description')} END
  FROM v JOIN pg_description d ON d.objoid = v.id AND d.classoid = 'pg_class'::regclass
    LEFT JOIN c ON c.attnum = d.objsubid
) AS extras ORDER BY place, part, text`;
}

/** Selects the statements that give triggers back what CREATE TRIGGER does not say: whether they fire, comments. */
export function triggerExtrasSql(table: string, triggers: readonly string[]): string {
  const name = literalText(quoteTable(table));
  const fires =
    "CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END";
  return `WITH g AS (SELECT * FROM pg_trigger WHERE tgrelid = to_regclass(${name}) AND tgname = ANY (ARRAY[${triggers.map(literalText).join(', ')}]))
SELECT format('ALTER TABLE %s %s TRIGGER %I', ${name}, ${fires}, tgname) AS text FROM g WHERE tgenabled <> 'O'
UNION ALL SELECT format('COMMENT ON TRIGGER %I ON %s IS %L', tgname, ${name}, d.description)
FROM g JOIN pg_description d ON d.objoid = g.oid AND d.classoid = 'pg_trigger'::regclass
ORDER BY text`;
}
