// The writes as MikroORM does them, each on a fork of its own, as its guide has requests do.
const { EntitySchema, MikroORM, raw } = require('@mikro-orm/core');
const { BetterSqliteDriver } = require('@mikro-orm/better-sqlite');
const { Type } = require('@mikro-orm/core');

class Moment extends Type {
  convertToDatabaseValue(value) {
    return value instanceof Date ? value.toISOString().replace('T', ' ').slice(0, 23) : value;
  }
  convertToJSValue(value) {
    return typeof value === 'string' ? new Date(`${value.replace(' ', 'T')}Z`) : value;
  }
  getColumnType() {
    return 'text';
  }
  compareAsType() {
    return 'string';
  }
}
const id = { type: 'number', primary: true };
const Note = new EntitySchema({
  name: 'Note',
  tableName: 'notes',
  properties: {
    id,
    text: { type: 'string' },
    stars: { type: 'number' },
    writtenAt: { type: Moment, fieldName: 'written_at' },
  },
});

const Order = new EntitySchema({
  name: 'Order',
  tableName: 'orders',
  properties: {
    id,
    customer: { type: 'string' },
    lines: { kind: '1:m', entity: () => 'Line', mappedBy: 'order' },
  },
});
const Line = new EntitySchema({
  name: 'Line',
  tableName: 'lines',
  properties: {
    id,
    product: { type: 'string' },
    quantity: { type: 'number' },
    price: { type: 'double' },
    order: { kind: 'm:1', entity: () => 'Order', fieldName: 'order_id' },
  },
});
const Draft = new EntitySchema({
  name: 'Draft',
  tableName: 'drafts',
  properties: {
    id,
    text: { type: 'string' },
    deletedAt: { type: Moment, fieldName: 'deleted_at', nullable: true },
  },
});

const sumOf = (rows) => rows.reduce((sum, { id }) => sum + id, 0);

exports.candidate = {
  name: 'MikroORM',
  async open(file) {
    const orm = await MikroORM.init({
      driver: BetterSqliteDriver,
      dbName: file,
      entities: [Note, Order, Line, Draft],
      discovery: { disableDynamicFileAccess: true },
      allowGlobalContext: true,
    });
    await orm.em.getConnection().execute('pragma journal_mode = WAL');
    await orm.em.getConnection().execute('pragma synchronous = NORMAL');
    const orderBy = { id: 'asc' };
    const saveMany = async (list) => {
      const em = orm.em.fork();
      const made = list.map((note) => em.create('Note', note));
      await em.persistAndFlush(made);
      return sumOf(made);
    };
    const changeMany = async (limit) => {
      const em = orm.em.fork();
      const found = await em.find('Note', {}, { orderBy, limit });
      for (const note of found) note.stars += 1;
      await em.flush();
    };
    return {
      insert: async (note) => {
        const em = orm.em.fork();
        const made = em.create('Note', note);
        await em.persistAndFlush(made);
        return made.id;
      },
      insertMany: async (list) => {
        const em = orm.em.fork();
        await em.insertMany(
          'Note',
          list.map((note) => ({ ...note })),
        );
        return list.length;
      },
      loadChangeSave: changeMany,
      loadChangeFlush: changeMany,
      upsert: async (key, note) => {
        await orm.em.fork().upsert('Note', { id: key, ...note });
      },
      remove: async (key) => {
        await orm.em.fork().nativeDelete('Note', { id: key });
      },
      upsertMany: async (list) => {
        await orm.em.fork().upsertMany(
          'Note',
          list.map((note) => ({ ...note })),
        );
      },
      insertRow: (note) => orm.em.fork().insert('Note', { ...note }),
      saveMany,
      addMany: saveMany,
      saveGraph: async (list) => {
        const em = orm.em.fork();
        const made = list.map((order) => em.create('Order', order));
        await em.persistAndFlush(made);
        return sumOf(made) + made.reduce((sum, { lines }) => sum + sumOf(lines.getItems()), 0);
      },
      removeNewest: async (limit) => {
        const em = orm.em.fork();
        for (const note of await em.find('Note', {}, { orderBy: { id: 'desc' }, limit })) em.remove(note);
        await em.flush();
      },
      changeOne: async (key) => {
        const em = orm.em.fork();
        const note = await em.findOneOrFail('Note', { id: key });
        note.stars += 1;
        await em.flush();
      },
      updateWhere: async (key, stars) => {
        await orm.em.fork().nativeUpdate('Note', { id: key }, { stars });
      },
      increment: async (key, by) => {
        await orm.em.fork().nativeUpdate('Note', { id: key }, { stars: raw('stars + ?', [by]) });
      },
      softDelete: async (key) => {
        await orm.em.fork().nativeUpdate('Draft', { id: key, deletedAt: null }, { deletedAt: new Date() });
      },
      readAll: async () => (await orm.em.fork().find('Note', {}, { disableIdentityMap: true })).length,
      readManaged: async () => (await orm.em.fork().find('Note', {})).length,
      close: () => orm.close(),
    };
  },
};
