/** `@VirtualColumn` and `@RelationId`: what is read with a row, or after it, and never written. */

import {
  ChildEntity,
  Column,
  DataSource,
  DeleteDateColumn,
  Entity,
  In,
  JoinColumn,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  MoreThan,
  type One,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  RelationId,
  TableInheritance,
  VirtualColumn,
} from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('companies')
class Company {
  @PrimaryColumn('varchar', { length: 50 }) name!: string;
  @VirtualColumn('integer', {
    query: (alias) => `SELECT COUNT(*) FROM employees e WHERE e.company_name = ${alias}.name`,
  })
  headcount!: number;
  @VirtualColumn('decimal', {
    query: (alias) => `SELECT SUM(e.wage) FROM employees e WHERE e.company_name = ${alias}.name`,
  })
  wages!: string | null;
  @VirtualColumn('bigint', {
    query: (alias) => `SELECT SUM(e.id) FROM employees e WHERE e.company_name = ${alias}.name`,
  })
  idSum!: bigint | null;
  @VirtualColumn('boolean', {
    query: (alias) =>
      `SELECT CASE WHEN COUNT(*) = 0 THEN FALSE ELSE TRUE END FROM employees e WHERE e.company_name = ${alias}.name`,
  })
  hires!: boolean;
  @OneToMany(
    () => Employee,
    (employee) => employee.company,
  )
  employees!: Many<Employee>;
  @RelationId((company: Company) => company.employees) employeeIds!: number[];
}

@Entity('employees')
class Employee {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Column('integer') wage!: number;
  @ManyToOne(
    () => Company,
    (company) => company.employees,
    { nullable: true },
  )
  company!: One<Company> | null;
  @RelationId((employee: Employee) => employee.company) companyName!: string | null;
  @ManyToMany(
    () => Skill,
    (skill) => skill.employees,
  )
  @JoinTable({ name: 'employee_skills' })
  skills!: Many<Skill>;
  @RelationId((employee: Employee) => employee.skills) skillIds!: number[];
  @OneToOne(
    () => Desk,
    (desk) => desk.user,
    { nullable: true },
  )
  desk!: One<Desk> | null;
  @RelationId((employee: Employee) => employee.desk) deskPlace!: { floor: number; place: string } | null;
}

@Entity('skills')
class Skill {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @DeleteDateColumn() deletedAt!: Date | null;
  @ManyToMany(
    () => Employee,
    (employee) => employee.skills,
  )
  employees!: Many<Employee>;
  @RelationId((skill: Skill) => skill.employees) employeeIds!: number[];
}

@Entity('desks')
class Desk {
  @PrimaryColumn('integer') floor!: number;
  @PrimaryColumn('varchar', { length: 10 }) place!: string;
  @OneToOne(
    () => Employee,
    (employee) => employee.desk,
  )
  @JoinColumn()
  user!: One<Employee>;
}

@Entity('lamps')
class Lamp {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Desk, { nullable: true }) desk!: One<Desk> | null;
  @RelationId((lamp: Lamp) => lamp.desk) deskKey!: { floor: number; place: string } | null;
}

