/** What the configuration has a say in: filters, comparisons, rewritten operations, files written, runs. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Column,
  type Config,
  DataSource,
  Entity,
  ManyToOne,
  type Migrations,
  migrations,
  type ObjectKind,
  type One,
  PrimaryColumn,
  type RevisionOperation,
  sql,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';

@Entity('shelves')
class Shelf {
  @PrimaryColumn('integer') id!: number;
}

@Entity('books')
class Book {
  @PrimaryColumn('integer') id!: number;
  @Column('varchar', { length: 20 }) title!: string;
  @Column('integer', { default: 1 }) pages!: number;
  @ManyToOne(() => Shelf, { nullable: true }) shelf!: One<Shelf> | null;
}

describe.each(testDatabases())('hooks of migrations on %s', (kind) => {
  let folder: string;
  let database: TestDatabase;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-hooks-'));
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'package.json'), '{}');
    database = await createDatabase(kind);
  });
  afterEach(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const commands = (config: Partial<Config> = {}): Migrations =>
    migrations({
      url: database.url,
      entities: [Book, Shelf],
      migrations: path.join(folder, 'migrations'),
      ...config,
    });
  const files = (): string[] => readdirSync(path.join(folder, 'migrations'));
  let version = 0;
  /** Under a new name each time: what was loaded once is not read again. */
  function write(id: string, down: string | null, up: string, back = ''): void {
    for (const old of files()) if (old.startsWith(`${id}_`)) rmSync(path.join(folder, 'migrations', old));
    writeFileSync(
      path.join(folder, 'migrations', `${id}_${version++}.js`),
      `exports.revision = '${id}'; exports.downRevision = ${JSON.stringify(down)};
exports.upgrade = async (op) => { ${up} };
exports.downgrade = async (op) => { ${back} };\n`,
    );
  }
  /** The database as the models have it, and then some statements. */
  async function made(...statements: readonly string[]): Promise<void> {
    await commands().revision({ autogenerate: true, revId: 'first' });
    await commands().upgrade('head');
    await run(...statements);
  }
  async function run(...statements: readonly string[]): Promise<unknown[][]> {
    const source = await new DataSource({ url: database.url }).initialize();
    try {
      const rows: unknown[][] = [];
      for (const statement of statements) rows.push(await source.query(statement));
      return rows;
    } finally {
      await source.destroy();
    }
  }

  describe('includeObject', () => {
    test('leaves tables alone that only the database has', async () => {
      await made('CREATE TABLE legacy (id INTEGER PRIMARY KEY, note VARCHAR(10))');
      const asked: [ObjectKind, string, boolean][] = [];
      const config: Partial<Config> = {
        includeObject: (_, name, objectKind, isFromDatabase) => {
          asked.push([objectKind, name, isFromDatabase]);
          return name !== 'legacy';
        },
      };
      await expect(commands().check()).rejects.toMatchObject({
        context: { changes: ["removed table 'legacy'"] },
      });
      await expect(commands(config).check()).resolves.toMatchObject({ changes: [] });
      expect(asked).toContainEqual(['table', 'legacy', true]);
      expect(asked).toContainEqual(['table', 'books', false]);
      expect(asked).toContainEqual(['column', 'title', false]);
      // Of a table that is left out nothing else is asked.
      expect(asked).not.toContainEqual(['column', 'note', true]);
    });

    test('makes no table that is left out, nor a key that refers to it', async () => {
      const made = await commands({ includeObject: (_, name) => name !== 'shelves' }).revision({
        autogenerate: true,
      });
      expect(made?.changes.filter((change) => change.includes('table'))).toEqual(["added table 'books'"]);
      await commands().upgrade('head');
    });

    test('leaves out columns, with the indexes on them', async () => {
      await made(
        'ALTER TABLE books ADD COLUMN rank_no INTEGER',
        'CREATE INDEX own_ix ON books (rank_no)',
        'CREATE INDEX other_ix ON books (pages)',
      );
      const config: Partial<Config> = {
        includeObject: (_, name, objectKind, __, ___, { tableName }) =>
          !(objectKind === 'column' && tableName === 'books' && name === 'rank_no'),
      };
      await expect(commands(config).diff()).resolves.toMatchObject({
        changes: ["removed index 'other_ix' on 'books'"],
      });
    });

    test('leaves out indexes, and gives the counterpart of what both sides have', async () => {
      await made('CREATE INDEX own_ix ON books (pages)');
      const pairs: unknown[] = [];
      const config: Partial<Config> = {
        includeObject: (object, name, objectKind, isFromDatabase, counterpart) => {
          if (objectKind === 'column') pairs.push([name, isFromDatabase, counterpart?.name]);
          return !(objectKind === 'index' && object.name === 'own_ix');
        },
      };
      await expect(commands(config).diff()).resolves.toMatchObject({ changes: [] });
      expect(pairs).toContainEqual(['title', false, 'title']);
    });

    test('that throws, or gives back no boolean, is named', async () => {
      const broken = (includeObject: unknown) => commands({ includeObject: includeObject as never }).diff();
      await expect(
        broken(() => {
          throw new Error('no idea');
        }),
      ).rejects.toMatchObject({
        code: 'HOOK_FAILED',
        message: 'In includeObject of the configuration: no idea',
      });
      await expect(broken(async () => true)).rejects.toMatchObject({
        code: 'HOOK_FAILED',
        context: { reason: 'it must return true or false, not a promise' },
      });
    });
  });

  test('includeName is asked of names in the database only', async () => {
    await made('CREATE TABLE legacy (id INTEGER PRIMARY KEY)');
    const asked: string[] = [];
    const config: Partial<Config> = {
      includeName: (name, objectKind) => {
        asked.push(`${objectKind} ${name}`);
        return name !== 'legacy';
      },
    };
    await expect(commands(config).check()).resolves.toMatchObject({ changes: [] });
    expect(asked).toContain('table legacy');
    await run('DROP TABLE books');
    asked.length = 0;
    await expect(commands(config).diff()).resolves.toMatchObject({
      changes: expect.arrayContaining(["added table 'books'"]),
    });
    expect(asked).not.toContain('table books');
  });

  describe('compareType and compareDefault', () => {
    @Entity('books')
    class Other {
      @PrimaryColumn('integer') id!: number;
      @Column('varchar', { length: 40 }) title!: string;
      @Column('integer', { default: 2 }) pages!: number;
      @ManyToOne(() => Shelf, { nullable: true }) shelf!: One<Shelf> | null;
    }
    const entities = [Other, Shelf];
    const changesOf = async (config: Partial<Config>) =>
      (await commands({ entities, ...config }).diff()).operations.map(
        (op) => op.kind === 'alterColumn' && [op.name, ...Object.keys(op.change)],
      );

    test('false: differences do not count', async () => {
      await made();
      const [title, pages] = [
        ['title', 'type'],
        ['pages', 'default'],
      ];
      expect(await changesOf({})).toEqual(expect.arrayContaining([title, pages]));
      expect(await changesOf({ compareType: false })).toEqual([pages]);
      expect(await changesOf({ compareDefault: false })).toEqual([title]);
      expect(await changesOf({ compareType: false, compareDefault: false })).toEqual([]);
    });

    test('a function decides, or leaves it', async () => {
      await made();
      const asked: unknown[] = [];
      const compareType: Config['compareType'] = (found, wanted, table) => {
        asked.push([table, found.name, wanted.name]);
        return wanted.name === 'title' ? false : undefined;
      };
      expect(await changesOf({ compareType })).toEqual([['pages', 'default']]);
      expect(asked).toContainEqual(['books', 'title', 'title']);
      expect(await changesOf({ compareType: () => undefined, compareDefault: false })).toEqual([
        ['title', 'type'],
      ]);
    });

    test('a function says that equal columns differ', async () => {
      await made();
      const compareType: Config['compareType'] = (_, { name }) => (name === 'pages' ? true : undefined);
      const { operations } = await commands({ compareType }).diff();
      expect(operations).toEqual([
        { kind: 'alterColumn', table: 'books', name: 'pages', change: { type: { kind: 'integer' } } },
      ]);
    });
  });

  describe('processOperations', () => {
    test('drops, adds and splits; what is left is written with its way back', async () => {
      await made();
      const config: Partial<Config> = {
        entities: [Shelf],
        processOperations: (operations, { schema, message }) => {
          expect(message).toBe('keep the table');
          expect(schema.tables.map(({ name }) => name)).toContain('books');
          const kept = operations.filter(({ kind: each }) => each !== 'dropTable');
          const added: RevisionOperation = {
            kind: 'addColumn',
            table: 'shelves',
            column: { name: 'note', type: { kind: 'varchar', length: 9 }, nullable: true },
          };
          return [...kept, added];
        },
      };
      const before = files().length;
      const result = await commands(config).revision({ autogenerate: true, message: 'keep the table' });
      expect(result?.changes).toContain("added column 'shelves.note'");
      expect(files()).toHaveLength(before + 1);
      const text = readFileSync(result?.path ?? '', 'utf8');
      expect(text).toContain("op.addColumn('shelves', 'note'");
      expect(text).toContain("op.dropColumn('shelves', 'note')");
      expect(text).not.toContain("op.dropTable('books'");
      await commands().upgrade('head');
      await run('SELECT note FROM shelves');
      await commands().downgrade('-1');
      await expect(commands({}).stamp('heads')).resolves.toBeDefined();
      await expect(run('SELECT note FROM shelves')).rejects.toMatchObject({ code: expect.anything() });
    });

    test('that leaves nothing: no file, and check is content', async () => {
      await made('CREATE TABLE legacy (id INTEGER PRIMARY KEY)');
      const config: Partial<Config> = { processOperations: async () => [] };
      const before = files().length;
      await expect(commands(config).revision({ autogenerate: true })).resolves.toBeNull();
      await expect(commands(config).check()).resolves.toMatchObject({ changes: [] });
      expect(files()).toHaveLength(before);
    });

    test('whose operations do not fit the schema is refused, and nothing is written', async () => {
      const config: Partial<Config> = {
        processOperations: () => [{ kind: 'dropTable', table: 'nowhere' }],
      };
      await expect(commands(config).revision({ autogenerate: true })).rejects.toMatchObject({
        code: 'HOOK_FAILED',
        message: expect.stringMatching(/^In processOperations of the configuration: .*nowhere/),
      });
      expect(files()).toEqual([]);
    });
  });

  describe('operations of one’s own', () => {
    const operations: Config['operations'] = {
      label: {
        up: ({ table, text }: { table: string; text: string }) => [
          sql`CREATE TABLE ${sql.id(`${table}_label`)} (word VARCHAR(40))`,
          sql`INSERT INTO ${sql.id(`${table}_label`)} VALUES (${text})`,
        ],
        down: { default: ({ table }: { table: string }) => sql`DROP TABLE ${sql.id(`${table}_label`)}` },
        effect: {
          up: (op, { table }: { table: string }) =>
            void op.createTable(`${table}_label`, {
              columns: { word: { type: 'varchar', length: 40, nullable: true } },
            }),
          down: (op, { table }: { table: string }) => void op.dropTable(`${table}_label`),
        },
      },
      nothingHere: { up: { nowhere: () => '' }, down: { nowhere: () => '' } },
    };
    const HOSTILE = "it's */ `${x}` \\' \u2028 \"";
    const call: RevisionOperation = {
      kind: 'invoke',
      name: 'label',
      args: { table: 'books', text: HOSTILE },
    };
    const includeObject: Config['includeObject'] = (_, name) => name !== 'books_label';

    test('render, run and reverse like those of the schema', async () => {
      await made();
      const config: Partial<Config> = {
        operations,
        includeObject,
        entities: [Shelf, Book],
        processOperations: (given) => [...given, call],
      };
      const result = await commands(config).revision({ autogenerate: true, revId: 'second' });
      expect(result).toMatchObject({ operations: [call], changes: ["invoked operation 'label'"] });
      const text = readFileSync(result?.path ?? '', 'utf8');
      expect(text).toContain("op.invoke('label', {");
      expect(text).toContain("op.revoke('label', {");
      const own = commands({ operations });
      const run1 = await own.upgrade('head');
      expect(run1.warnings).toEqual([]);
      expect(await run('SELECT word FROM books_label')).toEqual([[{ word: HOSTILE }]]);
      // The effect is known without a database.
      const fromFiles = await commands({ operations, includeObject }).check({ fromMigrations: true });
      expect(fromFiles).toMatchObject({ changes: [], warnings: [] });
      await own.downgrade('-1');
      await expect(run('SELECT word FROM books_label')).rejects.toThrow();
      const script = await own.upgrade('first:second', { sql: true });
      expect(script.sql).toMatch(/CREATE TABLE .books_label. \(word VARCHAR\(40\)\);\nINSERT INTO/);
    });

    test('that nobody registered, or not for this database, are refused where they stand', async () => {
      write('r1', null, "op.invoke('lable', {});");
      await expect(commands({ operations }).upgrade('head')).rejects.toMatchObject({
        code: 'CUSTOM_OPERATION_UNKNOWN',
        hint: "Did you mean 'label'?",
        stack: expect.stringMatching(/\n\s+at .*r1_0\.js:2/),
      });
      write('r1', null, "op.invoke('nothingHere');");
      await expect(commands({ operations }).upgrade('head')).rejects.toMatchObject({
        code: 'CAPABILITY_MISSING',
      });
      write('r1', null, "op.invoke('label', { when: new Date(0) });");
      await expect(commands({ operations }).upgrade('head')).rejects.toMatchObject({
        code: 'CUSTOM_OPERATION_ARGS',
      });
      await expect(commands().current()).resolves.toEqual([]);
    });
  });

  describe('afterWrite', () => {
    const node = (script: string): string[] => [process.execPath, '-e', script];

    test('functions and commands get the path as an argument, in order', async () => {
      const told: string[] = [];
      const append = "require('fs').appendFileSync(process.argv[1], '// ' + process.argv.slice(2).join())";
      const result = await commands({
        afterWrite: [
          (file) => told.push(file),
          node(append),
          [...node(append), 'REVISION_SCRIPT_FILENAME', '$(exit 3)', '; false'],
        ],
      }).revision({ message: 'x; rm -rf' });
      expect(told).toEqual([result?.path]);
      expect(readFileSync(result?.path ?? '', 'utf8')).toMatch(/\/\/ \/\/ \$\(exit 3\),; false$/);
    });

    test('a command that fails is told with what it said; the file stays', async () => {
      const failing = commands({ afterWrite: node("console.error('too long'); process.exit(4)") });
      const failure = await failing.revision({ revId: 'r9' }).catch((cause) => cause);
      expect(failure).toMatchObject({
        code: 'AFTER_WRITE_FAILED',
        message: expect.stringContaining('ended with status 4:\ntoo long'),
      });
      expect(existsSync(failure.context.path)).toBe(true);
      await expect(commands({ afterWrite: ['no-such-program'] }).revision()).rejects.toMatchObject({
        message: expect.stringContaining('could not be run (ENOENT)'),
      });
    });

    test('a function that throws is named', async () => {
      const throwing = commands({ afterWrite: async () => Promise.reject(new Error('oh')) });
      await expect(throwing.revision()).rejects.toMatchObject({
        code: 'HOOK_FAILED',
        message: 'In afterWrite of the configuration: oh',
      });
    });
  });

  describe('onVersionApply', () => {
    test('is told of every version row, inside its transaction', async () => {
      write('r1', null, "op.createTable('seen', { columns: { rev: { type: 'varchar', length: 20 } } });");
      write('r2', 'r1', '');
      const told: unknown[] = [];
      const config: Partial<Config> = {
        onVersionApply: async ({ direction, revision, heads, execute }) => {
          told.push([direction, revision, heads]);
          await execute(sql`INSERT INTO seen VALUES (${revision})`);
        },
      };
      await commands(config).upgrade('head');
      await commands(config).downgrade('r1');
      await commands(config).stamp('r2');
      expect(told).toEqual([
        ['upgrade', 'r1', ['r1']],
        ['upgrade', 'r2', ['r2']],
        ['downgrade', 'r2', ['r1']],
        ['stamp', 'r2', ['r2']],
      ]);
      expect(await run('SELECT count(*) AS n FROM seen')).toEqual([[{ n: expect.anything() }]]);
    });

    test('that throws undoes the version row', async () => {
      write('r1', null, '');
      const onVersionApply = (): never => {
        throw new Error('not today');
      };
      await expect(commands({ onVersionApply }).upgrade('head')).rejects.toMatchObject({
        code: 'HOOK_FAILED',
        message: 'In onVersionApply of the configuration: not today',
      });
      await expect(commands().current()).resolves.toEqual([]);
      await expect(commands().upgrade('head')).resolves.toMatchObject({ heads: ['r1'] });
    });
  });

  describe('transactionPerMigration: false', () => {
    const together: Partial<Config> = { transactionPerMigration: false };
    const create = (name: string): string =>
      `op.createTable('${name}', { columns: { id: { type: 'integer', primary: true } } });`;

    if (hasTransactionalDdl(kind)) {
      test('keeps or undoes all revisions of a run', async () => {
        write('r1', null, create('a'), "op.dropTable('a');");
        write('r2', 'r1', `${create('b')} throw new Error('half-way');`, "op.dropTable('b');");
        await expect(commands(together).upgrade('head')).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
        await expect(commands().current()).resolves.toEqual([]);
        await expect(run('SELECT * FROM a')).rejects.toThrow();
        write('r2', 'r1', create('b'), "op.dropTable('b');");
        const done = await commands(together).upgrade('head');
        expect(done.steps.map(({ revision }) => revision)).toEqual(['r1', 'r2']);
        expect(done.heads).toEqual(['r2']);
        await expect(commands(together).upgrade('head')).resolves.toMatchObject({ steps: [] });
        await commands(together).downgrade('base');
        await expect(commands().current()).resolves.toEqual([]);
      });

      test('begins all of them again where one needs other conditions, and tells each once', async () => {
        write('r1', null, `${create('parents')} await op.execute('INSERT INTO parents VALUES (1)');`);
        write(
          'r2',
          'r1',
          `op.createTable('children', { columns: { id: { type: 'integer', primary: true }, parent: { type: 'integer' } },
            foreignKeys: [{ columns: ['parent'], refTable: 'parents', refColumns: ['id'], onDelete: 'CASCADE' }] });
          await op.execute('INSERT INTO children VALUES (1, 1)');`,
        );
        write('r3', 'r2', "op.createCheckConstraint('ck_parents', 'parents', 'id > 0');");
        const done = await commands(together).upgrade('head');
        expect(done.steps.map(({ revision }) => revision)).toEqual(['r1', 'r2', 'r3']);
        expect(await run('SELECT id, parent FROM children')).toEqual([[{ id: 1, parent: 1 }]]);
      });
    } else {
      test('is refused where no transaction holds changes of the schema', async () => {
        write('r1', null, create('a'));
        await expect(commands(together).upgrade('head')).rejects.toMatchObject({
          code: 'CAPABILITY_MISSING',
        });
        await expect(commands().current()).resolves.toEqual([]);
      });
    }

    if (kind === 'postgres') {
      test('is refused for what no transaction can hold', async () => {
        write('r1', null, create('a'));
        write('r2', 'r1', "op.createIndex('ix', 'a', ['id'], { concurrently: true });");
        await expect(commands(together).upgrade('head')).rejects.toMatchObject({
          code: 'ONE_TRANSACTION_IMPOSSIBLE',
          context: { revision: 'r2' },
        });
        await expect(commands().current()).resolves.toEqual([]);
        await expect(commands().upgrade('head')).resolves.toMatchObject({ heads: ['r2'] });
      });
    }
  });
});

function hasTransactionalDdl(kind: DatabaseKind): boolean {
  return kind !== 'mysql';
}
