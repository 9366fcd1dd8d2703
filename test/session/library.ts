/** Entities that the tests of sessions share: one of every kind of relation. */

import {
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
} from '../../src/decorators/index';
import type { Many, One } from '../../src/metadata/relation-types';

@Entity('authors')
export class Author {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Column('text', { nullable: true }) bio!: string | null;
  @OneToMany(
    () => Book,
    (book) => book.author,
    { cascade: ['insert', 'update'] },
  )
  books!: Many<Book>;

  greet(): string {
    return `I am ${this.name}`;
  }
}

@Entity('books')
export class Book {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 200 }) title!: string;
  @Column('integer', { default: 100 }) pages!: number;
  @Column('json', { nullable: true }) extra!: { tags: string[] } | null;
  @Column('text', { nullable: true, select: false }) secret!: string | null;
  @ManyToOne(
    () => Author,
    (author) => author.books,
    { cascade: ['insert'] },
  )
  author!: One<Author>;
  @ManyToOne(() => Author, { nullable: true }) editor!: One<Author> | null;
  @ManyToMany(
    () => Tag,
    (tag) => tag.books,
    { cascade: ['insert'] },
  )
  @JoinTable()
  tags!: Many<Tag>;
}

@Entity('tags')
export class Tag {
  @PrimaryColumn('varchar', { length: 20 }) name!: string;
  @ManyToMany(
    () => Book,
    (book) => book.tags,
  )
  books!: Many<Book>;
}

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('text') text!: string;
  @CreateDateColumn() createdAt!: Date;
  @UpdateDateColumn() updatedAt!: Date;
  @DeleteDateColumn() deletedAt!: Date | null;
  @VersionColumn() version!: number;
}

@Entity('profiles')
export class Profile {
  @PrimaryGeneratedColumn() id!: number;
  @Column('bigint', { default: 0 }) score!: bigint;
  @Column('blob', { nullable: true }) picture!: Buffer | null;
  @OneToOne(() => Author) @JoinColumn() author!: One<Author>;
}

export const entities = [Author, Book, Tag, Note, Profile];
