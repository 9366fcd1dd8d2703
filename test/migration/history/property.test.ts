/** Laws over random histories: what holds for every graph, every state and every target. */

import fc from 'fast-check';
import { RevisionGraph } from '../../../src/migration/history/graph.js';
import {
  type MigrationStep,
  planDowngrade,
  planUpgrade,
  remainingFrom,
} from '../../../src/migration/history/path.js';
import { isUpToDate } from '../../../src/migration/history/resolve.js';
import { type Revision, revisionFrom } from '../../../src/migration/history/revision.js';
import { applyRows } from '../../../src/migration/history/rows.js';
import { planStamp } from '../../../src/migration/history/stamp.js';
import { cpuMs } from '../../support/cpu-time.js';

/** Up to 14 revisions with parents and dependencies among the earlier ones, their files in any order. */
const histories: fc.Arbitrary<RevisionGraph> = fc
  .array(
    fc.record({
      downs: fc.array(fc.nat(), { maxLength: 3 }),
      dependencies: fc.array(fc.nat(), { maxLength: 2 }),
      place: fc.nat(),
    }),
    { maxLength: 14 },
  )
  .map((nodes) => {
    const pick = (numbers: readonly number[], below: number): string[] =>
      below === 0 ? [] : numbers.map((n) => `r${n % below}`);
    const revisions = nodes.map(
      ({ downs, dependencies }, index): Revision =>
        revisionFrom({
          id: `r${index}`,
          downRevisions: pick(downs, index),
          dependsOn: pick(dependencies, index),
        }),
    );
    const places = new Map(revisions.map(({ id }, index) => [id, nodes[index]?.place ?? 0]));
    return new RevisionGraph(revisions.sort((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0)));
  });

/** A history with a state that upgrades can lead to, and a target. */
const situations = fc
  .tuple(histories, fc.array(fc.nat(), { maxLength: 3 }), fc.nat())
  .map(([graph, picks, pick]) => {
    const at = (n: number): string => graph.order[n % graph.order.length] as string;
    const some = graph.order.length === 0 ? [] : picks.map(at);
    return {
      graph,
      rows: graph.tipsOf(graph.ancestorsOf(some)),
      target: graph.order.length === 0 ? 'base' : at(pick),
    };
  });

const sorted = (ids: Iterable<string>): string[] => [...ids].sort();
const idsOf = (steps: readonly MigrationStep[]): string[] => steps.map((step) => step.revision.id);

/** Runs a plan row by row as a database would, and checks every promise on the way. */
function run(graph: RevisionGraph, before: readonly string[], steps: readonly MigrationStep[]): string[] {
  let rows = [...before];
  const applied = graph.ancestorsOf(before);
  for (const step of steps) {
    const { id } = step.revision;
    for (const operation of step.rows) {
      if (operation.kind !== 'insert') {
        expect(rows).toContain(operation.kind === 'update' ? operation.from : operation.version);
      }
      if (operation.kind !== 'delete') {
        expect(rows).not.toContain(operation.kind === 'update' ? operation.to : operation.version);
      }
      rows = applyRows(rows, [operation]);
    }
    if (step.direction === 'upgrade') {
      expect(applied.has(id)).toBe(false);
      expect(graph.parentsOf(id).every((parent) => applied.has(parent))).toBe(true);
      applied.add(id);
    } else {
      expect(graph.dependentsOf(id).some((other) => applied.has(other))).toBe(false);
      expect(applied.delete(id)).toBe(true);
    }
    expect(sorted(step.headsAfter)).toEqual(sorted(rows));
    expect(sorted(rows)).toEqual(sorted(graph.tipsOf(applied)));
    expect(sorted(graph.ancestorsOf(rows))).toEqual(sorted(applied));
  }
  return rows;
}

test('upgrading to heads and downgrading to base visits each revision once, in order, both ways', () => {
  fc.assert(
    fc.property(histories, (graph) => {
      const up = planUpgrade(graph, [], 'heads');
      expect(idsOf(up)).toEqual([...graph.order]);
      expect(sorted(idsOf(up))).toEqual(sorted(graph.revisions.map(({ id }) => id)));
      const rows = run(graph, [], up);
      expect(sorted(rows)).toEqual(sorted(graph.realHeads));
      expect(isUpToDate(graph, rows)).toBe(true);
      const down = planDowngrade(graph, rows, 'base');
      expect(idsOf(down)).toEqual([...graph.order].reverse());
      expect(run(graph, rows, down)).toEqual([]);
    }),
  );
});

test('an upgrade applies what is missing and nothing else', () => {
  fc.assert(
    fc.property(situations, ({ graph, rows, target }) => {
      const plan = planUpgrade(graph, rows, target);
      const before = graph.ancestorsOf(rows);
      const wanted = graph.ancestorsOf(target === 'base' ? rows : [...rows, target]);
      expect(sorted([...before, ...idsOf(plan)])).toEqual(sorted(wanted));
      run(graph, rows, plan);
    }),
  );
});

test('a downgrade takes back what stands on the target and what needs that, and nothing else', () => {
  fc.assert(
    fc.property(situations, ({ graph, rows, target }) => {
      const applied = graph.ancestorsOf(rows);
      if (!applied.has(target)) return;
      const plan = planDowngrade(graph, rows, target);
      const above = graph.descendantsOf(graph.childrenOf(target));
      expect(sorted(idsOf(plan))).toEqual(sorted([...above].filter((id) => applied.has(id))));
      run(graph, rows, plan);
    }),
  );
});

