/** What only classes below have, asked of the class that a family begins with: in one table, and in one for each class. */

import {
  ChildEntity,
  Column,
  DataSource,
  DeleteDateColumn,
  Entity,
  IsNull,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  MoreThan,
  None,
  Not,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
  TableInheritance,
} from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

/** The same family twice. */
function familyOf(pattern: 'STI' | 'CTI') {
  const prefix = pattern.toLowerCase();
  @Entity(`${prefix}_faculties`)
  class Faculty {
    @PrimaryGeneratedColumn() id!: number;
    @Column('varchar', { length: 20 }) name!: string;
    @ManyToOne(() => Person, { nullable: true }) head!: One<Person | Student | Teacher> | null;
  }

  @Entity(`${prefix}_persons`)
  @TableInheritance({ pattern, column: 'kind' })
  class Person {
    @PrimaryGeneratedColumn() id!: number;
    @Column('varchar', { length: 20 }) name!: string;
  }

  @ChildEntity('student')
  class Student extends Person {
    @Column('integer') year!: number;
    @ManyToMany(() => Faculty) @JoinTable({ name: `${prefix}_students_in` }) faculties!: Many<Faculty>;
    @Column('varchar', { length: 20, nullable: true }) nick!: string | null;
  }

  @ChildEntity('employee')
  class Employee extends Person {
    @Column('integer') salary!: number;
    @DeleteDateColumn() leftAt!: Date | null;
  }

  @ChildEntity('teacher')
  class Teacher extends Employee {
    @ManyToOne(() => Faculty, { nullable: true }) faculty!: One<Faculty> | null;
    @OneToMany(
      () => Pupil,
      (pupil) => pupil.teacher,
      { cascade: true },
    )
    pupils!: Many<Pupil>;
    @Column('varchar', { length: 20, nullable: true }) nick!: string | null;
    @Column('varchar', { length: 20, select: false, nullable: true }) secret!: string | null;
  }

  @ChildEntity('clerk')
  class Clerk extends Employee {
    @Column('integer', { name: 'clerk_year' }) year!: number;
  }

  @Entity(`${prefix}_pupils`)
  class Pupil {
    @PrimaryGeneratedColumn() id!: number;
    @Column('varchar', { length: 20 }) name!: string;
    @ManyToOne(
      () => Teacher,
      (teacher) => teacher.pupils,
    )
    teacher!: One<Teacher>;
  }
  return { Faculty, Person, Student, Employee, Teacher, Clerk, Pupil };
}

const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  const cause = await work().then(
    () => 'nothing',
    (reason: unknown) => reason,
  );
  return isLimbeckError(cause) ? cause.code : String(cause);
};

