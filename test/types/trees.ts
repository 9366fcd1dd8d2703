/** What a repository of a tree gives back, and what must not compile. */

import { expectTypeOf } from 'expect-type';
import type { DataSource } from '../../src/data-source';
import {
  Column,
  Entity,
  ManyToOne,
  PrimaryGeneratedColumn,
  Tree,
  TreeChildren,
  TreeParent,
} from '../../src/decorators/index';
import type { Loaded, Many, One } from '../../src/metadata/relation-types';
import { Author } from '../session/library';

@Entity()
@Tree('closure-table')
export class Node {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
  @ManyToOne(() => Author) author!: One<Author>;
  @TreeParent() parent!: One<Node> | null;
  @TreeChildren() children!: Many<Node>;
}

declare const db: DataSource;
const nodes = db.getTreeRepository(Node);

export async function compiles(): Promise<void> {
  const [root] = await nodes.findTrees();
  if (root === undefined) return;
  expectTypeOf(root.children[0]?.children[0]?.name).toEqualTypeOf<string>();
  expectTypeOf(await nodes.findRoots()).toEqualTypeOf<Loaded<Node>[]>();
  expectTypeOf(await nodes.findDescendants(root)).toEqualTypeOf<Loaded<Node>[]>();
  expectTypeOf(await nodes.countDescendants(root)).toEqualTypeOf<number>();
  expectTypeOf(await nodes.countAncestors(root)).toEqualTypeOf<number>();
  const up = await nodes.findAncestorsTree(root);
  expectTypeOf(up.parent?.parent?.name).toEqualTypeOf<string | undefined>();
  const [withAuthor] = await nodes.findTrees({ relations: { author: true }, depth: 2 });
  expectTypeOf(withAuthor?.children[0]?.author.name).toEqualTypeOf<string>();
  const saved = await nodes.save({ name: 'x', author: { id: 1 }, parent: root });
  await nodes.findDescendantsTree(saved);
}

export async function mistakes(): Promise<void> {
  const [root] = await nodes.findTrees();
  if (root === undefined) return;
  // @ts-expect-error the author was not asked for
  root.author.name;
  // @ts-expect-error nor was that of a child
  root.children[0]?.author.name;
  // @ts-expect-error there is no such relation
  await nodes.findTrees({ relations: { autor: true } });
  // @ts-expect-error a depth is a number
  await nodes.findTrees({ depth: 'all' });
  // @ts-expect-error an author is no node
  await nodes.findDescendants(new Author());
  const [flat] = await nodes.findRoots();
  // @ts-expect-error the children of a root were not read
  flat?.children[0];
}