/** The properties that were set; a field without a value is there as well. */
function shown(entity: object | undefined): string[] {
  return Object.entries(entity ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

describe.each(testDatabases())('on %s', (kind) => {
  let database: TestDatabase;
  let db: DataSource;
  let statements: string[] = [];

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities: [Company, Employee, Skill, Desk, Lamp],
      logger: (entry) => {
        if (entry.kind === 'query' && /^(select|insert|update|delete)/i.test(entry.sql))
          statements.push(entry.sql);
      },
    }).initialize();
    await db.createSchema();
    const companies = db.getRepository(Company);
    const skills = db.getRepository(Skill);
    const employees = db.getRepository(Employee);
    const [large, small] = await companies.save([{ name: 'Large' }, { name: 'Small' }, { name: 'Empty' }]);
    const [ts, sql, gone] = await skills.save([{ name: 'ts' }, { name: 'sql' }, { name: 'gone' }]);
    await employees.save({ name: 'Ada', wage: 10, company: large, skills: [ts, sql, gone] as Skill[] });
    await employees.save({ name: 'Bob', wage: 20, company: large, skills: [sql] as Skill[] });
    await employees.save({ name: 'Cid', wage: 5, company: small });
    await employees.save({ name: 'Dan', wage: 1, company: null });
    await db
      .getRepository(Desk)
      .save({ floor: 2, place: 'b', user: await employees.findOneByOrFail({ id: 1 }) });
    await db.getRepository(Lamp).save([{ desk: { floor: 2, place: 'b' } as Desk }, { desk: null }]);
    await db.query(`UPDATE skills SET deleted_at = '2024-01-01 00:00:00' WHERE id = 3`);
  });
  afterAll(async () => {
    await db?.destroy();
    await database?.drop();
  });
  beforeEach(() => {
    statements = [];
  });

  describe('a virtual column', () => {
    test('is computed by the one statement of a find, and decoded by its type', async () => {
      const found = await db.getRepository(Company).find({
        select: { name: true, headcount: true, wages: true, idSum: true, hires: true },
        order: { name: 'asc' },
      });
      expect(found.map((each) => ({ ...each }))).toEqual([
        { name: 'Empty', headcount: 0, wages: null, idSum: null, hires: false },
        { name: 'Large', headcount: 2, wages: '30', idSum: 3n, hires: true },
        { name: 'Small', headcount: 1, wages: '5', idSum: 3n, hires: true },
      ]);
      expect(statements).toHaveLength(1);
    });

    test('is computed where nothing is selected, also in what is loaded as a relation', async () => {
      const company = await db.getRepository(Company).findOneByOrFail({ name: 'Large' });
      expect(company.headcount).toBe(2);
      const ada = await db
        .getRepository(Employee)
        .findOneOrFail({ where: { id: 1 }, relations: { company: true } });
      expect(ada.company?.headcount).toBe(2);
      expect(ada.company?.employeeIds).toEqual([1, 2]);
    });

    test('is absent where it was not selected, and costs nothing then', async () => {
      const [company] = await db.getRepository(Company).find({ select: { name: true } });
      expect(shown(company)).toEqual(['name']);
      expect(statements).toHaveLength(1);
      expect(statements[0]).not.toMatch(/employees/);
    });

    test.each<[string, object, string[]]>([
      ['a value', { headcount: 1 }, ['Small']],
      ['an operator', { headcount: MoreThan(0) }, ['Large', 'Small']],
      ['a list', { headcount: In([0, 2]) }, ['Empty', 'Large']],
      ['a boolean', { hires: false }, ['Empty']],
    ])('stands in conditions: %s', async (_, where, expected) => {
      const found = await db
        .getRepository(Company)
        .find({ where, select: { name: true }, order: { name: 'asc' } });
      expect(found.map(({ name }) => name)).toEqual(expected);
      expect(await db.getRepository(Company).countBy(where)).toBe(expected.length);
    });

    test('stands in conditions on a relation and in the order, of a relation too', async () => {
      const employees = db.getRepository(Employee);
      const found = await employees.find({ where: { company: { headcount: 2 } }, order: { id: 'asc' } });
      expect(found.map(({ name }) => name)).toEqual(['Ada', 'Bob']);
      const ordered = await db
        .getRepository(Company)
        .find({ order: { headcount: 'desc' }, select: { name: true } });
      expect(ordered.map(({ name }) => name)).toEqual(['Large', 'Small', 'Empty']);
      const byCompany = await employees.find({
        where: { wage: MoreThan(1) },
        order: { company: { headcount: 'asc' }, id: 'asc' },
      });
      expect(byCompany.map(({ name }) => name)).toEqual(['Cid', 'Ada', 'Bob']);
    });

    test('is never written', async () => {
      const companies = db.getRepository(Company);
      const company = await companies.findOneByOrFail({ name: 'Small' });
      statements = [];
      company.headcount = 99;
      await companies.save(company);
      expect(statements).toEqual([]);
      await companies.insert({ name: 'New', headcount: 7 });
      expect((await companies.findOneByOrFail({ name: 'New' })).headcount).toBe(0);
      await companies.delete({ name: 'New' });
      const refused = await companies
        .update({ name: 'Small' }, { headcount: 3 })
        .catch((cause: unknown) => cause);
      expect(isLimbeckError(refused) && refused.code).toBe('OPTION_INVALID');
      expect((refused as Error).message).toContain("'Company.headcount' is computed when it is read");
    });
  });

  describe('the key of a relation', () => {
    test('to one is read with the row, without a query of its own', async () => {
      const found = await db.getRepository(Employee).find({
        select: { name: true, companyName: true },
        order: { id: 'asc' },
      });
      expect(found.map(({ companyName }) => companyName)).toEqual(['Large', 'Large', 'Small', null]);
      expect(statements).toHaveLength(1);
    });

    test('to one of several columns is an object, without a query of its own', async () => {
      const found = await db.getRepository(Lamp).find({ order: { id: 'asc' } });
      expect(found.map(({ deskKey }) => deskKey)).toEqual([{ floor: 2, place: 'b' }, null]);
      expect(statements).toHaveLength(1);
    });

    test('to many is one query for all entities, which leaves out what was deleted', async () => {
      const found = await db.getRepository(Employee).find({ order: { id: 'asc' } });
      expect(found.map(({ skillIds }) => skillIds)).toEqual([[1, 2], [2], [], []]);
      expect(found.map(({ deskPlace }) => deskPlace)).toEqual([{ floor: 2, place: 'b' }, null, null, null]);
      // The rows, the skills and the desks.
      expect(statements).toHaveLength(3);
      const skills = await db.getRepository(Skill).find({ order: { id: 'asc' } });
      expect(skills.map(({ employeeIds }) => employeeIds)).toEqual([[1], [1, 2]]);
      expect(statements).toHaveLength(5);
    });

    test('of one to many is one query as well, at every level', async () => {
      const found = await db
        .getRepository(Company)
        .find({ relations: { employees: true }, order: { name: 'asc' } });
      expect(found.map(({ employeeIds }) => employeeIds)).toEqual([[], [1, 2], [3]]);
      expect(found[1]?.employees.map(({ skillIds }) => skillIds)).toEqual([[1, 2], [2]]);
      // Companies, employees, their skills and desks, and the keys of the employees.
      expect(statements).toHaveLength(5);
    });

    test('is not asked for where it was not selected, and can be selected', async () => {
      const employees = db.getRepository(Employee);
      const [bare] = await employees.find({ select: { name: true } });
      expect(shown(bare)).toEqual(['name']);
      expect(statements).toHaveLength(1);
      const [one] = await employees.find({ select: { skillIds: true }, where: { id: 1 } });
      expect(one?.skillIds).toEqual([1, 2]);
      expect(statements).toHaveLength(3);
    });

    test('to one stands in conditions and in the order', async () => {
      const employees = db.getRepository(Employee);
      expect(await employees.countBy({ companyName: 'Large' })).toBe(2);
      const found = await employees.find({ where: { id: In([1, 3]) }, order: { companyName: 'desc' } });
      expect(found.map(({ id }) => id)).toEqual([3, 1]);
    });

    test('says what was written after a save, and what was there before after a rollback', async () => {
      const [employees, lamps] = [db.getRepository(Employee), db.getRepository(Lamp)];
      const ada = await employees.findOneOrFail({ where: { name: 'Ada' }, relations: { skills: true } });
      const lamp = await lamps.findOneByOrFail({ id: 1 });
      const before = structuredClone([ada.companyName, ada.skillIds, lamp.deskKey]);
      await db
        .transaction(async () => {
          ada.company = { name: 'Small' } as Company;
          ada.skills = ada.skills.slice(1);
          await employees.save(ada);
          await lamps.save(Object.assign(lamp, { desk: null }));
          expect([ada.companyName, ada.skillIds, lamp.deskKey]).toEqual(['Small', [2], null]);
          const eve = await employees.save({ name: 'Eve', wage: 1, company: null, skills: ada.skills });
          expect([eve.companyName, eve.skillIds]).toEqual([null, [2]]);
          throw new Error('rolled back');
        })
        .catch((cause: Error) => expect(cause.message).toBe('rolled back'));
      expect([ada.companyName, ada.skillIds, lamp.deskKey]).toEqual(before);
    });

    test('is never written', async () => {
      const employees = db.getRepository(Employee);
      const ada = await employees.findOneByOrFail({ id: 1 });
      statements = [];
      ada.skillIds = [];
      ada.companyName = 'Small';
      await employees.save(ada);
      expect(statements).toEqual([]);
      for (const values of [{ skillIds: [1] }, { companyName: 'Small' }]) {
        const refused = await employees.update({ id: 1 }, values).catch((cause: unknown) => cause);
        expect(isLimbeckError(refused) && refused.code).toBe('OPTION_INVALID');
      }
      // What was found may be spread into a new row.
      const { id: _id, desk: _desk, skills: _skills, company: _company, ...rest } = ada;
      const copy = await employees.save({ ...rest, name: 'Copy' });
      expect(await employees.findOneByOrFail({ id: copy.id })).toMatchObject({
        companyName: null,
        skillIds: [],
      });
      await employees.delete({ id: copy.id });
    });
  });
});