describe.each(testDatabases())('on %s', (kind) => {
  describe.each(['STI', 'CTI'] as const)('%s', (pattern) => {
    const { Faculty, Person, Student, Employee, Teacher, Clerk, Pupil } = familyOf(pattern);
    type Anybody =
      | InstanceType<typeof Person>
      | InstanceType<typeof Student>
      | InstanceType<typeof Teacher>
      | InstanceType<typeof Clerk>;
    let database: TestDatabase;
    let db: DataSource;
    let statements: string[] = [];
    const persons = () => db.getRepository<Anybody>(Person);
    const names = (found: readonly { name: string }[]): string =>
      found
        .map(({ name }) => name)
        .sort()
        .join(' ');

    beforeAll(async () => {
      database = await createDatabase(kind);
      db = await new DataSource({
        url: database.url,
        entities: [Faculty, Person, Student, Employee, Teacher, Clerk, Pupil],
        logger: (entry) => {
          if (entry.kind === 'query') statements.push(entry.sql);
        },
      }).initialize();
      await db.createSchema();
      const [law, art] = await db.getRepository(Faculty).save([{ name: 'law' }, { name: 'art' }]);
      const make = <E extends object>(target: new () => E, values: object): E =>
        Object.assign(new target(), values);
      const saved = [
        make(Person, { name: 'p' }),
        make(Student, { name: 's1', year: 1, faculties: [law, art] }),
        make(Student, { name: 's2', year: 2, faculties: [], nick: 'x' }),
        make(Employee, { name: 'e', salary: 5 }),
        make(Teacher, {
          name: 't1',
          salary: 10,
          faculty: law,
          pupils: [make(Pupil, { name: 'a' })],
          nick: 'y',
        }),
        make(Teacher, { name: 't2', salary: 20, secret: 'psst' }),
        make(Clerk, { name: 'c', salary: 30, year: 2 }),
        make(Clerk, { name: 'gone', salary: 40, year: 3 }),
      ];
      await db.manager.save(saved as never);
      await db.getRepository(Clerk).softDelete({ name: 'gone' });
      await db.getRepository(Faculty).save(Object.assign(law as object, { head: saved[4] }) as never);
    });
    beforeEach(() => {
      statements = [];
    });
    afterAll(async () => {
      await db.destroy();
      await database.drop();
    });

    test.each<[string, object, string]>([
      ['a column of one class', { salary: MoreThan(9) }, 'c t1 t2'],
      ['a column that rows of other classes have not', { salary: IsNull() }, 'p s1 s2'],
      ['columns of one name in several tables or of several names in one', { year: 2 }, 'c s2'],
      ['columns of two classes', { nick: Not(IsNull()) }, 's2 t1'],
      ['a row that is another', { faculty: { name: 'law' } }, 't1'],
      ['a list', { faculties: { name: 'art' } }, 's1'],
      ['no member, of rows that can have none as well', { pupils: None({}), salary: MoreThan(0) }, 'c e t2'],
      ['both', [{ pupils: { name: 'a' } }, { year: 1 }], 's1 t1'],
    ])('conditions name %s', async (_what, where, expected) => {
      expect(names(await persons().find({ where: where as never }))).toBe(expected);
      expect(statements).toHaveLength(1);
      expect(await persons().countBy(where as never)).toBe(expected.split(' ').length);
    });

    test('conditions through a relation to the root do so as well', async () => {
      const faculties = await db.getRepository(Faculty).find({ where: { head: { salary: 10 } } as never });
      expect(names(faculties as never)).toBe('law');
      expect(await db.getRepository(Faculty).countBy({ head: { pupils: { name: 'b' } } } as never)).toBe(0);
    });

    test('relations of classes below are loaded into their instances, one query each', async () => {
      const found = await persons().find({
        relations: { faculty: true, faculties: true, pupils: true },
        order: { name: 'asc' },
      });
      expect(statements.filter((sql) => sql.startsWith('SELECT'))).toHaveLength(4);
      const shown = found.map((each) => ({
        name: each.name,
        ...('faculty' in each && { faculty: each.faculty?.name ?? null }),
        ...('faculties' in each && { faculties: names(each.faculties) }),
        ...('pupils' in each && { pupils: names(each.pupils) }),
      }));
      expect(shown).toEqual([
        { name: 'c' },
        { name: 'e' },
        { name: 'p' },
        { name: 's1', faculties: 'art law' },
        { name: 's2', faculties: '' },
        { name: 't1', faculty: 'law', pupils: 'a' },
        { name: 't2', faculty: null, pupils: '' },
      ]);
      expect(found.map((each) => each.constructor)).toEqual([
        Clerk,
        Employee,
        Person,
        Student,
        Student,
        Teacher,
        Teacher,
      ]);
    });

    test('relations of relations to the root name them as well, with conditions of their own', async () => {
      const faculties = await db.getRepository(Faculty).find({
        relations: { head: { relations: { pupils: { where: { name: 'b' } }, faculty: true } } } as never,
        order: { name: 'asc' },
      });
      expect((faculties as never as { head: object | null }[])[0]?.head).toBeNull();
      expect((faculties as never as { head: object }[])[1]?.head).toMatchObject({
        name: 't1',
        pupils: [],
        faculty: { name: 'law' },
      });
    });

    test('orders name columns of classes below, whose other rows stand where NULL does', async () => {
      const found = await persons().find({
        order: { salary: { direction: 'desc', nulls: 'last' }, name: 'asc' },
      });
      expect(found.map(({ name }) => name)).toEqual(['c', 't2', 't1', 'e', 'p', 's1', 's2']);
      const byFaculty = await persons().find({
        order: { faculty: { name: { direction: 'asc', nulls: 'first' } }, id: 'asc' },
      });
      expect(byFaculty.at(-1)?.name).toBe('t1');
      const page = await persons().page({
        first: 2,
        order: { year: { direction: 'asc', nulls: 'first' }, id: 'asc' },
      });
      const next = await persons().page({
        first: 9,
        after: page.endCursor,
        order: { year: { direction: 'asc', nulls: 'first' }, id: 'asc' },
      });
      expect([...page.items, ...next.items].map(({ name }) => name)).toEqual([
        'p',
        'e',
        't1',
        't2',
        's1',
        's2',
        'c',
      ]);
    });

    test('what is selected is there where a class has it', async () => {
      const found = await persons().find({
        select: { name: true, year: true, secret: true, faculty: { name: true } },
        order: { name: 'asc' },
      });
      expect(found.map((each) => ({ ...each }))).toEqual([
        { name: 'c', year: 2 },
        { name: 'e' },
        { name: 'p' },
        { name: 's1', year: 1 },
        { name: 's2', year: 2 },
        { name: 't1', secret: null, faculty: { name: 'law' } },
        { name: 't2', secret: 'psst', faculty: null },
      ]);
    });

    test('sums, loading afterwards, updates and deletes by criteria name them', async () => {
      expect(await persons().sum('salary' as never)).toBe(65);
      const all = await persons().find();
      await persons().load(all as never, { pupils: true, faculties: true } as never);
      expect((all as { pupils?: unknown[] }[]).filter(({ pupils }) => pupils !== undefined)).toHaveLength(2);
      const changed = await db
        .transaction(async (manager) => {
          const repository = manager.getRepository(Person);
          const { affected } = await repository.update({ salary: MoreThan(9) } as never, { name: 'rich' });
          const deleted = await repository
            .delete({ faculties: { name: 'art' } } as never)
            .catch(() => ({ affected: -1 }));
          const left = await repository.countBy({ name: 'rich' });
          await manager.query('SELECT 1');
          throw Object.assign(new Error('back'), { seen: [affected, deleted.affected, left] });
        })
        .catch((cause: { seen: unknown }) => cause.seen);
      expect(changed).toEqual([4, 1, 3]);
    });

    test('what a deletion date of a class below hides is hidden, and shown when asked for', async () => {
      expect(names(await persons().find())).toBe('c e p s1 s2 t1 t2');
      expect(names(await persons().find({ withDeleted: true }))).toBe('c e gone p s1 s2 t1 t2');
      expect(await persons().count()).toBe(7);
    });

    test('what no class has, or two have differently, is refused', async () => {
      expect(await codeOf(() => persons().find({ where: { salry: 1 } as never }))).toBe('PROPERTY_UNKNOWN');
      expect(await codeOf(() => persons().find({ relations: { pupil: true } as never }))).toBe(
        'PROPERTY_UNKNOWN',
      );
      expect(await codeOf(() => persons().find({ select: { pupil: true } as never }))).toBe(
        'PROPERTY_UNKNOWN',
      );
      expect(await codeOf(() => db.getRepository(Student).find({ where: { salary: 1 } as never }))).toBe(
        'PROPERTY_UNKNOWN',
      );
      expect(await codeOf(() => db.getRepository(Person).update({ name: 'p' }, { salary: 1 } as never))).toBe(
        'PROPERTY_UNKNOWN',
      );
    });
  });
});
