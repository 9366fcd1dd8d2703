import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'limbeck';

@Entity('notes')
class Note {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') text!: string;
}

let db: DataSource;
let log: string[] = [];
beforeEach(async () => {
  db = new DataSource({
    url: 'sqlite::memory:',
    entities: [Note],
    logger: (entry) => {
      if (entry.kind === 'query') log.push(entry.sql);
    },
  });
  await db.initialize();
  await db.createSchema();
  log = [];
});
afterEach(() => db.destroy());

const texts = (count: number): { text: string }[] =>
  Array.from({ length: count }, (_, i) => ({ text: `note ${i}` }));

/** Whether every entity has the key of its own row. */
async function haveTheirKeys(notes: readonly { id?: number; text: string }[]): Promise<boolean> {
  const rows = await db.query<{ id: number; text: string }>('SELECT id, text FROM notes');
  const byKey = new Map(rows.map(({ id, text }) => [id, text]));
  return notes.every(({ id, text }) => byKey.get(id as number) === text);
}

test.each([2, 128, 129, 1_000, 5_000])(
  '%i new rows get their keys without asking for them',
  async (count) => {
    const notes = db.getRepository(Note).create(texts(count));
    await db.getRepository(Note).save(notes);
    expect(log.some((sql) => sql.includes('RETURNING'))).toBe(false);
    expect(await haveTheirKeys(notes)).toBe(true);
  },
);

test('a trigger that writes rows in between does not confuse the keys', async () => {
  await db.query(`CREATE TRIGGER twice AFTER INSERT ON notes WHEN NEW.text NOT LIKE 'copy %' BEGIN
    INSERT INTO notes (text) VALUES ('copy of ' || NEW.text); END`);
  const notes = texts(300);
  await db.getRepository(Note).insert(notes);
  expect(await db.getRepository(Note).count()).toBe(600);
  expect(await haveTheirKeys(notes)).toBe(true);
});
