/** Relations whose keys share a column: a nullable one keeps what the others need. */

import {
  Column,
  DataSource,
  Entity,
  IsNull,
  JoinColumn,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'limbeck';
import { buildEntities } from '../../src/metadata/build';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('members')
class Member {
  @PrimaryColumn('integer') tenant!: number;
  @PrimaryColumn('integer') id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @OneToMany(
    () => Ticket,
    (ticket) => ticket.assignee,
    { cascade: true },
  )
  assigned!: Many<Ticket>;
}

/** The tenant is a column of its own. */
@Entity('tickets')
class Ticket {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') tenant!: number;
  @ManyToOne(() => Member)
  @JoinColumn({ name: 'tenant', referencedColumnName: 'tenant' })
  @JoinColumn({ name: 'author_id', referencedColumnName: 'id' })
  author!: One<Member>;
  @ManyToOne(
    () => Member,
    (member) => member.assigned,
    { nullable: true },
  )
  @JoinColumn({ name: 'tenant', referencedColumnName: 'tenant' })
  @JoinColumn({ name: 'assignee_id', referencedColumnName: 'id' })
  assignee!: One<Member> | null;
}

/** The tenant belongs to the relations alone. */
@Entity('notes')
class Note {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Member)
  @JoinColumn({ name: 'tenant_key', referencedColumnName: 'tenant' })
  @JoinColumn({ name: 'author_id', referencedColumnName: 'id' })
  author!: One<Member>;
  @ManyToOne(() => Member, { nullable: true })
  @JoinColumn({ name: 'tenant_key', referencedColumnName: 'tenant' })
  @JoinColumn({ name: 'reader_id', referencedColumnName: 'id' })
  reader!: One<Member> | null;
}

const entities = [Member, Ticket, Note];

