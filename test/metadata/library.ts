/** A small library of every kind of column and relation, with legacy decorators. */

import 'reflect-metadata';
import { sql } from '../../src/ast/sql';
import {
  BeforeInsert,
  Check,
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Embeddable,
  Embedded,
  Entity,
  Index,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  RelationId,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from '../../src/decorators/index';
import type { Many, One } from '../../src/metadata/relation-types';

@Entity('authors')
export class Author {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 120 }) name!: string;
  @Column('varchar', { length: 200, nullable: true, unique: true }) email!: string | null;
  @OneToMany(
    () => Book,
    (book) => book.author,
    { cascade: ['insert', 'update'] },
  )
  books!: Many<Book>;
}

@Entity('tags')
export class Tag {
  @PrimaryColumn('varchar', { length: 40 }) label!: string;
  @ManyToMany(
    () => Book,
    (book) => book.tags,
  )
  books!: Many<Book>;
}

@Embeddable()
export class Dimensions {
  @Column('integer') width!: number;
  @Check('height > 0') @Column('integer', { nullable: true }) height!: number | null;
}

@Entity({
  name: 'books',
  comment: 'what the library lends',
  renamedFrom: 'volumes',
  sqlite: { strict: true },
})
@Index(['author', 'title'], { unique: true })
@Index([sql`lower(title)`])
@Check('pages >= 0')
@Unique('uq_isbn', ['isbn'])
export class Book {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 200 }) title!: string;
  @Column('char', { length: 13, comment: 'ISBN-13' }) isbn!: string;
  @Column('integer', { default: 0, renamedFrom: 'page_count' }) pages!: number;
  @Check('price > 0')
  @Column('decimal', { precision: 10, scale: 2, as: 'number' })
  price!: number;
  @Index({ where: 'status IS NOT NULL', order: 'DESC' })
  @Column({ enum: ['draft', 'out'], default: 'draft' })
  status!: 'draft' | 'out';
  @ManyToOne(
    () => Author,
    (author) => author.books,
    { onDelete: 'CASCADE' },
  )
  author!: One<Author>;
  @ManyToOne(() => Author, { nullable: true, onDelete: 'SET NULL' }) editor!: One<Author> | null;
  @ManyToMany(
    () => Tag,
    (tag) => tag.books,
  )
  @JoinTable()
  tags!: Many<Tag>;
  @Embedded(() => Dimensions) size!: Dimensions;
  @OneToOne(
    () => Cover,
    (cover) => cover.book,
  )
  @JoinColumn()
  cover!: One<Cover>;
  @RelationId((book: Book) => book.author) authorId!: number;
  @CreateDateColumn() createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
  @DeleteDateColumn() deletedAt!: Date | null;
  @VersionColumn() version!: number;
  @Column('varchar', { length: 220, asExpression: "title || '!'", generatedType: 'STORED' }) shout!: string;
  @BeforeInsert() stamp(): void {}
}

@Entity('covers')
export class Cover {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('blob') image!: Buffer;
  @OneToOne(
    () => Book,
    (book) => book.cover,
  )
  book!: One<Book>;
}

export const LIBRARY = [Author, Tag, Book, Cover];
