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
    { cascade: true },
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
    { cascade: true },
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
export const NOTES = 5_000;
export const FIRST_DAY = Date.UTC(1950, 0, 1);

export const titleOf = (id: number): string => `The book of ${id}`;
export const isbnOf = (id: number): string => `978-${String(id).padStart(9, '0')}`;
export const sqlDate = (date: Date): string => date.toISOString().replace('T', ' ').slice(0, 23);

type Row = Readonly<Record<string, string | number | boolean | null>>;

/** The rows of every table, those that others refer to first; the same every time. */
export function* libraryRows(): Generator<readonly [table: string, row: Row]> {
  for (let id = 1; id <= AUTHORS; id++) {
    yield ['authors', { id, name: `Author ${id}`, born: 1900 + (id % 100) }];
  }
  for (let id = 1; id <= TAGS; id++) yield ['tags', { id, name: `tag ${id}` }];
  for (let id = 1; id <= BOOKS; id++) yield ['books', bookRow(id)];
  for (let id = 1; id <= BOOKS; id++) {
    for (let number = 1; number <= CHAPTERS_PER_BOOK; number++) {
      const title = `Chapter ${number} of ${id}`;
      yield ['chapters', { id: (id - 1) * CHAPTERS_PER_BOOK + number, number, title, book_id: id }];
    }
    for (let i = 0; i < TAGS_PER_BOOK; i++) {
      yield ['books_tags', { book_id: id, tag_id: ((id * 7 + i * 13) % TAGS) + 1 }];
    }
  }
  for (let id = 1; id <= NOTES; id++) {
    yield [
      'notes',
      { id, text: `old note ${id}`, stars: id % 5, written_at: sqlDate(new Date(1.5e12 + id)) },
    ];
  }
}

/** Fills an empty schema of SQLite's. */
export function fill(file: string): void {
  const db = new Database(file);
  const statements = new Map<string, Database.Statement>();
  db.transaction(() => {
    for (const [table, row] of libraryRows()) {
      let statement = statements.get(table);
      if (statement === undefined) {
        const names = Object.keys(row);
        const marks = names.map(() => '?').join(', ');
        statement = db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`);
        statements.set(table, statement);
      }
      statement.run(Object.values(row).map((value) => (typeof value === 'boolean' ? Number(value) : value)));
    }
  })();
  db.close();
}

function bookRow(id: number): Row {
  return {
    id,
    title: titleOf(id),
    isbn: isbnOf(id),
    pages: 50 + (id % 900),
    price: 5 + (id % 100) / 4,
    in_print: id % 3 === 0,
    published_at: sqlDate(new Date(FIRST_DAY + id * 86_400_000 + (id % 1_000))),
    summary: id % 4 === 0 ? null : `What happens in ${id}`,
    author_id: (id % AUTHORS) + 1,
  };
}