describe.each(testDatabases())('on %s', (kind) => {
  let database: TestDatabase;
  let db: DataSource;
  let log: string[] = [];
  const [ann, bob] = [
    { tenant: 1, id: 1 },
    { tenant: 1, id: 2 },
  ];

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities,
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    }).initialize();
    await db.createSchema();
    await db.getRepository(Member).insert([
      { ...ann, name: 'ann' },
      { ...bob, name: 'bob' },
    ]);
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    for (const table of ['tickets', 'notes']) await db.query(`DELETE FROM ${table}`);
    log = [];
  });

  const tickets = () => db.getRepository(Ticket);
  const rowOf = async () =>
    (await db.query<Record<string, unknown>>('SELECT tenant, author_id, assignee_id FROM tickets'))[0];

  test('null sets its own column alone', async () => {
    const saved = await tickets().save({ tenant: 1, author: ann, assignee: bob });
    const found = await tickets().findOneOrFail({
      where: { id: saved.id },
      relations: { author: true, assignee: true },
    });
    expect(found.assignee?.name).toBe('bob');
    found.assignee = null;
    log = [];
    await tickets().save(found);
    expect(log.filter((sql) => sql.startsWith('UPDATE'))).toHaveLength(1);
    expect(log.find((sql) => sql.startsWith('UPDATE'))).not.toMatch(/tenant/);
    expect(found.assignee).toBeNull();
    expect(await rowOf()).toEqual({ tenant: 1, author_id: 1, assignee_id: null });
    log = [];
    await tickets().save(found);
    expect(log.filter((sql) => sql.startsWith('UPDATE'))).toEqual([]);
    const [again] = await tickets().find({ relations: { author: true, assignee: true } });
    expect(again).toMatchObject({ tenant: 1, author: { name: 'ann' }, assignee: null });
  });

  test('a new row has the tenant of whoever is there', async () => {
    await tickets().save({ author: ann, assignee: null });
    expect(await rowOf()).toEqual({ tenant: 1, author_id: 1, assignee_id: null });
    await tickets().clear();
    await tickets().insert({ author: bob });
    expect(await rowOf()).toEqual({ tenant: 1, author_id: 2, assignee_id: null });
  });

  test('by criteria and in conditions', async () => {
    await tickets().save({ author: ann, assignee: bob });
    expect(await tickets().countBy({ assignee: IsNull() })).toBe(0);
    await tickets().update({ assignee: { name: 'bob' } }, { assignee: null });
    expect(await tickets().countBy({ assignee: IsNull() })).toBe(1);
    await tickets().update({ assignee: IsNull() }, { assignee: bob });
    expect(await rowOf()).toEqual({ tenant: 1, author_id: 1, assignee_id: 2 });
  });

  test('who leaves a list keeps the tenant', async () => {
    const { id } = await tickets().save({ author: ann, assignee: bob });
    const members = db.getRepository(Member);
    const found = await members.findOneOrFail({ where: bob, relations: { assigned: true } });
    expect(found.assigned).toHaveLength(1);
    found.assigned = [];
    await members.save(found);
    expect(await rowOf()).toEqual({ tenant: 1, author_id: 1, assignee_id: null });
    found.assigned = [await tickets().findOneByOrFail({ id })];
    await members.save(found);
    expect(await rowOf()).toEqual({ tenant: 1, author_id: 1, assignee_id: 2 });
  });

  test('in a session', async () => {
    const { id } = await tickets().save({ author: ann, assignee: bob });
    await using session = db.session();
    const found = await session.findOneOrFail(Ticket, { where: { id }, relations: { assignee: true } });
    found.assignee = null;
    expect(session.changes()).toMatchObject([{ kind: 'update', changed: { assignee: [2, null] } }]);
    await session.flush();
    expect(session.changes()).toEqual([]);
    expect(found.assignee).toBeNull();
  });

  test('the column may be one that no property declares', async () => {
    const notes = db.getRepository(Note);
    await notes.save({ author: ann, reader: bob });
    const found = await notes.findOneOrFail({ where: {}, relations: { author: true, reader: true } });
    expect(found).toMatchObject({ author: { name: 'ann' }, reader: { name: 'bob' } });
    found.reader = null;
    await notes.save(found);
    expect(await db.query('SELECT tenant_key, author_id, reader_id FROM notes')).toEqual([
      { tenant_key: 1, author_id: 1, reader_id: null },
    ]);
    found.reader = db.getRepository(Member).create(ann);
    await notes.save(found);
    expect(await notes.countBy({ reader: { name: 'ann' } })).toBe(1);
  });

  test('the schema that is made is the one that is wanted', async () => {
    const { migrations } = await import('limbeck');
    const config = { url: database.url, entities, migrations: `${__dirname}/no-migrations` };
    expect(await migrations(config).diff()).toMatchObject({ operations: [], changes: [] });
  });
});

describe('refused', () => {
  const problemsOf = (options: object, column: object): string => {
    class Row {}
    const put = (name: string, ...decorators: PropertyDecorator[]): void => {
      for (const decorate of decorators) decorate(Row.prototype, name);
    };
    put('id', PrimaryGeneratedColumn() as PropertyDecorator);
    put('tenant', Column('integer', column) as PropertyDecorator);
    put(
      'member',
      ManyToOne(() => Member, options) as PropertyDecorator,
      JoinColumn({ name: 'tenant', referencedColumnName: 'tenant' }) as PropertyDecorator,
      JoinColumn({ name: 'member_id', referencedColumnName: 'id' }) as PropertyDecorator,
    );
    Entity('rows')(Row);
    try {
      buildEntities([...entities, Row]);
      return 'nothing';
    } catch (cause) {
      return (cause as Error).message;
    }
  };

  test.each<[object, object, RegExp]>([
    [{ nullable: true }, {}, /^nothing$/],
    [{ nullable: true }, { nullable: true }, /^nothing$/],
    [{}, {}, /^nothing$/],
    [{}, { nullable: true }, /Row\.tenant is nullable, the relation is not/],
    [{ nullable: true, onDelete: 'SET NULL' }, {}, /onDelete 'SET NULL' sets Row\.tenant to NULL/],
    [{ nullable: true, onDelete: 'CASCADE' }, {}, /^nothing$/],
  ])('with %p and %p', (options, column, message) => {
    expect(problemsOf(options, column)).toMatch(message);
  });
});
