import {
  AfterLoad,
  ChildEntity,
  Column,
  Entity,
  Index,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  TableInheritance,
} from '../../src/decorators/index';
import { buildEntities } from '../../src/metadata/build';
import type { Many, One } from '../../src/metadata/relation-types';
import { toSchema } from '../../src/metadata/to-schema';
import { mistakesOf, tableOf } from './kit';

describe('an abstract base', () => {
  @Index(['name'])
  abstract class Base {
    @PrimaryGeneratedColumn() id!: number;
    @Column('text') name!: string;
    @AfterLoad() loaded(): void {}
  }
  @Entity()
  class Plain extends Base {}
  @Entity()
  class Narrowed extends Base {
    @Column('varchar', { length: 5 }) declare name: string;
    @AfterLoad() override loaded(): void {}
  }

  test('gives its properties to every entity below it, with names of that table', () => {
    const table = tableOf(Plain);
    expect(table.columns.map((c) => c.name)).toEqual(['id', 'name']);
    expect(table.indexes.map((i) => i.name)).toEqual(['ix_plain_name']);
  });

  test('is overridden by a property declared again, in its place', () => {
    expect(tableOf(Narrowed).columns.map((c) => c.type)).toEqual([
      { kind: 'integer' },
      { kind: 'varchar', length: 5 },
    ]);
    expect(buildEntities([Narrowed]).get(Narrowed).listeners).toEqual([
      { event: 'afterLoad', method: 'loaded' },
    ]);
    expect(tableOf(Plain).columns[1]?.type).toEqual({ kind: 'text' });
  });
});

@Entity('content')
@TableInheritance({ column: { name: 'kind', type: 'varchar', length: 20 } })
abstract class Content {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') title!: string;
  @ManyToOne(
    () => Content,
    (content) => content.parts,
    { nullable: true },
  )
  whole!: One<Content> | null;
  @OneToMany(
    () => Content,
    (content) => content.whole,
  )
  parts!: Many<Content>;
  @ManyToMany(() => Content) @JoinTable() related!: Many<Content>;
}

@ChildEntity('photo')
class Photo extends Content {
  @Column('integer') size!: number;
}

@ChildEntity()
class Post extends Content {
  @Column('integer') views!: number;
  @ManyToOne(() => Photo) cover!: One<Photo>;
}

@ChildEntity('pinned')
class PinnedPost extends Post {
  @Column('integer') rank!: number;
}

describe('one table for a family', () => {
  const registry = buildEntities([PinnedPost, Post, Photo, Content]);
  const { tables } = toSchema(registry);

  test('holds the columns of all classes, those of children nullable', () => {
    expect(tables.map((t) => t.name)).toEqual(['content', 'content_related']);
    expect(tables[0]?.columns.map((c) => [c.name, c.nullable])).toEqual([
      ['id', false],
      ['title', false],
      ['whole_id', true],
      ['kind', false],
      ['views', true],
      ['cover_id', true],
      ['size', true],
      ['rank', true],
    ]);
    expect(tables[0]?.foreignKeys.map((k) => k.name)).toEqual([
      'fk_content_cover_id_content',
      'fk_content_whole_id_content',
    ]);
    expect(tables[0]?.indexes.map((k) => k.name)).toEqual(['ix_content_cover_id', 'ix_content_whole_id']);
  });

  test('is one value for all classes', () => {
    expect(registry.get(Post).table).toBe(registry.get(Content).table);
  });

  test('knows which class a row is of', () => {
    const found = registry.entities.map((e) => [e.name, e.discriminator?.value, e.discriminator?.values]);
    expect(found).toEqual([
      ['PinnedPost', 'pinned', ['pinned']],
      ['Post', 'Post', ['Post', 'pinned']],
      ['Photo', 'photo', ['photo']],
      ['Content', 'Content', ['Content', 'pinned', 'Post', 'photo']],
    ]);
    expect(registry.get(PinnedPost).parent).toBe(Post);
    expect(registry.get(Post).children).toEqual([PinnedPost]);
    expect(registry.get(Photo).columns.find((c) => c.role === 'discriminator')).toMatchObject({
      name: 'kind',
      path: [],
    });
  });

  test('keeps a child’s columns as strict as they were declared', () => {
    expect(registry.get(Post).columns.find((c) => c.name === 'views')?.nullable).toBe(false);
  });

  test('refuses children without a root, equal values and columns that differ', () => {
    class Nothing {
      @PrimaryGeneratedColumn() id!: number;
    }
    @ChildEntity()
    class Lost extends Nothing {}
    @ChildEntity('photo')
    class Again extends Content {
      @Column('text') size!: string;
    }
    expect(mistakesOf([Lost, Content, Photo, Again])).toEqual([
      "Lost: @ChildEntity extends no entity with @TableInheritance. Put @TableInheritance({ column: 'type' }) on the entity that it extends, and that into `entities`.",
      "Again: its discriminator value 'photo' is that of Photo as well. Give it its own: @ChildEntity('…').",
      "Again.size: its column 'size' is another one in table 'content' already. Give it the same options there and here, or another name.",
    ]);
  });
});
