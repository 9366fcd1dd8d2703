/** Entities whose names are made to be mixed up: properties that are called as other properties' columns are. */

import {
  ChildEntity,
  Column,
  DeleteDateColumn,
  Embeddable,
  Embedded,
  Entity,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
} from 'limbeck';

@Entity('authors')
export class Author {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50, name: 'full_name' }) name!: string;
  @Column('bigint', { default: 0 }) points!: bigint;
  @Column('boolean', { default: true }) isActive!: boolean;
  @Column('timestamp', { nullable: true }) joinedAt!: Date | null;
  @DeleteDateColumn() deletedAt!: Date | null;
  @OneToMany(
    () => Book,
    (book) => book.author,
  )
  books!: Many<Book>;

  greet(): string {
    return `I am ${this.name}`;
  }
}

@Embeddable()
export class Size {
  @Column('integer', { default: 0 }) width!: number;
  @Column('integer', { default: 0 }) pageCount!: number;
}

@Entity('books')
export class Book {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 100 }) title!: string;
  @Column('decimal', { precision: 8, scale: 2, nullable: true }) price!: string | null;
  @Column('json', { nullable: true }) extra!: { tags: string[] } | null;
  @Column('timestamptz', { nullable: true }) publishedAt!: Date | null;
  @Embedded(() => Size) size!: Size;
  @ManyToOne(
    () => Author,
    (author) => author.books,
  )
  author!: One<Author>;
  @ManyToOne(() => Author, { nullable: true }) editor!: One<Author> | null;
  @ManyToMany(() => Tag) @JoinTable() tags!: Many<Tag>;
}

@Entity('tags')
export class Tag {
  @PrimaryColumn('varchar', { length: 20 }) name!: string;
}

/** `a` is the column `b`, `b` the column `c`, `c` the column `a`. */
@Entity('mixed_up')
export class MixedUp {
  @PrimaryGeneratedColumn({ name: 'key' }) id!: number;
  @Column('integer', { name: 'b' }) a!: number;
  @Column('boolean', { name: 'c' }) b!: boolean;
  @Column('timestamp', { name: 'a' }) c!: Date;
}

@Entity('shelves')
export class Shelf {
  @PrimaryColumn('varchar', { length: 10 }) room!: string;
  @PrimaryColumn('integer') no!: number;
}

@Entity('slots')
export class Slot {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Shelf) shelf!: One<Shelf>;
}

@Entity('places')
export class Place {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Column('timestamp') foundedAt!: Date;
  @ManyToOne(() => Place, { nullable: true }) parent!: One<Place> | null;
}

@Entity('contents')
@TableInheritance({ column: { name: 'kind', type: 'varchar', length: 20 } })
export class Content {
  @PrimaryGeneratedColumn() id!: number;
  @Column('timestamp') madeAt!: Date;
}

@ChildEntity()
export class Photo extends Content {
  @Column('integer') pixelSize!: number;
}

@ChildEntity()
export class Post extends Content {
  @Column('text') bodyText!: string;
}

export const entities = [Author, Book, Tag, MixedUp, Shelf, Slot, Place, Content, Photo, Post];

/** What Kysely is told of them; a table of many-to-many pairs has no class. */
export interface Tables {
  authors: Author;
  books: Book;
  tags: Tag;
  mixed_up: MixedUp;
  shelves: Shelf;
  slots: Slot;
  places: Place;
  contents: Photo;
  books_tags: { book_id: number; tag_name: string };
}
