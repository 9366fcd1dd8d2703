import '../metadata/kit';
import {
  AfterLoad,
  BeforeInsert,
  Check,
  Column,
  Entity,
  ForeignKey,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
} from '../../src/decorators/index';
import { buildEntities } from '../../src/metadata/build';
import { ownDeclarations } from '../../src/metadata/store';
import { mistakesOf, tableOf } from '../metadata/kit';

type Loose = (...given: unknown[]) => any;
const column = Column as unknown as Loose;

describe('legacy decorators', () => {
  test('write on the class itself, under Symbol.metadata', () => {
    class Base {
      @Column('text') a!: string;
    }
    class Child extends Base {
      @Column('text') b!: string;
    }
    const own = (target: object): unknown[] =>
      ownDeclarations(target).map((d) => ('property' in d ? d.property : d.kind));
    expect(own(Base)).toEqual(['a']);
    expect(own(Child)).toEqual(['b']);
    const key = (Symbol as unknown as { metadata: symbol }).metadata as never;
    expect(Object.getPrototypeOf(Child[key])).toBe(Base[key]);
  });

  test('see private, protected and readonly properties, and leave #private fields alone', () => {
    @Entity()
    class Account {
      @PrimaryGeneratedColumn() readonly id!: number;
      @Column('text') private secret!: string;
      @Column('text') protected shared!: string;
      #hidden = 1;
      read(): unknown {
        return [this.secret, this.shared, this.#hidden];
      }
    }
    expect(tableOf(Account).columns.map((c) => c.name)).toEqual(['id', 'secret', 'shared']);
  });

  test('tell of places where they cannot work, with all other mistakes', () => {
    const symbol = Symbol('s');
    class Misplaced {
      static count = 0;
      method(): void {}
    }
    PrimaryGeneratedColumn()(Misplaced.prototype as unknown as { id: number }, 'id');
    column('text')(Misplaced, 'count');
    column('text')(Misplaced.prototype, symbol);
    column('text')(Misplaced.prototype, 'method');
    column('text')(Misplaced);
    (Entity as Loose)()(Misplaced.prototype, 'id');
    (BeforeInsert as Loose)()(Misplaced.prototype, 'id');
    (Index as Loose)()(Misplaced.prototype, 'method');
    (Check as Loose)('a > 1')(Misplaced, 'count');
    Entity()(Misplaced);
    expect(mistakesOf([Misplaced])).toEqual([
      'Misplaced.count: the property under @Column is static. Put it on an instance property with a name.',
      'Misplaced.Symbol(s): the property under @Column has a symbol for a name. Put it on an instance property with a name.',
      'Misplaced.method: @Column stands on a method. Put it on an instance property with a name.',
      'Misplaced: @Column stands on a class. Put it on an instance property with a name.',
      'Misplaced.id: @Entity stands on a property. Put it on the class.',
      'Misplaced.id: @BeforeInsert does not stand on a method. Put it on an instance method.',
      'Misplaced.method: @Index stands on a method. Put it on the class or on a property.',
      'Misplaced.count: @Check stands where the property is static. Put it on the class or on a property.',
    ]);
  });

  test('sort out the arguments of columns and keys', () => {
    class Args {
      @PrimaryGeneratedColumn() id!: number;
      @Column({ postgres: 'inet' }) a!: string;
      @Column({ default: 'x', length: 3 }) b!: string;
      @Column('text', {}) c!: string;
      @Index('name') @Column('text') d!: string;
      @Index('unique_name', { unique: true }) @Column('text') e!: string;
      @ForeignKey(() => Args, { onDelete: 'CASCADE' }) @Column('integer') f!: number;
      @ForeignKey(() => Args, 'id') @Column('integer', { foreignKeyConstraintName: 'fk_g' }) g!: number;
      @ForeignKey(
        () => Args,
        (x) => x.id,
        { name: 'fk_h' },
      )
      @Column('integer')
      h!: number;
    }
    Entity('args', { comment: 'c' })(Args);
    const table = tableOf(Args);
    expect(table.comment).toBe('c');
    expect(table.columns.slice(1, 4).map((c) => c.type.kind)).toEqual(['native', 'varchar', 'text']);
    expect(table.indexes.map((i) => [i.name, i.unique])).toEqual([
      ['name', false],
      ['unique_name', true],
    ]);
    expect(table.foreignKeys.map((k) => [k.name, k.refColumns[0], k.onDelete])).toEqual([
      ['fk_args_f_args', 'id', 'CASCADE'],
      ['fk_g', 'id', undefined],
      ['fk_h', 'id', undefined],
    ]);
  });

  test('several @JoinColumn are one composite key, read from the top', () => {
    class Pair {
      @Column('integer', { primary: true }) a!: number;
      @Column('text', { primary: true }) b!: string;
    }
    Entity()(Pair);
    class Row {
      id!: number;
      pair!: Pair;
    }
    PrimaryGeneratedColumn()(Row.prototype, 'id');
    JoinColumn({ name: 'second', referencedColumnName: 'b' })(Row.prototype, 'pair' as never);
    JoinColumn({ name: 'first', referencedColumnName: 'a' })(Row.prototype, 'pair' as never);
    (ManyToOne as Loose)(() => Pair)(Row.prototype, 'pair');
    Entity()(Row);
    expect(buildEntities([Row, Pair]).get(Row).relations[0]?.joinColumns).toEqual([
      { column: 'first', referenced: 'a' },
      { column: 'second', referenced: 'b' },
    ]);
  });

  test('a listener declared again below is called once', () => {
    class Base {
      @PrimaryGeneratedColumn() id!: number;
      @AfterLoad() load(): void {}
    }
    @Entity()
    class Child extends Base {
      @AfterLoad() @BeforeInsert() override load(): void {}
    }
    expect(buildEntities([Child]).get(Child).listeners).toEqual([
      { event: 'afterLoad', method: 'load' },
      { event: 'beforeInsert', method: 'load' },
    ]);
  });
});

describe('module registries', () => {
  test('entities loaded again are other entities, and both can be built', async () => {
    const first = await import('../metadata/library.js');
    jest.resetModules();
    const again = await import('../metadata/library.js');
    const { buildEntities: buildAgain } = await import('../../src/metadata/build.js');
    expect(again.Book).not.toBe(first.Book);
    expect(buildAgain(again.LIBRARY).get(again.Book).columns).toHaveLength(16);
    expect(buildEntities(first.LIBRARY).get(first.Book).columns).toHaveLength(16);
    // A registry made by one copy of the library reads classes that another copy decorated.
    expect(buildAgain(first.LIBRARY).entities).toHaveLength(4);
  });
});
