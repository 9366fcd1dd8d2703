/** Trees of every kind against a plain model of them: random inserts, moves and removals, alone and eight at once. */

import {
  ChildEntity,
  Column,
  DataSource,
  Entity,
  JoinColumn,
  type Many,
  type One,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  Tree,
  TreeChildren,
  TreeLevelColumn,
  TreeParent,
} from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

/** What all of them have, as far as this test is concerned. */
interface Node {
  id: number;
  name: string;
  level?: number;
  parent: Node | null;
  children: Node[];
}
type NodeClass = new () => Node;

@Entity('rt_plain')
@Tree('adjacency')
class Plain {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, unique: true }) name!: string;
  @TreeParent() parent!: One<Plain> | null;
  @TreeChildren({ cascade: true }) children!: Many<Plain>;
}

@Entity('rt_closure')
@Tree('closure-table')
class Closure {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('varchar', { length: 20, unique: true }) name!: string;
  @TreeLevelColumn() level!: number;
  @TreeParent() parent!: One<Closure> | null;
  @TreeChildren({ cascade: true }) children!: Many<Closure>;
}

@Entity('rt_path')
@Tree('materialized-path')
class Path {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, unique: true }) name!: string;
  @TreeLevelColumn() level!: number;
  @TreeParent() parent!: One<Path> | null;
  @TreeChildren({ cascade: true }) children!: Many<Path>;
}

/** Whose parents are not named by the primary key. */
@Entity('rt_named')
@Tree('materialized-path')
class Named {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, unique: true }) name!: string;
  @TreeParent() @JoinColumn({ name: 'parent_name', referencedColumnName: 'name' }) parent!: One<Named> | null;
  @TreeChildren({ cascade: true }) children!: Many<Named>;
}

@Entity('rt_paired')
@Tree('closure-table')
class Paired {
  @PrimaryColumn('integer') realm = 1;
  @PrimaryColumn('varchar', { length: 20 }) name!: string;
  @TreeLevelColumn() level!: number;
  @TreeParent() parent!: One<Paired> | null;
  @TreeChildren({ cascade: true }) children!: Many<Paired>;
}

function familyOf(pattern: 'STI' | 'CTI', kind: 'closure-table' | 'materialized-path') {
  const prefix = `rt_${pattern}_${kind === 'closure-table' ? 'c' : 'p'}`.toLowerCase();
  @Entity(`${prefix}_items`)
  @TableInheritance({ pattern, column: 'kind' })
  @Tree(kind)
  class Item {
    @PrimaryGeneratedColumn() id!: number;
    @Column('varchar', { length: 20, unique: true }) name!: string;
    @TreeLevelColumn() level!: number;
    @TreeParent() parent!: One<Item> | null;
    @TreeChildren({ cascade: true }) children!: Many<Item>;
  }
  @ChildEntity(`${prefix}_folder`, pattern === 'STI' ? {} : { name: `${prefix}_folders` })
  class Folder extends Item {
    @Column('integer', { default: 3 }) colour!: number;
  }
  @ChildEntity(`${prefix}_file`, pattern === 'STI' ? {} : { name: `${prefix}_files` })
  class File extends Item {
    @Column('integer', { default: 7 }) size!: number;
  }
  @Entity(`${prefix}_others`)
  @TableInheritance({ pattern, column: 'kind' })
  class Other {
    @PrimaryGeneratedColumn() id!: number;
  }
  @ChildEntity(`${prefix}_twig`, pattern === 'STI' ? {} : { name: `${prefix}_twigs` })
  @Tree(kind)
  class Twig extends Other {
    @Column('varchar', { length: 20, nullable: true }) name!: string | null;
    @TreeLevelColumn() level!: number;
    @TreeParent() parent!: One<Twig> | null;
    @TreeChildren({ cascade: true }) children!: Many<Twig>;
  }
  return { Item, Folder, File, Other, Twig };
}

const families = (['STI', 'CTI'] as const).flatMap((pattern) =>
  (['closure-table', 'materialized-path'] as const).map(
    (kind) => [`${pattern} ${kind}`, familyOf(pattern, kind)] as const,
  ),
);
const plain: [string, NodeClass[]][] = [Plain, Closure, Path, Named, Paired].map((target) => [
  target.name,
  [target as never],
]);
/** The class that is asked, and those of which rows are made. */
const cases: [string, NodeClass[]][] = [
  ...plain,
  ...families.flatMap(([name, { Item, Folder, File, Twig }]): [string, NodeClass[]][] => [
    [`${name}, the whole family`, [Item, Folder, File] as never],
    [`${name}, a class of it`, [Twig] as never],
  ]),
];

