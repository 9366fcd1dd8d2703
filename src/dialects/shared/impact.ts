/** What a step costs those who use the database while it runs, in words that are the same for every database. */

/** One lock that a step takes, and what it does while it holds it. */
export interface Impact {
  /** In the database's own words: `ACCESS EXCLUSIVE`, `ALGORITHM=INSTANT, LOCK=NONE`. */
  readonly lock: string;
  /** What others cannot do meanwhile. */
  readonly blocks: Blocked;
  readonly work: Work;
  /** On which tables. */
  readonly tables: readonly string[];
}

export type Blocked = 'nothing' | 'writes' | 'reads and writes';

/** How long it takes: no longer for many rows than for one, or a look at each, an entry of an index, the whole row. */
export type Work = 'catalog' | 'scan' | 'index build' | 'rewrite';

const BLOCKED: readonly Blocked[] = ['nothing', 'writes', 'reads and writes'];
const WORK: readonly Work[] = ['catalog', 'scan', 'index build', 'rewrite'];

/** Whether others wait for as long as there are rows. */
export function isBlocking({ blocks, work }: Pick<Impact, 'blocks' | 'work'>): boolean {
  return blocks !== 'nothing' && work !== 'catalog';
}

/** The worst of several: what keeps others waiting for long, then what keeps out more, then what takes longer. */
export function worstImpact(impacts: readonly Impact[]): Impact | undefined {
  const weight = (impact: Impact): number =>
    (isBlocking(impact) ? 100 : 0) + 10 * BLOCKED.indexOf(impact.blocks) + WORK.indexOf(impact.work);
  return [...impacts].sort((a, b) => weight(b) - weight(a))[0];
}

/** Without repetitions, and without tables that nobody uses; what holds only such is nothing. */
export function impactsOn(impacts: readonly Impact[], isUsed: (table: string) => boolean): readonly Impact[] {
  const seen = new Set<string>();
  return impacts
    .map((impact) => ({ ...impact, tables: [...new Set(impact.tables)].filter(isUsed) }))
    .filter((impact) => {
      const text = JSON.stringify([impact.lock, impact.work, impact.tables]);
      const isNew = impact.tables.length > 0 && !seen.has(text);
      seen.add(text);
      return isNew;
    });
}
