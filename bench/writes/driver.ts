/** What a person writes by hand on better-sqlite3: statements prepared once, classes, dates and booleans made. */

import Database from 'better-sqlite3';
import { sqlDate } from './library.js';
import type { Candidate, NewNote, NewOrder, Workloads } from './workloads.js';

class Line {
  id!: number;
  product!: string;
  quantity!: number;
  price!: number;
}

class Note {
  id!: number;
  text!: string;
  stars!: number;
  writtenAt!: Date;
}

const date = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`);

function assign<T extends object>(target: T, values: object): T {
  return Object.assign(target, values);
}

function newLine({ product, quantity, price }: NewOrder['lines'][number]): Line {
  return assign(new Line(), { product, quantity, price });
}

interface NoteRow {
  readonly id: number;
  readonly text: string;
  readonly stars: number;
  readonly written_at: string;
}

function toNote({ id, text, stars, written_at }: NoteRow): Note {
  return assign(new Note(), { id, text, stars, writtenAt: date(written_at) });
}

class Driver implements Workloads {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(file: string) {
    this.#db = new Database(file);
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = NORMAL');
    this.#db.pragma('foreign_keys = ON');
  }

  #sql(text: string): Database.Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  async insert({ text, stars, writtenAt }: NewNote): Promise<number> {
    const statement = this.#sql('INSERT INTO notes (text, stars, written_at) VALUES (?, ?, ?)');
    return Number(statement.run(text, stars, sqlDate(writtenAt)).lastInsertRowid);
  }

  async insertMany(notes: readonly NewNote[]): Promise<number> {
    const statement = this.#sql('INSERT INTO notes (text, stars, written_at) VALUES (?, ?, ?)');
    this.#db.transaction(() => {
      for (const { text, stars, writtenAt } of notes) statement.run(text, stars, sqlDate(writtenAt));
    })();
    return notes.length;
  }

  async loadChangeSave(count: number): Promise<void> {
    const found = this.#sql('SELECT id, text, stars, written_at FROM notes ORDER BY id LIMIT ?').all(count);
    const rows = found as { id: number; text: string; stars: number; written_at: string }[];
    const notes = rows.map(({ id, text, stars, written_at }) =>
      assign(new Note(), { id, text, stars, writtenAt: date(written_at) }),
    );
    for (const note of notes) note.stars += 1;
    const update = this.#sql('UPDATE notes SET stars = ? WHERE id = ?');
    this.#db.transaction(() => {
      for (const { id, stars } of notes) update.run(stars, id);
    })();
  }

  async upsert(id: number, { text, stars, writtenAt }: NewNote): Promise<void> {
    this.#sql(
      `INSERT INTO notes (id, text, stars, written_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
       SET text = excluded.text, stars = excluded.stars, written_at = excluded.written_at`,
    ).run(id, text, stars, sqlDate(writtenAt));
  }

  async upsertMany(notes: readonly (NewNote & { readonly id: number })[]): Promise<void> {
    const statement = this.#sql(
      `INSERT INTO notes (id, text, stars, written_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
       SET text = excluded.text, stars = excluded.stars, written_at = excluded.written_at`,
    );
    this.#db.transaction(() => {
      for (const { id, text, stars, writtenAt } of notes) statement.run(id, text, stars, sqlDate(writtenAt));
    })();
  }

  async remove(id: number): Promise<void> {
    this.#sql('DELETE FROM notes WHERE id = ?').run(id);
  }

  async insertRow(note: NewNote): Promise<number> {
    return this.insert(note);
  }

  async saveMany(list: readonly NewNote[]): Promise<number> {
    const notes = list.map((note) => assign(new Note(), note));
    const statement = this.#sql('INSERT INTO notes (text, stars, written_at) VALUES (?, ?, ?)');
    this.#db.transaction(() => {
      for (const note of notes) {
        note.id = Number(statement.run(note.text, note.stars, sqlDate(note.writtenAt)).lastInsertRowid);
      }
    })();
    return notes.reduce((sum, { id }) => sum + id, 0);
  }

  async addMany(list: readonly NewNote[]): Promise<number> {
    return this.saveMany(list);
  }

  async loadChangeFlush(count: number): Promise<void> {
    return this.loadChangeSave(count);
  }

  async saveGraph(list: readonly NewOrder[]): Promise<number> {
    const orders = list.map(({ customer, lines }) => ({ id: 0, customer, lines: lines.map(newLine) }));
    const order = this.#sql('INSERT INTO orders (customer) VALUES (?)');
    const line = this.#sql('INSERT INTO lines (product, quantity, price, order_id) VALUES (?, ?, ?, ?)');
    this.#db.transaction(() => {
      for (const each of orders) each.id = Number(order.run(each.customer).lastInsertRowid);
      for (const { id, lines } of orders) {
        for (const each of lines) {
          each.id = Number(line.run(each.product, each.quantity, each.price, id).lastInsertRowid);
        }
      }
    })();
    let sum = 0;
    for (const { id, lines } of orders) {
      sum += id;
      for (const each of lines) sum += each.id;
    }
    return sum;
  }

  async removeNewest(count: number): Promise<void> {
    const found = this.#sql('SELECT id, text, stars, written_at FROM notes ORDER BY id DESC LIMIT ?').all(
      count,
    );
    const notes = (found as { id: number; text: string; stars: number; written_at: string }[]).map(
      ({ id, text, stars, written_at }) =>
        assign(new Note(), { id, text, stars, writtenAt: date(written_at) }),
    );
    const remove = this.#sql('DELETE FROM notes WHERE id = ?');
    this.#db.transaction(() => {
      for (const { id } of notes) remove.run(id);
    })();
  }

  async changeOne(id: number): Promise<void> {
    const row = this.#sql('SELECT id, text, stars, written_at FROM notes WHERE id = ?').get(id) as {
      id: number;
      text: string;
      stars: number;
      written_at: string;
    };
    const { text, stars, written_at } = row;
    const note = assign(new Note(), { id: row.id, text, stars, writtenAt: date(written_at) });
    note.stars += 1;
    this.#sql('UPDATE notes SET stars = ? WHERE id = ?').run(note.stars, note.id);
  }

  async updateWhere(id: number, stars: number): Promise<void> {
    this.#sql('UPDATE notes SET stars = ? WHERE id = ?').run(stars, id);
  }

  async increment(id: number, by: number): Promise<void> {
    this.#sql('UPDATE notes SET stars = stars + ? WHERE id = ?').run(by, id);
  }

  async softDelete(id: number): Promise<void> {
    const text = 'UPDATE drafts SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL';
    this.#sql(text).run(sqlDate(new Date()), id);
  }

  async readAll(): Promise<number> {
    const rows = this.#sql('SELECT id, text, stars, written_at FROM notes').all() as NoteRow[];
    return rows.map(toNote).length;
  }

  async stream(): Promise<number> {
    let count = 0;
    for (const row of this.#sql('SELECT id, text, stars, written_at FROM notes').iterate()) {
      toNote(row as NoteRow);
      count += 1;
    }
    return count;
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

export const driver: Candidate = { name: 'better-sqlite3, by hand', open: async (file) => new Driver(file) };
