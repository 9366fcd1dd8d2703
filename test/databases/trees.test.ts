/** Trees: what is read of them, and what is kept of them when rows are inserted, moved and removed. */

import {
  Column,
  DataSource,
  Embedded,
  Entity,
  type Many,
  type One,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Tree,
  TreeChildren,
  TreeLevelColumn,
  TreeParent,
} from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { migrations } from '../../src/migrations';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

abstract class Node {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
}

@Entity('plain_nodes')
@Tree('adjacency-list')
class PlainNode extends Node {
  @TreeParent() parent!: One<PlainNode> | null;
  @TreeChildren({ cascade: true }) children!: Many<PlainNode>;
}

@Entity('closure_nodes')
@Tree('closure-table')
class ClosureNode extends Node {
  @TreeParent({ onDelete: 'CASCADE' }) parent!: One<ClosureNode> | null;
  @TreeChildren({ cascade: true }) children!: Many<ClosureNode>;
  @TreeLevelColumn() level!: number;
}

@Entity('path_nodes')
@Tree('materialized-path')
class PathNode extends Node {
  @TreeParent() parent!: One<PathNode> | null;
  @TreeChildren({ cascade: true }) children!: Many<PathNode>;
  @TreeLevelColumn() level!: number;
}

@Entity('paired_nodes')
@Tree('closure-table', { closureTableName: 'pairs' })
class PairedNode {
  @PrimaryColumn('varchar', { length: 10 }) realm!: string;
  @PrimaryColumn('varchar', { length: 10 }) name!: string;
  @Column('integer', { default: 0 }) weight!: number;
  @TreeParent() parent!: One<PairedNode> | null;
  @TreeChildren() children!: Many<PairedNode>;
}

@Entity('texts')
@Tree('materialized-path')
class TextNode {
  @PrimaryColumn('varchar', { length: 20 }) id!: string;
  @Column('varchar', { length: 20, default: '' }) name!: string;
  @TreeParent() parent!: One<TextNode> | null;
  @TreeChildren() children!: Many<TextNode>;
}

class Slug {
  @PrimaryColumn('varchar', { length: 20 }) text!: string;
}

@Entity('slug_nodes')
@Tree('closure-table')
class SlugNode {
  @Embedded(() => Slug, { prefix: false }) slug!: Slug;
  @TreeParent() parent!: One<SlugNode> | null;
  @TreeChildren() children!: Many<SlugNode>;
}

const entities = [SlugNode, PlainNode, ClosureNode, PathNode, PairedNode, TextNode];
const trees = [PlainNode, ClosureNode, PathNode] as const;

/** `a(b(c) d)` */
function shape(node: { name: string; children: unknown }): string {
  const inside = (node.children as { name: string; children: unknown }[]).map(shape);
  return inside.length === 0 ? node.name : `${node.name}(${inside.join(' ')})`;
}

