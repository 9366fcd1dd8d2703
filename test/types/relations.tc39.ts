/**
 * Standard decorators: relations against their properties, and what results look like.
 * Every must-not-compile line stands right below its `@ts-expect-error`; everything else must compile.
 */

import {
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  RelationId,
} from '../../src/decorators/index';
import type { Draft, Loaded, Many, NotLoaded, One, Plain } from '../../src/metadata/relation-types';

export class Publisher {
  id!: number;
  name!: string;
}

export class Tag {
  id!: number;
  label!: string;
  @ManyToMany(
    () => Book,
    (book) => book.tags,
  )
  books!: Many<Book>;
}

export class Profile {
  id!: number;
  @OneToOne(
    () => Author,
    (author) => author.profile,
  )
  author!: One<Author>;
}

export class Author {
  id!: number;
  name!: string;
  settings!: { theme: string };
  @OneToMany(
    () => Book,
    (book) => book.author,
    { cascade: ['insert'] },
  )
  books!: Many<Book>;
  @OneToOne(
    () => Profile,
    (profile) => profile.author,
    { cascade: true },
  )
  @JoinColumn()
  profile!: One<Profile>;
  @ManyToOne(
    () => Author,
    (author) => author.students,
    { nullable: true },
  )
  teacher!: One<Author> | null;
  @OneToMany(
    () => Author,
    (author) => author.teacher,
  )
  students!: Many<Author>;
  greet(): string {
    return `Hello, ${this.name}`;
  }
}

export class Book {
  id!: number;
  title!: string;
  @ManyToOne(
    () => Author,
    (author) => author.books,
    { onDelete: 'CASCADE', index: false },
  )
  author!: One<Author>;
  @ManyToOne(() => Author, 'students') pupil!: One<Author>;
  @ManyToOne(() => Publisher, { nullable: true, onDelete: 'SET NULL' })
  @JoinColumn({ name: 'house_id', referencedColumnName: 'id' })
  publisher!: One<Publisher> | null;
  @ManyToMany(
    () => Tag,
    (tag) => tag.books,
  )
  @JoinTable({ name: 'book_tags' })
  tags!: Many<Tag>;
  @ManyToOne(() => Publisher) protected printer!: One<Publisher>;
  @ManyToOne(() => Publisher) optional?: One<Publisher>;
  @RelationId((book: Book) => book.author) authorId!: number;
  @RelationId((book: Book) => book.publisher) publisherId!: number | null;
  @RelationId((book: Book) => book.tags) tagIds!: number[];
}

/** An abstract base may point at a concrete class whose inverse is one of its subclasses. */
export abstract class Owned {
  @ManyToOne(() => Author) owner!: One<Author>;
}

