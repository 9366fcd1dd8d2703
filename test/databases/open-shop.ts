/** A shop on a database of its own, with what it was asked. */

import { DataSource } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase } from '../support/databases';
import { Cell, Label, Licence, Product, Review, Shop, shopEntities } from './finding-entities';

export interface OpenShop {
  readonly db: DataSource;
  /** Statements since the last call. */
  statements(): string[];
  close(): Promise<void>;
}

/**
 * Three shops; of product `p<i>` there are i % 4 reviews, rated 1, 2, 3 in turn, and it has the labels whose
 * number divides i.
 */
export async function openShop(kind: DatabaseKind): Promise<OpenShop> {
  const database: TestDatabase = await createDatabase(kind);
  let log: string[] = [];
  const db = new DataSource({
    url: database.url,
    entities: shopEntities,
    logger: (entry) => {
      if (entry.kind === 'query') log.push(entry.sql);
    },
  });
  await db.initialize();
  await db.createSchema();
  await fill(db);
  log = [];
  return {
    db,
    statements: () => {
      const said = log;
      log = [];
      return said;
    },
    close: async () => {
      await db.destroy();
      await database.drop();
    },
  };
}

async function fill(db: DataSource): Promise<void> {
  const shops = await db.getRepository(Shop).save(
    ['Corner', 'Market', 'Alley'].map((name, i) => ({
      name,
      address: { street: `${name} St`, city: `c${i}` },
    })),
  );
  await db.getRepository(Licence).save(shops.slice(0, 2).map((shop) => ({ code: `L${shop.id}`, shop })));
  const labels = await db.getRepository(Label).save([
    { name: 'one', rank: 1 },
    { name: 'two', rank: 2 },
    { name: 'three', rank: null },
  ]);
  const products = await db.getRepository(Product).save(
    Array.from({ length: 12 }, (_, i) => ({
      name: `p${i}`,
      stock: i % 3 === 0 ? null : i % 5,
      price: `${i}.10`,
      sold: BigInt(i) * 10n ** 15n,
      weight: i === 0 ? null : i / 4,
      madeAt: i % 4 === 0 ? null : new Date(Date.UTC(2026, 0, 1 + (i % 6))),
      shop: shops[i % 2] as Shop,
      outlet: i % 3 === 0 ? null : (shops[2] as Shop),
      labels: labels.filter((_, n) => i % (n + 1) === 0),
    })),
  );
  const reviews = db.getRepository(Review);
  await reviews.save(
    products.flatMap((product, i) =>
      Array.from({ length: i % 4 }, (_, n) => ({ rating: n + 1, text: `r${i}.${n}`, product })),
    ),
  );
  await reviews.update({ text: 'r3.2' }, { deletedAt: new Date() });
  const cells = db.getRepository(Cell);
  const whole = await cells.save({ x: 1, y: 1, text: 'whole', whole: null });
  await cells.save([2, 3, 4].map((y) => ({ x: 1, y, text: `part${y}`, whole })));
}
