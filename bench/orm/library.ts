/** The data that all candidates read and write: a library of authors, books, chapters and tags. */

import Database from 'better-sqlite3';
import {
  Column,
  Entity,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'limbeck';

@Entity('authors')
export class Author {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 100 }) name!: string;
  @Column('integer') born!: number;
  @OneToMany(
    () => Book,
    (book) => book.author,
  )
  books!: Many<Book>;
}

@Entity('books')
export class Book {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 200 }) title!: string;
  @Column('varchar', { length: 20, unique: true }) isbn!: string;
  @Column('integer') pages!: number;
  @Column('double') price!: number;
  @Column('boolean') inPrint!: boolean;
  @Column('timestamp') publishedAt!: Date;
  @Column('text', { nullable: true }) summary!: string | null;
  @ManyToOne(
    () => Author,
    (author) => author.books,
  )
  author!: One<Author>;
  @OneToMany(
    () => Chapter,
    (chapter) => chapter.book,
  )
  chapters!: Many<Chapter>;
  @ManyToMany(() => Tag)
  @JoinTable({
    name: 'books_tags',
    joinColumn: { name: 'book_id' },
    inverseJoinColumn: { name: 'tag_id' },
  })
  tags!: Many<Tag>;
}

@Entity('chapters')
export class Chapter {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') number!: number;
  @Column('varchar', { length: 200 }) title!: string;
  @ManyToOne(
    () => Book,
    (book) => book.chapters,
  )
  book!: One<Book>;
}

@Entity('tags')
export class Tag {
  @PrimaryColumn('integer') id!: number;
  @Column('varchar', { length: 50 }) name!: string;
}

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 100 }) text!: string;
  @Column('integer') stars!: number;
  @Column('timestamp') writtenAt!: Date;
}

export const ENTITIES = [Author, Book, Chapter, Tag, Note];

export const AUTHORS = 200;
export const BOOKS = 20_000;
export const CHAPTERS_PER_BOOK = 3;
export const TAGS = 50;
export const TAGS_PER_BOOK = 2;
export const FIRST_DAY = Date.UTC(1950, 0, 1);

export const titleOf = (id: number): string => `The book of ${id}`;
export const isbnOf = (id: number): string => `978-${String(id).padStart(9, '0')}`;
export const sqlDate = (date: Date): string => date.toISOString().replace('T', ' ').slice(0, 23);

/** Fills an empty schema; the same rows every time. */
export function fill(file: string): void {
  const db = new Database(file);
  const into = (table: string, row: Record<string, unknown>): Database.Statement => {
    const names = Object.keys(row);
    return db.prepare(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
    );
  };
  db.transaction(() => {
    const author = into('authors', { id: 0, name: 0, born: 0 });
    for (let id = 1; id <= AUTHORS; id++) author.run({ id, name: `Author ${id}`, born: 1900 + (id % 100) });
    const tag = into('tags', { id: 0, name: 0 });
    for (let id = 1; id <= TAGS; id++) tag.run({ id, name: `tag ${id}` });
    const book = into('books', bookRow(1));
    const chapter = into('chapters', { number: 0, title: 0, book_id: 0 });
    const link = into('books_tags', { book_id: 0, tag_id: 0 });
    for (let id = 1; id <= BOOKS; id++) {
      book.run(bookRow(id));
      for (let number = 1; number <= CHAPTERS_PER_BOOK; number++) {
        chapter.run({ number, title: `Chapter ${number} of ${id}`, book_id: id });
      }
      for (let i = 0; i < TAGS_PER_BOOK; i++) {
        link.run({ book_id: id, tag_id: ((id * 7 + i * 13) % TAGS) + 1 });
      }
    }
  })();
  db.close();
}

function bookRow(id: number): Record<string, unknown> {
  return {
    id,
    title: titleOf(id),
    isbn: isbnOf(id),
    pages: 50 + (id % 900),
    price: 5 + (id % 100) / 4,
    in_print: id % 3 === 0 ? 1 : 0,
    published_at: sqlDate(new Date(FIRST_DAY + id * 86_400_000 + (id % 1_000))),
    summary: id % 4 === 0 ? null : `What happens in ${id}`,
    author_id: (id % AUTHORS) + 1,
  };
}
