/** The data that all candidates write: notes, orders with their lines, drafts that can be soft-deleted. */

import Database from 'better-sqlite3';
import {
  Column,
  DeleteDateColumn,
  Entity,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
} from 'limbeck';

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 100 }) text!: string;
  @Column('integer') stars!: number;
  @Column('timestamp') writtenAt!: Date;
}

@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 100 }) customer!: string;
  @OneToMany(
    () => Line,
    (line) => line.order,
    { cascade: true },
  )
  lines!: Many<Line>;
}

@Entity('lines')
export class Line {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 100 }) product!: string;
  @Column('integer') quantity!: number;
  @Column('double') price!: number;
  @ManyToOne(
    () => Order,
    (order) => order.lines,
  )
  order!: One<Order>;
}

@Entity('drafts')
export class Draft {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 100 }) text!: string;
  @DeleteDateColumn() deletedAt!: Date | null;
}

export const ENTITIES = [Note, Order, Line, Draft];

export const NOTES = 10_000;
export const DRAFTS = 10_000;
const FIRST_DAY = Date.UTC(1950, 0, 1);

export const sqlDate = (date: Date): string => date.toISOString().replace('T', ' ').slice(0, 23);

/** Fills an empty schema; the same rows every time. */
export function fill(file: string, notes = NOTES): void {
  const db = new Database(file);
  const note = db.prepare('INSERT INTO notes (id, text, stars, written_at) VALUES (?, ?, ?, ?)');
  const draft = db.prepare('INSERT INTO drafts (id, text) VALUES (?, ?)');
  db.transaction(() => {
    for (let id = 1; id <= notes; id++) note.run(id, `note ${id}`, id % 5, sqlDate(new Date(FIRST_DAY + id)));
    for (let id = 1; id <= DRAFTS; id++) draft.run(id, `draft ${id}`);
  })();
  db.close();
}
