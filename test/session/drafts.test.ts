/** Plain data from outside → entities: only what the class itself lets be set. */

import { Column, Embeddable, Embedded, Entity, PrimaryGeneratedColumn } from '../../src/decorators/index';
import { type OpenLibrary, openLibrary } from './open-library';

@Embeddable()
class Address {
  @Column('text') street!: string;
}

@Entity('people')
class Person {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
  @Embedded(() => Address) address!: Address;
  /** No column, and the class's own business. */
  note = '';
  #shout = '';
  set shout(value: string) {
    this.#shout = value;
  }
  get loud(): string {
    return this.#shout.toUpperCase();
  }
  greet(): string {
    return `Hello ${this.name}`;
  }
}

describe('data from a request body', () => {
  let library: OpenLibrary;
  beforeAll(async () => {
    library = await openLibrary({ classes: [Person] });
  });
  afterAll(() => library.db.destroy());

  const hostile = [
    '{"__proto__":{"isAdmin":true}}',
    '{"address":{"__proto__":{"isAdmin":true}}}',
    '{"address":{"nothing":1}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
    '{"toString":1}',
    '{"greet":1}',
    '{"loud":"x"}',
    '{"nothing":1}',
  ];
  test.each(hostile)('%s is refused by create(), merge() and save()', async (text) => {
    const people = library.db.getRepository(Person);
    const draft = { name: 'a', ...{} };
    // Parsed JSON has `__proto__` as a property of its own, which a literal cannot say.
    const body = Object.defineProperties(draft, Object.getOwnPropertyDescriptors(JSON.parse(text)));
    const unknown = expect.objectContaining({ code: 'PROPERTY_UNKNOWN' });
    expect(() => people.create(body)).toThrow(unknown);
    expect(() => people.merge(new Person(), body)).toThrow(unknown);
    await expect(people.save(body)).rejects.toEqual(unknown);
    expect(await people.count()).toBe(0);
  });

  test('fields and setters of the class are its own business', () => {
    const person = library.db.getRepository(Person).create({ name: 'a', note: 'n', shout: 'x' } as never);
    expect([person.note, person.loud, person.greet()]).toEqual(['n', 'X', 'Hello a']);
  });
});
