import { SchemaBench, schemaOf, table } from './schema-bench';
test('x', async () => { const bench = await SchemaBench.open();
 const t = table('/*', {columns:[{name:'?_id',type:{kind:'integer'},nullable:true},{name:'`${1}`',type:{kind:'integer'},nullable:true}]});
 const v = {name:'\\', query:'SELECT "?_id" AS "shown" FROM "/*"'};
 await bench.make(schemaOf([t],{views:[v]}));
 console.log((await bench.found()).views, await bench.rows('show create view `\\`'), await bench.rows('select view_definition from information_schema.views where table_schema=database()'));
 await bench.close();
});
