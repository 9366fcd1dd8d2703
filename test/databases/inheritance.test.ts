/** Families of classes: one table for all of them, or one for each; the same on every database. */

import {
  ChildEntity,
  Column,
  DataSource,
  Entity,
  In,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  migrations,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
  TableInheritance,
  UpdateDateColumn,
  VersionColumn,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';

@Entity('schools')
class School {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
  @OneToMany(
    () => Person,
    (person) => person.school,
  )
  people!: Many<Person>;
  @OneToMany(
    () => Student,
    (student) => student.alumniOf,
  )
  alumni!: Many<Student>;
}

@Entity('people')
@TableInheritance({ column: { name: 'kind', type: 'varchar', length: 20 } })
abstract class Person {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @VersionColumn() version!: number;
  @UpdateDateColumn() updatedAt!: Date;
  @ManyToOne(
    () => School,
    (school) => school.people,
    { nullable: true },
  )
  school!: One<School> | null;
}

@ChildEntity('student')
class Student extends Person {
  @Column('integer') grade!: number;
  @ManyToOne(
    () => School,
    (school) => school.alumni,
    { nullable: true },
  )
  alumniOf!: One<School> | null;
  @ManyToMany(() => Teacher) @JoinTable() mentors!: Many<Teacher>;
}

@ChildEntity('employee')
class Employee extends Person {
  @Column('integer') salary!: number;
}

@ChildEntity('teacher')
class Teacher extends Employee {
  @Column('varchar', { length: 30 }) subject!: string;
}

const make = <T extends object>(target: new () => T, values: Partial<Record<keyof T, unknown>>): T =>
  Object.assign(new target(), values);

const classOf = (entity: object) => entity.constructor;

/** Properties that hold something: fields of a class are there, undefined, in any case. */
const loadedKeys = (entity: object) =>
  Object.entries(entity).flatMap(([name, value]) => (value === undefined ? [] : [name]));

describe.each(testDatabases())('one table for a family, on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  const people = () => source.getRepository(Person);
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).sort();

  beforeAll(async () => {
    database = await createDatabase(kind);
    source = new DataSource({
      url: database.url,
      entities: [School, Person, Student, Employee, Teacher],
    });
    await source.initialize();
    await source.createSchema();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    await source.query('DELETE FROM people_mentors');
    await source.query('DELETE FROM people');
    await source.query('DELETE FROM schools');
  });

  const fill = async () => {
    const school = await source.getRepository(School).save({ name: 'S' });
    const ann = make(Student, { name: 'ann', grade: 3, school });
    const bob = make(Employee, { name: 'bob', salary: 10 });
    const cid = make(Teacher, { name: 'cid', salary: 20, subject: 'art', school });
    await people().save([ann, bob, cid]);
    return { school, ann, bob, cid };
  };

  test('autogenerate finds nothing', async () => {
    expect((await migrations(source).diff()).operations).toEqual([]);
  });

  test('the root finds instances of every class, each with its own columns only', async () => {
    const { school } = await fill();
    const found = await people().find({ order: { name: 'asc' } });
    expect(found.map(classOf)).toEqual([Student, Employee, Teacher]);
    expect(found.map(loadedKeys)).toEqual([
      ['id', 'name', 'version', 'updatedAt', 'grade'],
      ['id', 'name', 'version', 'updatedAt', 'salary'],
      ['id', 'name', 'version', 'updatedAt', 'salary', 'subject'],
    ]);
    expect(found).toMatchObject([{ grade: 3 }, { salary: 10 }, { salary: 20, subject: 'art' }]);
    expect(school.id).toBeDefined();
  });

  test('a class finds its own rows and those of the classes below it', async () => {
    await fill();
    expect(names(await source.getRepository(Employee).find())).toEqual(['bob', 'cid']);
    expect(await source.getRepository(Teacher).find()).toMatchObject([{ subject: 'art' }]);
    expect((await source.getRepository(Employee).findOneByOrFail({ name: 'cid' })).constructor).toBe(Teacher);
    expect(await source.getRepository(Student).findOneBy({ name: 'bob' })).toBeNull();
    expect(await source.getRepository(Student).count()).toBe(1);
    expect(await source.getRepository(Employee).countBy({ salary: In([10, 20]) })).toBe(2);
    expect(await source.getRepository(Student).existsBy({ name: 'cid' })).toBe(false);
    expect(await people().count()).toBe(3);
  });

  test('the discriminator is written whichever repository saves or inserts', async () => {
    await people().save(make(Teacher, { name: 'a', salary: 1, subject: 'x' }));
    await source.getRepository(Employee).save(make(Teacher, { name: 'b', salary: 1, subject: 'x' }));
    await source.getRepository(Teacher).save({ name: 'c', salary: 1, subject: 'x' });
    await people().insert([make(Student, { name: 'd', grade: 1 }), make(Employee, { name: 'e', salary: 1 })]);
    await source.getRepository(Student).insert({ name: 'f', grade: 2 });
    const rows = await source.query<{ name: string; kind: string }>(
      'SELECT name, kind FROM people ORDER BY name',
    );
    expect(rows.map((row) => `${row.name} ${row.kind}`)).toEqual([
      'a teacher',
      'b teacher',
      'c teacher',
      'd student',
      'e employee',
      'f student',
    ]);
  });

  test('what the root loaded is saved with the columns of its class, and only where they changed', async () => {
    await fill();
    const cid = (await people().findOneByOrFail({ name: 'cid' })) as Teacher;
    cid.subject = 'music';
    await people().save(cid);
    await people().save(cid);
    expect(await source.getRepository(Teacher).findOneByOrFail({ id: cid.id })).toMatchObject({
      subject: 'music',
      version: 2,
    });
  });

  test('update and delete touch rows of their class alone', async () => {
    const { bob, ann } = await fill();
    expect(await source.getRepository(Student).update({ id: bob.id }, { name: 'x' })).toEqual({
      affected: 0,
    });
    expect(await source.getRepository(Student).delete({ id: bob.id })).toEqual({ affected: 0 });
    expect(await source.getRepository(Employee).update({ salary: 20 }, { salary: 21 })).toEqual({
      affected: 1,
    });
    expect(await source.getRepository(Employee).delete({ id: bob.id })).toEqual({ affected: 1 });
    await source.getRepository(Employee).clear();
    expect(names(await people().find())).toEqual(['ann']);
    await people().remove(ann);
    expect(await people().count()).toBe(0);
  });

  test('a key of another class is not this one’s to write', async () => {
    const { bob } = await fill();
    const impostor = make(Student, { id: bob.id, name: 'x', grade: 1 });
    await expect(source.getRepository(Student).save(impostor)).rejects.toMatchObject({
      code: 'UNIQUE_VIOLATION',
    });
    expect(await source.getRepository(Employee).findOneBy({ id: bob.id })).toMatchObject({ name: 'bob' });
  });

  test('relations lead to the right class, of the root and of a child', async () => {
    const { school, ann, cid } = await fill();
    ann.alumniOf = school;
    ann.mentors = [cid];
    await people().save(ann);
    const found = await source
      .getRepository(School)
      .findOneOrFail({ where: { people: { name: 'ann' } }, relations: { people: true, alumni: true } });
    expect(found.people.map(classOf)).toEqual([Student, Teacher]);
    expect(found.alumni).toMatchObject([{ name: 'ann', grade: 3 }]);
    const student = await source
      .getRepository(Student)
      .findOneOrFail({ where: { alumniOf: { name: 'S' } }, relations: { mentors: true, school: true } });
    expect(student.mentors).toMatchObject([{ subject: 'art' }]);
    expect(student.mentors[0]).toBeInstanceOf(Teacher);
    expect(student.school).toMatchObject({ name: 'S' });
    const all = await people().find({ relations: { school: true }, order: { name: 'asc' } });
    expect(all.map((each) => each.school?.name)).toEqual(['S', undefined, 'S']);
    expect(await source.getRepository(Teacher).findBy({ school: { name: 'S' } })).toHaveLength(1);
  });

  test('select keeps to what is asked for in every class', async () => {
    await fill();
    const found = await people().find({ select: { name: true }, order: { name: 'asc' } });
    expect(found.map(loadedKeys)).toEqual([['name'], ['name'], ['name']]);
    expect(found[2]).toBeInstanceOf(Teacher);
  });

  test('a row of a class that nobody knows is an error that names it', async () => {
    await fill();
    await source.query("UPDATE people SET kind = 'ghost' WHERE name = 'bob'");
    await expect(people().find()).rejects.toMatchObject({
      code: 'DISCRIMINATOR_UNKNOWN',
      message: "A row of 'Person' is of the class 'ghost' by its column 'kind', which no entity is.",
      hint: "Known are Person, student, employee and teacher. Add the class with @ChildEntity('ghost') to `entities`.",
    });
    expect(await source.getRepository(Employee).find()).toHaveLength(1);
  });
});