describe.each(testDatabases())('on %s', (kind) => {
  let database: TestDatabase;
  let db: DataSource;
  let statements: string[] = [];

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities,
      logger: (entry) => {
        if (entry.kind === 'query') statements.push(entry.sql);
      },
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db?.destroy();
    await database?.drop();
  });

  test('a key may stand inside an embedded object, and be all that there is', async () => {
    const nodes = db.getTreeRepository(SlugNode);
    const node = (text: string, parent: SlugNode | null = null): SlugNode =>
      Object.assign(new SlugNode(), { slug: Object.assign(new Slug(), { text }), parent });
    const [a, b, c] = [node('a'), node('b'), node('c')];
    b.parent = a;
    c.parent = b;
    for (const each of [a, b, c]) await nodes.save(each);
    const names = (list: readonly { slug: Slug }[]): string[] => list.map(({ slug }) => slug.text);
    expect(names(await nodes.findDescendants(a))).toEqual(['a', 'b', 'c']);
    expect(names(await nodes.findAncestors(c))).toEqual(['a', 'b', 'c']);
    const tree = await nodes.findDescendantsTree(node('a'));
    expect(names(tree.children)).toEqual(['b']);
    expect(names(tree.children[0]?.children ?? [])).toEqual(['c']);
    expect((await nodes.findTrees()).map(({ slug }) => slug.text)).toEqual(['a']);
    expect(await nodes.countDescendants(b)).toBe(2);
  });

  test('migrations make the closure tables, and find nothing to do afterwards', async () => {
    expect((await migrations(db).diff()).operations).toEqual([]);
  });

  describe.each(trees.map((entity) => [entity.name, entity] as const))('%s', (_, entity) => {
    // One class stands for all three, whose properties are the same.
    const target = entity as typeof ClosureNode;
    const repository = () => db.getTreeRepository(target);
    let made: Record<string, ClosureNode> = {};

    /** What is kept agrees with the parents. */
    async function check(): Promise<void> {
      const rows = await db.query<{ id: number; parent_id: number | null; mpath?: string; level?: number }>(
        `SELECT * FROM ${db.metadata(target).tableName}`,
      );
      const above = (id: number): number[] => {
        const parent = rows.find((row) => Number(row.id) === id)?.parent_id ?? null;
        return parent === null ? [id] : [...above(Number(parent)), id];
      };
      for (const { id, mpath, level } of rows) {
        if (mpath !== undefined)
          expect(mpath).toBe(
            above(Number(id))
              .map((each) => `${each}.`)
              .join(''),
          );
        if (level !== undefined) expect(Number(level)).toBe(above(Number(id)).length - 1);
      }
      if (target !== ClosureNode) return;
      const pairs = await db.query<{ id_ancestor: number; id_descendant: number }>(
        'SELECT * FROM closure_nodes_closure',
      );
      const wanted = rows.flatMap(({ id }) => above(Number(id)).map((each) => `${each}-${id}`));
      expect(pairs.map((pair) => `${pair.id_ancestor}-${pair.id_descendant}`).sort()).toEqual(wanted.sort());
    }

    async function shapes(): Promise<string[]> {
      return (await repository().findTrees()).map(shape);
    }

    beforeEach(async () => {
      for (;;) {
        const leaves = (await repository().findTrees({})).flatMap(function leavesOf(node): ClosureNode[] {
          const inside = node.children as unknown as ClosureNode[];
          return inside.length === 0 ? [node as unknown as ClosureNode] : inside.flatMap(leavesOf as never);
        });
        if (leaves.length === 0) break;
        await repository().remove(leaves);
      }
      const save = async (name: string, parent?: string): Promise<void> => {
        made[name] = await repository().save({
          name,
          parent: parent === undefined ? null : (made[parent] as never),
        });
      };
      made = {};
      await save('a');
      await save('b', 'a');
      await save('c', 'b');
      await save('d', 'b');
      await save('e', 'a');
      await save('x');
      await save('y', 'x');
      statements = [];
    });

    test('is read as trees, from the roots, with a depth, by one statement', async () => {
      expect(await shapes()).toEqual(['a(b(c d) e)', 'x(y)']);
      expect(statements).toHaveLength(1);
      expect((await repository().findTrees({ depth: 1 })).map(shape)).toEqual(['a(b e)', 'x(y)']);
      expect((await repository().findTrees({ depth: 0 })).map(shape)).toEqual(['a', 'x']);
      expect((await repository().findRoots()).map(({ name }) => name)).toEqual(['a', 'x']);
      expect(statements).toHaveLength(4);
    });

    test('is read downwards and upwards, each by one statement', async () => {
      const { b, c } = made as { b: ClosureNode; c: ClosureNode };
      expect((await repository().findDescendants(b)).map(({ name }) => name)).toEqual(['b', 'c', 'd']);
      expect((await repository().findDescendants(b, { depth: 0 })).map(({ name }) => name)).toEqual(['b']);
      expect(shape(await repository().findDescendantsTree(made.a as ClosureNode))).toBe('a(b(c d) e)');
      expect(shape(await repository().findDescendantsTree(made.a as ClosureNode, { depth: 1 }))).toBe(
        'a(b e)',
      );
      expect(await repository().countDescendants(b)).toBe(3);
      expect((await repository().findAncestors(c)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
      expect(await repository().countAncestors(c)).toBe(3);
      const up = await repository().findAncestorsTree(c);
      expect([up.parent?.name, up.parent?.parent?.name, up.parent?.parent?.parent]).toEqual(['b', 'a', null]);
      expect(statements).toHaveLength(8);
    });

    test('keeps what was inserted, a whole tree at once too', async () => {
      await check();
      const child = (name: string, children: object[] = []) => ({ name, children });
      const whole = repository().create(child('p', [child('q', [child('r')]), child('s')]) as never);
      await repository().save(whole);
      expect((await shapes())[2]).toBe('p(q(r) s)');
      await check();
    });

    test.each<[string, Record<string, string | null>, string[]]>([
      ['a leaf', { d: 'x' }, ['a(b(c) e)', 'x(d y)']],
      ['a subtree', { b: 'y' }, ['a(e)', 'x(y(b(c d)))']],
      ['to the root', { b: null }, ['a(e)', 'b(c d)', 'x(y)']],
      ['a root', { x: 'c' }, ['a(b(c(x(y)) d) e)']],
      ['two, one inside the other', { b: 'x', c: 'e' }, ['a(e(c))', 'x(b(d) y)']],
      ['a parent below its child', { b: null, a: 'b' }, ['b(a(e) c d)', 'x(y)']],
      ['places changed', { c: null, b: 'c', a: 'y' }, ['c(b(d))', 'x(y(a(e)))']],
    ])('keeps what was moved: %s', async (_name, moves, expected) => {
      const nodes = await repository().find();
      for (const [name, parent] of Object.entries(moves)) {
        const node = nodes.find((each) => each.name === name) as ClosureNode;
        node.parent = (parent === null ? null : nodes.find((each) => each.name === parent)) as never;
      }
      await repository().save(nodes as ClosureNode[]);
      expect(await shapes()).toEqual(expected);
      await check();
    });

    test('keeps what insert() inserts', async () => {
      await repository().insert([{ name: 'i', parent: made.c as never }, { name: 'j' }]);
      expect(await shapes()).toEqual(['a(b(c(i) d) e)', 'x(y)', 'j']);
      await check();
    });

    test('keeps what was moved by way of the children, and a new one in between', async () => {
      const e = await repository().findDescendantsTree(made.e as ClosureNode);
      const b = await repository().findOneByOrFail({ name: 'b' });
      (e.children as unknown as object[]).push(repository().create({ name: 'new', children: [b as never] }));
      await repository().save(e as never);
      expect(await shapes()).toEqual(['a(e(new(b(c d))))', 'x(y)']);
      await check();
    });

    test('refuses to put a row below itself, and leaves everything as it was', async () => {
      const a = await repository().findOneByOrFail({ name: 'a' });
      a.parent = made.c as never;
      const refused = await repository()
        .save(a as never)
        .catch((cause: unknown) => cause);
      expect(isLimbeckError(refused) && refused.code).toBe('TREE_CYCLE');
      expect(await shapes()).toEqual(['a(b(c d) e)', 'x(y)']);
      await check();
    });

    test('keeps what is left when rows are removed', async () => {
      await repository().remove([made.c as ClosureNode, made.y as ClosureNode]);
      expect(await shapes()).toEqual(['a(b(d) e)', 'x']);
      await check();
    });

    test('writes nothing of the tree where nothing of it changes', async () => {
      const b = await repository().findOneByOrFail({ name: 'b' });
      statements = [];
      b.name = 'renamed';
      await repository().save(b as never);
      expect(statements).toHaveLength(1);
    });

    test('an insert and a move cost the same number of statements, however much is moved', async () => {
      const count = async (work: () => Promise<unknown>): Promise<number> => {
        statements = [];
        await work();
        return statements.filter((sql) => !/^(begin|commit|start|set|savepoint|release)/i.test(sql)).length;
      };
      const insert = (parent: unknown) => count(() => repository().save({ name: 'n', parent } as never));
      expect(await insert(made.d)).toBe(await insert(made.x));
      const move = async (name: string, parent: string): Promise<number> => {
        const node = await repository().findOneByOrFail({ name });
        return count(() => repository().save(Object.assign(node, { parent: made[parent] }) as never));
      };
      expect(await move('b', 'y')).toBe(await move('e', 'y'));
      await check();
    });

    test('is kept in one transaction, which is rolled back whole', async () => {
      const failed = db.transaction(async (manager) => {
        await manager.getTreeRepository(target).save({ name: 'z', parent: made.d as never });
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      expect(await shapes()).toEqual(['a(b(c d) e)', 'x(y)']);
      await check();
    });

    test('takes moves at the same time, of which none may make a circle', async () => {
      const [b, x] = [
        await repository().findOneByOrFail({ name: 'b' }),
        await repository().findOneByOrFail({ name: 'x' }),
      ];
      b.parent = made.y as never;
      x.parent = made.c as never;
      const ends = await Promise.allSettled([repository().save(b as never), repository().save(x as never)]);
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      await check();
    });
  });

  test('a key of several columns is as good', async () => {
    const pairs = db.getTreeRepository(PairedNode);
    const root = await pairs.save({ realm: 'r', name: 'a', parent: null });
    const middle = await pairs.save({ realm: 'r', name: 'b', parent: root });
    const other = await pairs.save({ realm: 's', name: 'a', parent: middle });
    expect((await pairs.findDescendants(middle)).map(({ realm }) => realm)).toEqual(['r', 's']);
    other.parent = root;
    await pairs.save(other);
    expect(await pairs.countDescendants(middle)).toBe(1);
    expect(await db.query('SELECT * FROM pairs')).toHaveLength(5);
  });

  test('keys that hold dots, quotes and capitals part no path', async () => {
    const texts = db.getTreeRepository(TextNode);
    const [root, capital] = await texts.save([
      { id: "o'.a", name: 'root', parent: null },
      { id: 'x%', name: 'other', parent: null },
    ]);
    const child = await texts.save({ id: 'a', name: 'child', parent: root as TextNode });
    await texts.save({ id: 'leaf', name: 'leaf', parent: child });
    child.parent = capital as TextNode;
    await texts.save(child);
    expect((await texts.findTrees()).map(shape)).toEqual(['root', 'other(child(leaf))']);
    expect(await db.query('SELECT mpath FROM texts ORDER BY mpath')).toHaveLength(4);
  });

  test('update() by conditions moves nothing', async () => {
    const moved = db
      .getTreeRepository(ClosureNode)
      .update({ name: 'a' }, { parent: null })
      .catch((cause: unknown) => cause);
    expect(((await moved) as Error).message).toContain("'ClosureNode.parent' moves what is below it as well");
  });

  test('an entity that is no tree has no such repository', () => {
    @Entity('none')
    class None {
      @PrimaryGeneratedColumn() id!: number;
    }
    expect(() => db.getTreeRepository(None)).toThrow("'None' is no entity");
  });
});
