// The writes as Drizzle does them.
const Database = require('better-sqlite3');
const { drizzle } = require('drizzle-orm/better-sqlite3');
const { and, asc, desc, eq, inArray, isNull, sql } = require('drizzle-orm');
const { customType, integer, real, sqliteTable, text } = require('drizzle-orm/sqlite-core');

const moment = customType({
  dataType: () => 'text',
  fromDriver: (value) => new Date(`${value.replace(' ', 'T')}Z`),
  toDriver: (value) => value.toISOString().replace('T', ' ').slice(0, 23),
});
const key = () => integer('id').primaryKey({ autoIncrement: true });
const notes = sqliteTable('notes', {
  id: key(),
  text: text('text').notNull(),
  stars: integer('stars').notNull(),
  writtenAt: moment('written_at').notNull(),
});
const orders = sqliteTable('orders', { id: key(), customer: text('customer').notNull() });
const lines = sqliteTable('lines', {
  id: key(),
  product: text('product').notNull(),
  quantity: integer('quantity').notNull(),
  price: real('price').notNull(),
  orderId: integer('order_id').notNull(),
});
const drafts = sqliteTable('drafts', {
  id: key(),
  text: text('text').notNull(),
  deletedAt: moment('deleted_at'),
});

const sumOf = (rows) => rows.reduce((sum, { id }) => sum + id, 0);

exports.candidate = {
  name: 'Drizzle',
  async open(file) {
    const native = new Database(file);
    native.pragma('journal_mode = WAL');
    native.pragma('synchronous = NORMAL');
    native.pragma('foreign_keys = ON');
    const db = drizzle(native);
    const workloads = {
      insert: async (note) => (await db.insert(notes).values(note).returning({ id: notes.id }))[0].id,
      insertMany: async (list) => {
        db.transaction((tx) => {
          for (let from = 0; from < list.length; from += 1_000)
            tx.insert(notes)
              .values(list.slice(from, from + 1_000))
              .run();
        });
        return list.length;
      },
      loadChangeSave: async (take) => {
        const found = await db.select().from(notes).orderBy(asc(notes.id)).limit(take);
        db.transaction((tx) => {
          for (const note of found)
            tx.update(notes)
              .set({ stars: note.stars + 1 })
              .where(eq(notes.id, note.id))
              .run();
        });
      },
      upsert: async (id, note) => {
        await db
          .insert(notes)
          .values({ id, ...note })
          .onConflictDoUpdate({ target: notes.id, set: note });
      },
      remove: async (id) => {
        await db.delete(notes).where(eq(notes.id, id));
      },
      upsertMany: async (list) => {
        const set = {
          text: sql`excluded.text`,
          stars: sql`excluded.stars`,
          writtenAt: sql`excluded.written_at`,
        };
        await db.insert(notes).values(list).onConflictDoUpdate({ target: notes.id, set });
      },
      insertRow: async (note) => (await db.insert(notes).values(note).returning({ id: notes.id }))[0].id,
      saveMany: async (list) => sumOf(await db.insert(notes).values(list).returning({ id: notes.id })),
      saveGraph: async (list) =>
        db.transaction((tx) => {
          const made = tx
            .insert(orders)
            .values(list.map(({ customer }) => ({ customer })))
            .returning({ id: orders.id })
            .all();
          const rows = list.flatMap(({ lines }, i) =>
            lines.map((line) => ({ ...line, orderId: made[i].id })),
          );
          return sumOf(made) + sumOf(tx.insert(lines).values(rows).returning({ id: lines.id }).all());
        }),
      removeNewest: async (take) => {
        const found = await db.select().from(notes).orderBy(desc(notes.id)).limit(take);
        await db.delete(notes).where(
          inArray(
            notes.id,
            found.map(({ id }) => id),
          ),
        );
      },
      changeOne: async (id) => {
        const [note] = await db.select().from(notes).where(eq(notes.id, id));
        await db
          .update(notes)
          .set({ stars: note.stars + 1 })
          .where(eq(notes.id, id));
      },
      updateWhere: async (id, stars) => {
        await db.update(notes).set({ stars }).where(eq(notes.id, id));
      },
      increment: async (id, by) => {
        await db
          .update(notes)
          .set({ stars: sql`${notes.stars} + ${by}` })
          .where(eq(notes.id, id));
      },
      softDelete: async (id) => {
        const isThere = and(eq(drafts.id, id), isNull(drafts.deletedAt));
        await db.update(drafts).set({ deletedAt: new Date() }).where(isThere);
      },
      readAll: async () => (await db.select().from(notes)).length,
      close: async () => native.close(),
    };
    // There is no other way to write many.
    return { ...workloads, addMany: workloads.saveMany, loadChangeFlush: workloads.loadChangeSave };
  },
};
