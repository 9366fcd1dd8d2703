import { pairOf } from '../../support/mysql-convergence';
import { Dice } from '../../support/sqlite-rows';
test('x', () => { const [a,b]=pairOf(new Dice(Number(process.env.S))); const n=process.env.T; for (const s of [a,b]) console.log(JSON.stringify(s.tables.filter(t=>!n||t.name===n), null, 1)); });
