// The writes as TypeORM does them.
require('reflect-metadata');
const { DataSource, EntitySchema } = require('typeorm');

const id = { type: 'integer', primary: true, generated: true };
const Note = new EntitySchema({
  name: 'Note',
  tableName: 'notes',
  columns: {
    id,
    text: { type: 'varchar' },
    stars: { type: 'integer' },
    writtenAt: { type: 'datetime', name: 'written_at' },
  },
});

const Order = new EntitySchema({
  name: 'Order',
  tableName: 'orders',
  columns: { id, customer: { type: 'varchar' } },
  relations: { lines: { type: 'one-to-many', target: 'Line', inverseSide: 'order', cascade: true } },
});
const Line = new EntitySchema({
  name: 'Line',
  tableName: 'lines',
  columns: {
    id,
    product: { type: 'varchar' },
    quantity: { type: 'integer' },
    price: { type: 'double' },
  },
  relations: { order: { type: 'many-to-one', target: 'Order', joinColumn: { name: 'order_id' } } },
});
const Draft = new EntitySchema({
  name: 'Draft',
  tableName: 'drafts',
  columns: {
    id,
    text: { type: 'varchar' },
    deletedAt: { type: 'datetime', name: 'deleted_at', deleteDate: true, nullable: true },
  },
});
const sumOf = (rows) => rows.reduce((sum, { id }) => sum + id, 0);

exports.candidate = {
  name: 'TypeORM',
  async open(file) {
    const db = new DataSource({
      type: 'better-sqlite3',
      database: file,
      entities: [Note, Order, Line, Draft],
      prepareDatabase: (native) => {
        native.pragma('journal_mode = WAL');
        native.pragma('synchronous = NORMAL');
      },
    });
    await db.initialize();
    const notes = db.getRepository(Note);
    const orders = db.getRepository(Order);
    const drafts = db.getRepository(Draft);
    const order = { id: 'ASC' };
    const workloads = {
      insert: async (note) => (await notes.save({ ...note })).id,
      insertMany: async (list) => {
        // Its own INSERT of many rows exceeds SQLite's parameters and must be cut by hand.
        await db.transaction(async (manager) => {
          for (let from = 0; from < list.length; from += 1_000) {
            await manager
              .getRepository(Note)
              .insert(list.slice(from, from + 1_000).map((note) => ({ ...note })));
          }
        });
        return list.length;
      },
      loadChangeSave: async (take) => {
        const found = await notes.find({ order, take });
        for (const note of found) note.stars += 1;
        await notes.save(found);
      },
      upsert: async (key, note) => {
        await notes.upsert({ id: key, ...note }, ['id']);
      },
      remove: async (key) => {
        await notes.delete(key);
      },
      upsertMany: async (list) => {
        await notes.upsert(
          list.map((note) => ({ ...note })),
          ['id'],
        );
      },
      insertRow: async (note) => (await notes.insert({ ...note })).identifiers[0].id,
      saveMany: async (list) => sumOf(await notes.save(notes.create(list.map((note) => ({ ...note }))))),
      saveGraph: async (list) => {
        const made = orders.create(
          list.map(({ customer, lines }) => ({ customer, lines: lines.map((line) => ({ ...line })) })),
        );
        await orders.save(made);
        return sumOf(made) + made.reduce((sum, { lines }) => sum + sumOf(lines), 0);
      },
      removeNewest: async (take) => {
        await notes.remove(await notes.find({ order: { id: 'DESC' }, take }));
      },
      changeOne: async (key) => {
        const note = await notes.findOneByOrFail({ id: key });
        note.stars += 1;
        await notes.save(note);
      },
      updateWhere: async (key, stars) => {
        await notes.update({ id: key }, { stars });
      },
      increment: async (key, by) => {
        await notes.increment({ id: key }, 'stars', by);
      },
      softDelete: async (key) => {
        await drafts.softDelete(key);
      },
      readAll: async () => (await notes.find()).length,
      close: () => db.destroy(),
    };
    // There is no other way to write many.
    return { ...workloads, addMany: workloads.saveMany, loadChangeFlush: workloads.loadChangeSave };
  },
};
