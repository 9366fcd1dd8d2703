/** Random enums, views, triggers and sequences. */

import type { Choices } from './arbitrary-choices';
import { type Draft, triggerText, viewQuery } from './arbitrary-draft';
import { NameSpace, text } from './arbitrary-names';
import { relationNames } from './arbitrary-tables';

export function addEnum(c: Choices, draft: Draft): void {
  const name = new NameSpace(
    draft.rules,
    draft.enums.map((each) => each.name),
  ).draw(c);
  const values = [
    ...new Set(
      Array.from({ length: c.between(1, 5) }, () =>
        c.chance(50) ? text(c) : c.pick(['open', 'done', 'new', 'old', '1', '2', '10']),
      ),
    ),
  ];
  draft.enums.push({ name, values });
}

export function addObject(c: Choices, draft: Draft): void {
  const table = c.maybe(draft.tables);
  if (table === undefined) return;
  const kind = c.below(draft.options.forSqlite ? 2 : 3);
  if (kind === 0) {
    const query = viewQuery(table.name, c.pick(table.columns).name);
    const materialized = !draft.options.forSqlite && c.chance(20) && { materialized: true };
    draft.views.push({ name: relationNames(draft).draw(c), query, ...materialized });
  } else if (kind === 1) {
    const name = new NameSpace(
      draft.rules,
      draft.triggers.map((each) => each.name),
    ).draw(c);
    draft.triggers.push({ name, table: table.name, sql: { sqlite: triggerText(name, table.name) } });
  } else {
    const name = new NameSpace(
      draft.rules,
      draft.sequences.map((each) => each.name),
    ).draw(c);
    draft.sequences.push({
      name,
      ...(c.chance(50) && { start: c.below(100) }),
      ...(c.chance(50) && { increment: 2 }),
    });
  }
}
