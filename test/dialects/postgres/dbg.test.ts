import { Bench } from './schema-support.js';
test('x', async () => {
  const db = await Bench.connect(process.env.LIMBECK_TEST_POSTGRES_URL!.replace(/\/postgres$/, '/limbeck_perf'));
  const sqls: string[] = [];
  const orig = db.queryArrays.bind(db);
  (db as any).queryArrays = (sql: string, p: any) => { sqls.push(sql); return orig(sql, p); };
  const { readCatalog } = await import('../../../src/dialects/postgres/catalog.js');
  for (let i = 0; i < 3; i++) { const a = performance.now(); await readCatalog(db, undefined); console.log('catalog', performance.now() - a); const b = performance.now(); await db.introspect(); console.log('introspect', performance.now() - b); }
  const sql = sqls.find((s) => s.startsWith('WITH'))!;
  const rows = await orig('EXPLAIN (ANALYZE, TIMING ON) ' + sql, [null]);
  require('fs').writeFileSync('/tmp/explain.txt', rows.map((r) => r[0]).join('\n'));
  await db.close();
}, 60000);