/** Numbers that are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

const codeOf = (cause: unknown): string => (isLimbeckError(cause) ? cause.code : String(cause));

describe.each(testDatabases())('on %s', (kind) => {
  let database: TestDatabase;
  let db: DataSource;

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities: [
        ...plain.flatMap(([, targets]) => targets),
        ...families.flatMap(([, family]) => Object.values(family)),
      ],
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  describe.each(cases)('%s', (_name, targets) => {
    const [target] = targets as [NodeClass];
    const repository = () => db.getTreeRepository(target);
    /** By name: the name of the parent. */
    let model: Map<string, string | null>;
    let random: (below: number) => number;
    let count = 0;

    const below = (name: string): string[] => [
      name,
      ...[...model].filter(([, parent]) => parent === name).flatMap(([child]) => below(child)),
    ];
    const above = (name: string): string[] => {
      const parent = model.get(name) ?? null;
      return parent === null ? [name] : [...above(parent), name];
    };
    const some = (): string => [...model.keys()][random(model.size)] as string;
    const find = async (name: string): Promise<Node> =>
      (await repository().findOneByOrFail({ name } as never)) as never;
    const make = (name: string, parent: Node | null): Node =>
      Object.assign(new (targets[random(targets.length)] as NodeClass)(), { name, parent });
    const names = (list: readonly unknown[]): string[] => (list as Node[]).map(({ name }) => name).sort();

    async function insert(): Promise<void> {
      const parent = model.size === 0 || random(5) === 0 ? null : some();
      const own = parent === null ? null : await find(parent);
      const [name, child] = [`n${count++}`, `n${count++}`];
      const node = make(name, own);
      if (random(2) === 0) {
        await repository().save(node as never);
        model.set(name, parent);
      } else {
        node.children = [Object.assign(make(child, null), { parent: undefined })];
        await repository().save(node as never);
        model.set(name, parent).set(child, name);
        if ('level' in node) expect(node.children[0]?.level).toBe(above(child).length - 1);
      }
      if ('level' in node) expect(node.level).toBe(above(name).length - 1);
    }

    async function move(): Promise<void> {
      if (model.size === 0) return;
      const wanted = new Map<string, string | null>();
      for (let i = random(3); i >= 0; i--) wanted.set(some(), random(6) === 0 ? null : some());
      const nodes = new Map(
        ((await repository().find()) as unknown as Node[]).map((node) => [node.name, node]),
      );
      const before = model;
      model = new Map([...before, ...wanted]);
      const isCircle = [...model.keys()].some((name) => {
        const seen = new Set<string>();
        for (let at: string | null = name; at !== null; at = model.get(at) ?? null) {
          if (seen.has(at)) return true;
          seen.add(at);
        }
        return false;
      });
      for (const [name, parent] of wanted) {
        (nodes.get(name) as Node).parent = parent === null ? null : (nodes.get(parent) as Node);
      }
      // Rows that nobody has read are moved as well.
      const bare = random(2) === 0;
      const moved = [...wanted.keys()].map((name) => {
        const node = nodes.get(name) as Node;
        const { id, parent } = node;
        return bare ? Object.assign(new (node.constructor as NodeClass)(), { id, name, parent }) : node;
      });
      const failed = await repository()
        .save(moved as never)
        .then(
          () => undefined,
          (cause: unknown) => codeOf(cause),
        );
      if (isCircle) {
        expect(failed).toBe('TREE_CYCLE');
        model = before;
      } else {
        expect(failed).toBeUndefined();
        for (const node of moved) if ('level' in node) expect(node.level).toBe(above(node.name).length - 1);
      }
    }

    async function remove(): Promise<void> {
      if (model.size === 0) return;
      const name = some();
      const node = await find(name);
      const failed = await repository()
        .remove(node as never)
        .then(
          () => undefined,
          (cause: unknown) => codeOf(cause),
        );
      const isLeaf = below(name).length === 1;
      expect(failed).toBe(isLeaf ? undefined : 'FOREIGN_KEY_VIOLATION');
      if (isLeaf) model.delete(name);
    }

    /** All that is kept agrees with the parents, and the parents with the model. */
    async function check(): Promise<void> {
      const { tree } = db.metadata(target);
      const rows = (await repository().find({ relations: { parent: true } } as never)) as unknown as Node[];
      expect(new Map(rows.map(({ name, parent }) => [name, parent?.name ?? null] as const))).toEqual(model);
      for (const row of rows) if ('level' in row) expect(row.level).toBe(above(row.name).length - 1);
      if (tree?.closure !== undefined) {
        const [{ n }] = (await db.query(`SELECT COUNT(*) AS n FROM ${tree.closure.table}`)) as [
          { n: number },
        ];
        expect(Number(n)).toBe([...model.keys()].flatMap(above).length);
      }
      if (tree?.path !== undefined) {
        const table = db.metadata(target).parts?.find(({ columns }) => columns.includes('mpath'))?.tableName;
        const paths = (await db.query(
          `SELECT mpath FROM ${table ?? db.metadata(target).tableName} WHERE mpath IS NOT NULL`,
        )) as { mpath: string }[];
        const isNamed = target === (Named as never);
        const ids = new Map(rows.map(({ id, name }) => [name, isNamed ? name : id]));
        const wanted = [...model.keys()].map((name) =>
          above(name)
            .map((each) => `${ids.get(each)}.`)
            .join(''),
        );
        expect(paths.map(({ mpath }) => mpath).sort()).toEqual(wanted.sort());
      }
    }

    async function read(): Promise<void> {
      if (model.size === 0) return;
      const name = some();
      const node = (await find(name)) as never;
      expect(names(await repository().findDescendants(node))).toEqual(below(name).sort());
      expect(names(await repository().findAncestors(node))).toEqual(above(name).sort());
      expect(await repository().countDescendants(node)).toBe(below(name).length);
      expect(await repository().countAncestors(node)).toBe(above(name).length);
      const depth = random(3);
      const deep = below(name).filter((each) => above(each).length - above(name).length <= depth);
      expect(names(await repository().findDescendants(node, { depth }))).toEqual(deep.sort());
      const flat = (list: readonly Node[]): Node[] => list.flatMap((each) => [each, ...flat(each.children)]);
      const trees = (await repository().findTrees()) as unknown as Node[];
      expect(names(trees)).toEqual(
        [...model]
          .filter(([, parent]) => parent === null)
          .map(([each]) => each)
          .sort(),
      );
      expect(names(flat(trees))).toEqual([...model.keys()].sort());
      for (const each of flat(trees))
        for (const child of each.children) expect(model.get(child.name)).toBe(each.name);
    }

    test('agrees with the model, whatever is done to it', async () => {
      model = new Map();
      random = numbers(kind.length * 7 + target.name.length);
      const rounds = kind === 'sqlite' ? 60 : 24;
      for (let round = 0; round < rounds; round++) {
        const action = random(10);
        if (round < 8 || action < 4) await insert();
        else if (action < 8) await move();
        else await remove();
        if (round % 6 === 5) {
          await check();
          await read();
        }
      }
      await check();
      await read();
    }, 60_000);

    test('stays whole when eight move, insert and remove at once', async () => {
      model = new Map();
      const nodes = (await repository().find()) as unknown as Node[];
      const ends = await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          const own = numbers(writer + 1);
          const codes: string[] = [];
          for (let i = 0; i < 6; i++) {
            const pick = (): Node => Object.assign(new target(), nodes[own(nodes.length)]);
            const node = (await repository().findOneBy({ name: pick().name } as never)) as Node | null;
            const other = (await repository().findOneBy({ name: pick().name } as never)) as Node | null;
            if (node === null) continue;
            const work =
              i % 3 === 2
                ? repository().save(make(`w${writer}_${i}`, other) as never)
                : i === 4
                  ? repository().remove(node as never)
                  : repository().save(Object.assign(node, { parent: other }) as never);
            codes.push(
              await (work as Promise<unknown>).then(
                () => 'done',
                (cause: unknown) => codeOf(cause),
              ),
            );
          }
          return codes;
        }),
      );
      // InnoDB's locks between rows may still meet; such a save is undone whole, and may be tried again.
      const deadlocks = kind === 'mysql' ? ['DEADLOCK'] : [];
      const allowed = ['done', 'TREE_CYCLE', 'FOREIGN_KEY_VIOLATION', 'ROW_GONE', ...deadlocks];
      expect(ends.flat()).toContain('done');
      expect(ends.flat().filter((code) => !allowed.includes(code))).toEqual([]);
      const rows = (await repository().find({ relations: { parent: true } } as never)) as unknown as Node[];
      model = new Map(rows.map(({ name, parent }) => [name, parent?.name ?? null]));
      await check();
      random = numbers(5);
      await read();
    }, 60_000);
  });
});