export class DoesNotCompile {
  // @ts-expect-error a bare class is no relation
  @ManyToOne(() => Author) a!: Author;
  // @ts-expect-error another entity
  @ManyToOne(() => Author) b!: One<Publisher>;
  // @ts-expect-error to-one, not to-many
  @ManyToOne(() => Author) c!: Many<Author>;
  // @ts-expect-error to-many, not to-one
  @OneToMany(
    () => Book,
    (book) => book.author,
  )
  d!: One<Book>;
  // @ts-expect-error nullable, but the property cannot be null
  @ManyToOne(() => Publisher, { nullable: true }) e!: One<Publisher>;
  // @ts-expect-error not nullable, but the property may be null
  @ManyToOne(() => Publisher) f!: One<Publisher> | null;
  @ManyToOne(
    () => Author,
    // @ts-expect-error no such property
    (author) => author.boks,
  )
  g!: One<Author>;
  // @ts-expect-error no such property
  @ManyToOne(() => Author, 'boks') h!: One<Author>;
  // @ts-expect-error the inverse leads to Book, not here
  @ManyToOne(
    () => Author,
    (author) => author.books,
  )
  i!: One<Author>;
  // @ts-expect-error the inverse is no relation
  @ManyToOne(
    () => Author,
    (author) => author.name,
  )
  j!: One<Author>;
  // @ts-expect-error there is no eager
  @ManyToOne(() => Publisher, { eager: true }) k!: One<Publisher>;
  // @ts-expect-error there is no lazy
  @ManyToOne(() => Author, undefined, { lazy: true }) l!: One<Author>;
  // @ts-expect-error no such action
  @ManyToOne(() => Publisher, { onDelete: 'DROP' }) m!: One<Publisher>;
  // @ts-expect-error no such option
  @ManyToOne(() => Publisher, { onDelte: 'CASCADE' }) n!: One<Publisher>;
  // @ts-expect-error the inverse side is missing
  @OneToMany(() => Book) o!: Many<Book>;
  // @ts-expect-error a list is no relation
  @OneToMany(
    () => Book,
    (book) => book.author,
  )
  p!: Book[];
  // @ts-expect-error @JoinTable is for to-many
  @JoinTable() q!: One<Author>;
  // @ts-expect-error @JoinColumn is for to-one
  @JoinColumn() r!: Many<Author>;
  // @ts-expect-error @JoinColumn is for relations
  @JoinColumn() s!: string;
  // @ts-expect-error no such cascade
  @ManyToOne(() => Publisher, { cascade: ['delete'] }) t!: One<Publisher>;
  // @ts-expect-error a value is no target
  @ManyToOne(() => 'Author') u!: One<Author>;
  // @ts-expect-error the other class has no such property
  @RelationId((book: Book) => book.writer) v!: number;
  // @ts-expect-error many keys are an array
  @RelationId((book: Book) => book.tags) many!: number;
  // @ts-expect-error one key is none
  @RelationId((book: Book) => book.author) single!: number[];
  // @ts-expect-error the relation may be null
  @RelationId((book: Book) => book.publisher) perhaps!: number;
  // @ts-expect-error a value is no relation
  @RelationId((book: Book) => book.title) value!: number;
  // @ts-expect-error a to-many is never null
  @ManyToMany(() => Tag) w!: Many<Tag> | null;
  // @ts-expect-error the inverse of a one-to-one is a to-one
  @OneToOne(
    () => Author,
    (author) => author.books,
  )
  x!: One<Author>;
}

declare const loaded: Loaded<Book>;
declare const withAuthor: Loaded<Book, { author: true; tags: true }>;
declare const deep: Loaded<Book, { author: { relations: { books: true; profile: true } } }>;
declare const author: Loaded<Author>;
declare const publisher: Loaded<Publisher>;
declare function save<E extends Plain<Book>>(entity: E): E;
declare function saveDraft(draft: Draft<Book>): void;

export function results(): void {
  const title: string = loaded.title;
  const name: string = withAuthor.author.name + withAuthor.author.greet() + withAuthor.tags[0]?.label + title;
  const nested: string = deep.author.books[0]?.title ?? deep.author.profile.id.toFixed() + name;
  const none: (object & NotLoaded<'relations: { publisher: true }'>) | null = loaded.publisher;
  // @ts-expect-error the author was not loaded
  loaded.author.name;
  // @ts-expect-error the author's books were not loaded
  withAuthor.author.books[0];
  // @ts-expect-error the publisher was not loaded
  deep.publisher?.name;
  // @ts-expect-error the books' author was not loaded
  deep.author.books[0]?.author.name;
  // An entity can be assigned to a relation, loaded or not; results and new instances can be saved.
  loaded.author = author;
  withAuthor.author = author;
  loaded.publisher = null;
  loaded.publisher = publisher;
  const book = new Book();
  book.author = author;
  book.author = new Author();
  book.author = withAuthor.author;
  book.publisher = publisher;
  book.tags = withAuthor.tags;
  book.tags.push(new Tag());
  save(loaded);
  save(withAuthor);
  save(deep);
  save(book);
  saveDraft(book);
  saveDraft({
    title: 'x',
    author: { name: 'y', books: [{ title: 'z' }] },
    publisher: null,
    tags: [new Tag()],
  });
  saveDraft({ title: nested, author });
  // @ts-expect-error null is no author
  book.author = null;
  // @ts-expect-error a publisher is no author
  book.author = publisher;
  // @ts-expect-error no such property
  saveDraft({ titel: 'x' });
  // @ts-expect-error no such property of the author
  saveDraft({ title: 'x', author: { nam: 'y' } });
  // @ts-expect-error no such property of the author's book
  saveDraft({ title: 'x', author: { books: [{ titel: 'z' }] } });
  // @ts-expect-error a draft of a publisher is no author
  saveDraft({ author: { theme: 'dark' } });
  void none;
}
