/** Trees: what becomes of them in the schema, and the mistakes one can make. */

import {
  Column,
  Entity,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
  Tree,
  TreeChildren,
  TreeLevelColumn,
  TreeParent,
} from 'limbeck';
import { typeormNaming } from '../../src/schema/typeorm-naming';
import { mistakesOf, schemaOf } from './kit';

abstract class Keyed {
  @PrimaryGeneratedColumn() id!: number;
}

test('a class that is no tree has neither parent nor level', () => {
  @Entity()
  class Node extends Keyed {
    @TreeParent() parent!: One<Node> | null;
    @TreeChildren() children!: Many<Node>;
  }
  expect(mistakesOf([Node])).toEqual([
    "Node.parent: it belongs to a tree, but the class is none. Add @Tree('closure-table') to the class.",
  ]);
});

test('a tree has a parent and children', () => {
  @Entity()
  @Tree('closure-table')
  class Orphan extends Keyed {
    @TreeChildren() children!: Many<Orphan>;
  }
  @Entity()
  @Tree('closure-table')
  class Childless extends Keyed {
    @TreeParent() parent!: One<Childless> | null;
  }
  const [orphan, childless] = [mistakesOf([Orphan]), mistakesOf([Childless])];
  expect(orphan).toContain('Orphan: the tree has no @TreeParent. Add @TreeParent() parent!: One<…> | null.');
  expect(childless).toContain(
    'Childless: the tree has no @TreeChildren. Add @TreeChildren() children!: Many<…>.',
  );
});

test.each([
  ['nested-set', /^Node: a nested set numbers every row anew/],
  ['closure', /^Node: there is no tree of type 'closure'\. Give one of 'closure-table'/],
])('a tree of type %s is refused, naming those that there are', (type, problem) => {
  @Entity()
  @Tree(type as 'closure-table')
  class Node extends Keyed {
    @TreeParent() parent!: One<Node> | null;
    @TreeChildren() children!: Many<Node>;
  }
  expect(mistakesOf([Node])).toEqual([expect.stringMatching(problem)]);
});

test('an option that nobody knows is told, with the nearest one', () => {
  @Entity()
  @Tree('closure-table', { closureTable: 'x' } as object)
  class Node extends Keyed {
    @TreeParent() parent!: One<Node> | null;
    @TreeChildren() children!: Many<Node>;
  }
  expect(mistakesOf([Node])).toEqual([expect.stringContaining('closureTable')]);
});

test.each(['SET NULL', 'SET DEFAULT'] as const)(
  'what is kept of a tree cannot follow onDelete %s',
  (onDelete) => {
    @Entity()
    @Tree('materialized-path')
    class Node extends Keyed {
      @TreeParent({ onDelete }) parent!: One<Node> | null;
      @TreeChildren() children!: Many<Node>;
    }
    @Entity()
    @Tree('adjacency')
    class Free extends Keyed {
      @TreeParent({ onDelete }) parent!: One<Free> | null;
      @TreeChildren() children!: Many<Free>;
    }
    expect(mistakesOf([Node])).toEqual([
      expect.stringContaining(
        `Node.parent: onDelete '${onDelete}' moves rows where nobody can keep the paths`,
      ),
    ]);
    expect(schemaOf([Free]).tables).toHaveLength(1);
  },
);

test('an adjacency list keeps no levels', () => {
  @Entity()
  @Tree('adjacency')
  class Node extends Keyed {
    @TreeParent() parent!: One<Node> | null;
    @TreeChildren() children!: Many<Node>;
    @TreeLevelColumn() level!: number;
  }
  expect(mistakesOf([Node])).toEqual([
    expect.stringContaining('Node.level: an adjacency list keeps no levels'),
  ]);
});

describe('the tables of a tree', () => {
  @Entity('nodes')
  @Tree('closure-table')
  class Node extends Keyed {
    @Column('text') name!: string;
    @TreeParent() parent!: One<Node> | null;
    @TreeChildren() children!: Many<Node>;
  }

  test('are its own and a closure table with both ends of every way', () => {
    const closure = schemaOf([Node]).tables.find(({ name }) => name === 'nodes_closure');
    expect(closure?.columns.map(({ name }) => name)).toEqual(['id_ancestor', 'id_descendant']);
    expect(closure?.foreignKeys.map(({ refTable, onDelete }) => [refTable, onDelete])).toEqual([
      ['nodes', 'CASCADE'],
      ['nodes', 'CASCADE'],
    ]);
    expect(closure?.indexes.map(({ name }) => name)).toEqual(['ix_nodes_closure_id_descendant']);
  });

  test("have TypeORM's indexes with its naming", () => {
    const { tables } = schemaOf([Node], { naming: typeormNaming });
    const closure = tables.find(({ name }) => name === 'nodes_closure');
    expect(closure?.indexes).toHaveLength(2);
    expect(tables.find(({ name }) => name === 'nodes')?.indexes).toEqual([]);
  });
});

test('relations without @Tree are no tree', () => {
  @Entity()
  class Plain extends Keyed {
    @ManyToOne(
      () => Plain,
      (plain) => plain.children,
      { nullable: true },
    )
    parent!: One<Plain> | null;
    @OneToMany(
      () => Plain,
      (plain) => plain.parent,
    )
    children!: Many<Plain>;
  }
  expect(schemaOf([Plain]).tables).toHaveLength(1);
});
