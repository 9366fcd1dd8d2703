// The writes as Kysely does them: rows are its results, so what SQLite has no type for is made by hand.
const Database = require('better-sqlite3');
const { Kysely, SqliteDialect } = require('kysely');

const sqlDate = (date) => date.toISOString().replace('T', ' ').slice(0, 23);
const shown = ({ id, text, stars, written_at }) => ({
  id,
  text,
  stars,
  writtenAt: new Date(`${written_at.replace(' ', 'T')}Z`),
});
const toRow = ({ text, stars, writtenAt }) => ({ text, stars, written_at: sqlDate(writtenAt) });

const sumOf = (rows) => rows.reduce((sum, { id }) => sum + id, 0);

exports.candidate = {
  name: 'Kysely',
  async open(file) {
    const native = new Database(file);
    native.pragma('journal_mode = WAL');
    native.pragma('synchronous = NORMAL');
    native.pragma('foreign_keys = ON');
    const db = new Kysely({ dialect: new SqliteDialect({ database: native }) });
    const workloads = {
      insert: async (note) =>
        Number((await db.insertInto('notes').values(toRow(note)).executeTakeFirst()).insertId),
      insertMany: async (list) => {
        await db.transaction().execute(async (tx) => {
          for (let from = 0; from < list.length; from += 1_000) {
            await tx
              .insertInto('notes')
              .values(list.slice(from, from + 1_000).map(toRow))
              .execute();
          }
        });
        return list.length;
      },
      loadChangeSave: async (take) => {
        const found = await db.selectFrom('notes').selectAll().orderBy('id').limit(take).execute();
        await db.transaction().execute(async (tx) => {
          for (const { id, stars } of found) {
            await tx
              .updateTable('notes')
              .set({ stars: stars + 1 })
              .where('id', '=', id)
              .execute();
          }
        });
      },
      upsert: async (id, note) => {
        const row = toRow(note);
        await db
          .insertInto('notes')
          .values({ id, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
      },
      remove: async (id) => {
        await db.deleteFrom('notes').where('id', '=', id).execute();
      },
      upsertMany: async (list) => {
        await db
          .insertInto('notes')
          .values(list.map((note) => ({ id: note.id, ...toRow(note) })))
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet((eb) => ({
              text: eb.ref('excluded.text'),
              stars: eb.ref('excluded.stars'),
              written_at: eb.ref('excluded.written_at'),
            })),
          )
          .execute();
      },
      insertRow: async (note) =>
        Number((await db.insertInto('notes').values(toRow(note)).executeTakeFirst()).insertId),
      saveMany: async (list) =>
        sumOf(await db.insertInto('notes').values(list.map(toRow)).returning('id').execute()),
      saveGraph: (list) =>
        db.transaction().execute(async (tx) => {
          const orders = await tx
            .insertInto('orders')
            .values(list.map(({ customer }) => ({ customer })))
            .returning('id')
            .execute();
          const rows = list.flatMap(({ lines }, i) =>
            lines.map((line) => ({ ...line, order_id: orders[i].id })),
          );
          const lines = await tx.insertInto('lines').values(rows).returning('id').execute();
          return sumOf(orders) + sumOf(lines);
        }),
      removeNewest: async (take) => {
        const found = await db.selectFrom('notes').selectAll().orderBy('id', 'desc').limit(take).execute();
        await db
          .deleteFrom('notes')
          .where(
            'id',
            'in',
            found.map(({ id }) => id),
          )
          .execute();
      },
      changeOne: async (id) => {
        const { stars } = await db
          .selectFrom('notes')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        await db
          .updateTable('notes')
          .set({ stars: stars + 1 })
          .where('id', '=', id)
          .execute();
      },
      updateWhere: async (id, stars) => {
        await db.updateTable('notes').set({ stars }).where('id', '=', id).execute();
      },
      increment: async (id, by) => {
        await db
          .updateTable('notes')
          .set((eb) => ({ stars: eb('stars', '+', by) }))
          .where('id', '=', id)
          .execute();
      },
      softDelete: async (id) => {
        await db
          .updateTable('drafts')
          .set({ deleted_at: sqlDate(new Date()) })
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .execute();
      },
      readAll: async () => (await db.selectFrom('notes').selectAll().execute()).map(shown).length,
      close: () => db.destroy(),
    };
    // There is no other way to write many.
    return { ...workloads, addMany: workloads.saveMany, loadChangeFlush: workloads.loadChangeSave };
  },
};
