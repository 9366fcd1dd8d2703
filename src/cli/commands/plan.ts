/** `limbeck plan [REV]`: what an upgrade would do and what it would cost, without doing it. */

import { isBlocking } from '../../dialects/shared/impact.js';
import type { PlannedCheck, PlannedOperation, PlannedRevision, UpgradePlan } from '../../migration/types.js';
import { defineVerb, type FromMigrations } from '../verb.js';

export const plan = defineVerb<FromMigrations, UpgradePlan>({
  usage: 'plan [revision]',
  summary: 'show what upgrade would run, with locks, rows and checks; heads when absent',
  options: [
    {
      flags: '--from-migrations',
      words: 'read the files alone: all from base, or a range A:B; no database is needed',
    },
  ],
  run: async ({ args: [target], options: { fromMigrations }, open }) =>
    (await open({ isQuiet: true })).plan(target, { fromMigrations }),
  print: (result, { output }) => {
    for (const warning of result.warnings) output.note('Warning', warning);
    if (result.revisions.length === 0) output.line('Nothing to run.');
    result.revisions.forEach((revision, i) => {
      if (i > 0) output.line('');
      for (const line of revisionLines(revision, output.path)) output.line(line);
    });
  },
});

type Show = (path: string) => string;

function revisionLines(revision: PlannedRevision, show: Show): string[] {
  const from = revision.downRevisions.join(', ') || '<base>';
  const { verdict, reasons } = revision.reversible;
  const back = { yes: 'reversible', no: 'not reversible', unknown: 'reversible as far as known' };
  const way = verdict === 'loses data' ? 'reversible, but not what it destroys' : back[verdict];
  return [
    `${from} -> ${revision.revision}${revision.message === '' ? '' : `, ${revision.message}`}`,
    `  ${revision.transaction === 'one' ? 'one transaction' : 'step by step'}; ${way}${
      reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
    }`,
    ...(revision.suspendsForeignKeys ? ['  foreign keys are off meanwhile, and checked at the end'] : []),
    ...revision.steps.flatMap(({ changes, checks, sql }) => [
      ...changes.flatMap((change) => changeLines(change, show)),
      ...checks.map(checkLine),
      ...sql.flatMap((text) => text.split('\n').map((line) => `      ${line}`)),
    ]),
  ];
}

function changeLines({ words, place, impacts, rows }: PlannedOperation, show: Show): string[] {
  const at = place === null ? '' : `  (${shortPlace(place, show)})`;
  return [
    ...words.map((text, i) => `  ${text}${i === 0 ? at : ''}`),
    ...impacts.map((impact) => {
      const work = { catalog: 'catalog only', scan: 'reads all rows', 'index build': 'builds an index' };
      const done = impact.work === 'rewrite' ? 'writes all rows anew' : work[impact.work];
      const mark = isBlocking(impact) ? '!' : '-';
      return `    ${mark} ${impact.lock} on ${impact.tables.join(', ')}: blocks ${impact.blocks}, ${done}`;
    }),
    ...rows.map(
      ({ table, rows: count, isExact }) =>
        `    - '${table}' has ${isExact ? '' : 'about '}${count} ${count === 1 ? 'row' : 'rows'}`,
    ),
  ];
}

function checkLine({ rows, table, problem, isCertain }: PlannedCheck): string {
  if (rows === null) return `    ? refused where rows of '${table}' ${problem}`;
  if (rows === 0) return `    - ${isCertain ? '' : 'as it stands now, '}no rows of '${table}' ${problem}`;
  const when = isCertain ? 'will be refused' : 'would be refused now';
  return `    ! ${when}: ${rows} ${rows === 1 ? 'row' : 'rows'} of '${table}' ${problem}`;
}

/** `file:line:column` with the file as seen from here, and without the column. */
function shortPlace(place: string, show: Show): string {
  const [, file = place, line = ''] = /^(?:file:\/\/)?(.*?):(\d+):\d+$/.exec(place) ?? [];
  return `${show(file)}:${line}`;
}