test('planning again after each step gives the rest of the plan', () => {
  fc.assert(
    fc.property(situations, ({ graph, rows, target }) => {
      const plans: [MigrationStep[], (now: readonly string[]) => MigrationStep[]][] = [
        [planUpgrade(graph, rows, target), (now) => planUpgrade(graph, now, target)],
        [planUpgrade(graph, rows, 'heads'), (now) => planUpgrade(graph, now, 'heads')],
        [planDowngrade(graph, rows, 'base'), (now) => planDowngrade(graph, now, 'base')],
      ];
      if (graph.ancestorsOf(rows).has(target)) {
        plans.push([planDowngrade(graph, rows, target), (now) => planDowngrade(graph, now, target)]);
      }
      for (const [steps, again] of plans) {
        if (steps.length > 0) expect(remainingFrom(steps, rows)).toBe(0);
        steps.forEach((step, index) => {
          expect(idsOf(again(step.headsAfter))).toEqual(idsOf(steps.slice(index + 1)));
          expect(remainingFrom(steps, [...step.headsAfter].reverse(), index)).toBe(index + 1);
        });
      }
    }),
  );
});

test('a stamp leaves the target and no row that contradicts it', () => {
  fc.assert(
    fc.property(situations, ({ graph, rows, target }) => {
      const steps = planStamp(graph, rows, target);
      let now = [...rows];
      for (const step of steps) {
        now = applyRows(now, step.rows);
        expect(now).toEqual([...step.headsAfter]);
      }
      if (target === 'base') expect(now).toEqual([]);
      else expect(now).toContain(target);
      expect(sorted(now)).toEqual(sorted(graph.tipsOf(graph.ancestorsOf(now))));
    }),
  );
});

test('rows in another order, or one that another implies, make no difference to what runs', () => {
  fc.assert(
    fc.property(situations, fc.nat(), ({ graph, rows, target }, pick) => {
      const applied = [...graph.ancestorsOf(rows)];
      const extra = applied[pick % Math.max(applied.length, 1)];
      const odd = extra === undefined ? [...rows] : [extra, ...[...rows].reverse()];
      const distinct = [...new Set(odd)];
      for (const plan of [planUpgrade, planDowngrade] as const) {
        const goal = plan === planUpgrade ? target : 'base';
        const steps = plan(graph, distinct, goal);
        expect(idsOf(steps)).toEqual(idsOf(plan(graph, rows, goal)));
        run(graph, distinct, steps.length === 0 ? [] : steps);
      }
    }),
  );
});

describe('a long history', () => {
  const LENGTH = 10_000;
  const chain = (length: number): RevisionGraph =>
    new RevisionGraph(
      Array.from({ length }, (_, index) =>
        revisionFrom({ id: `rev${index}`, downRevisions: index === 0 ? [] : [`rev${index - 1}`] }),
      ),
    );

  test('of 10,000 revisions is read, planned and listed at once', () => {
    const started = cpuMs();
    const graph = chain(LENGTH);
    const up = planUpgrade(graph, [], 'head');
    const down = planDowngrade(graph, ['rev9999'], 'base');
    expect([up.length, down.length]).toEqual([LENGTH, LENGTH]);
    expect(cpuMs() - started).toBeLessThan(2_000);
  });

  test('of 10,000 is followed step by step without planning again', () => {
    const steps = planUpgrade(chain(LENGTH), [], 'head');
    const started = cpuMs();
    steps.forEach((step, index) => {
      expect(remainingFrom(steps, step.headsAfter, index) === index + 1).toBe(true);
    });
    expect(cpuMs() - started).toBeLessThan(2_000);
  });

  test('of 1,000 can even be planned again after every step', () => {
    const graph = chain(1_000);
    const started = cpuMs();
    let rows: readonly string[] = [];
    for (
      let next = planUpgrade(graph, rows, 'head')[0];
      next !== undefined;
      next = planUpgrade(graph, rows, 'head')[0]
    ) {
      rows = next.headsAfter;
    }
    expect(rows).toEqual(['rev999']);
    expect(cpuMs() - started).toBeLessThan(10_000);
  });

  test('of 1,000 diamonds is no slower', () => {
    const revisions = [revisionFrom({ id: 'm0' })];
    for (let index = 1; index <= 1_000; index++) {
      const below = `m${index - 1}`;
      revisions.push(revisionFrom({ id: `l${index}`, downRevisions: [below] }));
      revisions.push(
        revisionFrom({
          id: `r${index}`,
          downRevisions: [below],
          dependsOn: index > 1 ? [`l${index - 1}`] : [],
        }),
      );
      revisions.push(revisionFrom({ id: `m${index}`, downRevisions: [`l${index}`, `r${index}`] }));
    }
    const started = cpuMs();
    const graph = new RevisionGraph(revisions);
    const steps = planUpgrade(graph, [], 'head');
    expect(steps).toHaveLength(3_001);
    expect(planDowngrade(graph, ['m1000'], 'base')).toHaveLength(3_001);
    expect(cpuMs() - started).toBeLessThan(2_000);
  });
});
