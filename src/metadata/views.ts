/** Views: the query of each as text, made when the columns of all entities are known, and what cannot be one. */

import { isSqlFragment } from '../ast/sql.js';
import { identifierText, isSqlText, sqlText } from '../ast/sql-text.js';
import type { View } from '../schema/model.js';
import type { BuildContext, EntityDraft } from './draft.js';
import { columnsOfProperty, propertyNames, spot } from './draft.js';
import type { ViewEntityOptions, ViewNames } from './options.js';
import { didYouMean, type Spot } from './problems.js';

/** The view of a draft, as the schema has it; undefined where it is a table, or where a mistake was told. */
export function makeView(draft: EntityDraft, context: BuildContext): View | undefined {
  const { view } = draft;
  if (view === undefined) return undefined;
  const at = spot(draft);
  checkRelations(draft, context);
  if (draft.keys.length > 0) {
    const cure =
      'Leave it out; an index of a materialized view is made in a migration: op.execute(`CREATE INDEX …`)';
    context.problems.add(
      at,
      'the view declares an index or a constraint, which are not made for views',
      cure,
    );
  }
  checkDependencies(view, at, context);
  const query = queryOf(view, at, context);
  if (query === undefined) return undefined;
  return { name: draft.tableName, query, ...(view.materialized === true ? { materialized: true } : {}) };
}

function queryOf({ expression }: ViewEntityOptions, at: Spot, context: BuildContext): string | undefined {
  const isFunction = typeof expression === 'function' && !isSqlFragment(expression);
  let given: unknown = expression;
  let isTold = false;
  const tell: Tell = (problem, cure) => {
    isTold = true;
    context.problems.add(at, problem, cure);
  };
  try {
    if (isFunction) given = (expression as (names: ViewNames) => unknown)(namesFor(tell, context));
  } catch (cause) {
    const problem = `the function of its expression throws (${cause instanceof Error ? cause.message : String(cause)})`;
    context.problems.add(at, problem, 'It is given the names of entities: ({ table, column }) => `SELECT …`');
    return undefined;
  }
  const text = isSqlText(given) ? sqlText(given).replace(/[;\s]+$/, '') : '';
  if (text !== '' || isTold) return text;
  context.problems.add(
    at,
    '@ViewEntity has no expression',
    "Give it the query: @ViewEntity({ expression: 'SELECT …' })",
  );
  return undefined;
}

type Tell = (problem: string, cure: string) => void;

/** What a function may ask for; whatever is not there is a mistake that is told, not thrown. */
function namesFor(tell: Tell, { drafts }: BuildContext): ViewNames {
  const find = (target: object): EntityDraft | undefined => {
    const found = drafts.get(target);
    if (found === undefined) {
      const { name } = target as { readonly name?: string };
      const problem = `its expression names ${name ?? String(target)}, which is no entity of this configuration`;
      tell(problem, `Add ${name ?? 'it'} to \`entities\``);
    }
    return found;
  };
  return {
    table: (target) => {
      const name = find(target)?.tableName ?? '';
      return name.split('.').map(identifierText).join('.');
    },
    column: (target, property) => {
      const draft = find(target);
      if (draft === undefined) return '';
      const [column] = columnsOfProperty(draft, property) ?? [];
      if (column !== undefined) return identifierText(column);
      const near = didYouMean(property, propertyNames(draft));
      tell(`its expression names ${draft.name}.${property}, which has no column`, near);
      return '';
    },
  };
}

function checkDependencies({ dependsOn = [] }: ViewEntityOptions, at: Spot, context: BuildContext): void {
  const names = new Set([...context.drafts.values()].flatMap((draft) => [draft.tableName, draft.name]));
  for (const each of dependsOn) {
    if (typeof each === 'string' ? names.has(each) : context.drafts.has(each)) continue;
    const name = typeof each === 'string' ? each : (each as { readonly name: string }).name;
    context.problems.add(
      at,
      `it depends on ${name}, which is no entity of this configuration`,
      `Add ${name} to \`entities\``,
    );
  }
}

/** A view holds keys of other rows at most; nothing can be written into it, and nothing refer to it. */
function checkRelations(draft: EntityDraft, { problems }: BuildContext): void {
  for (const { declaration, property } of draft.relations) {
    const at = spot(draft, property);
    if (declaration.relation === 'many-to-many') {
      problems.add(at, 'a view has no join table', 'Show the key of the other side, as a @ManyToOne');
    }
    if (declaration.options.cascade !== undefined && declaration.options.cascade !== false) {
      problems.add(at, 'a view is not written, so nothing cascades from it', 'Leave cascade out');
    }
  }
}

/** A foreign key to a view: no database makes one. */
export function refuseKeysToViews(context: BuildContext): void {
  const views = new Map([...context.drafts.values()].flatMap((d) => (d.view ? [[d.tableName, d.name]] : [])));
  if (views.size === 0) return;
  for (const draft of context.drafts.values()) {
    if (draft.view !== undefined || draft.root !== draft) continue;
    for (const { name, refTable } of draft.table.foreignKeys) {
      const view = views.get(refTable);
      if (view === undefined) continue;
      context.problems.add(
        spot(draft),
        `foreign key '${name}' refers to the view ${view}`,
        'Say createForeignKeyConstraints: false on the relation',
      );
    }
  }
}