@Entity('posts')
@TableInheritance({ column: { name: 'kind', type: 'varchar', length: 20 } })
class Post {
  @PrimaryGeneratedColumn() id!: number;
  @VirtualColumn('integer', { query: (alias) => `SELECT ${alias}.id * 10` }) tenfold!: number;
  @ManyToMany(() => Skill) @JoinTable({ name: 'post_skills' }) about!: Many<Skill>;
  @RelationId((post: Post) => post.about) aboutIds!: number[];
}

@ChildEntity('answer')
class Answer extends Post {
  @VirtualColumn('varchar', {
    query: (alias) => `SELECT CASE WHEN ${alias}.id > 1 THEN 'late' ELSE 'first' END`,
  })
  when!: string;
  @ManyToMany(() => Employee) @JoinTable({ name: 'answer_readers' }) readers!: Many<Employee>;
  @RelationId((answer: Answer) => answer.readers) readerIds!: number[];
}

@ChildEntity('best')
class BestAnswer extends Answer {}

test.each(testDatabases())('on %s, rows of a family show what their own classes compute', async (kind) => {
  const database = await createDatabase(kind);
  const statements: string[] = [];
  const db = await new DataSource({
    url: database.url,
    entities: [Company, Employee, Skill, Desk, Post, Answer, BestAnswer],
    logger: (entry) => {
      if (entry.kind === 'query' && entry.sql.startsWith('SELECT')) statements.push(entry.sql);
    },
  }).initialize();
  try {
    await db.createSchema();
    const skill = await db.getRepository(Skill).save({ name: 'ts' });
    const reader = await db.getRepository(Employee).save({ name: 'Ada', wage: 1 });
    await db.getRepository(Post).save({ about: [skill] });
    await db.getRepository(Answer).save({ about: [skill], readers: [reader] });
    await db.getRepository(BestAnswer).save({ readers: [reader] });
    statements.length = 0;
    const found = await db.getRepository(Post).find({ order: { tenfold: 'asc' } });
    expect(found.map((each) => JSON.parse(JSON.stringify(each)))).toEqual([
      { id: 1, tenfold: 10, aboutIds: [1] },
      { id: 2, tenfold: 20, aboutIds: [1], when: 'late', readerIds: [1] },
      { id: 3, tenfold: 30, aboutIds: [], when: 'late', readerIds: [1] },
    ]);
    expect(statements).toHaveLength(3);
    expect(await db.getRepository(Answer).countBy({ when: 'late' })).toBe(2);
  } finally {
    await db.destroy();
    await database.drop();
  }
});
