import {
  Column,
  Entity,
  ForeignKey,
  Index,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
} from '../../src/decorators/index';
import { buildEntities } from '../../src/metadata/build';
import type { Many, One } from '../../src/metadata/relation-types';
import { schemaOf, tableOf } from './kit';

@Entity('orders')
class Order {
  @PrimaryColumn('char', { length: 2 }) country!: string;
  @PrimaryColumn('integer') number!: number;
  @OneToMany(
    () => Line,
    (line) => line.order,
  )
  lines!: Many<Line>;
  @ManyToMany(() => Order) @JoinTable() replaces!: Many<Order>;
}

@Entity('lines')
class Line {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(
    () => Order,
    (order) => order.lines,
    { onDelete: 'CASCADE' },
  )
  order!: One<Order>;
}

describe('a composite key', () => {
  test('gives the relation one column for each of its own', () => {
    const table = tableOf(Line, [Order]);
    expect(table.columns.map((c) => [c.name, c.type])).toEqual([
      ['id', { kind: 'integer' }],
      ['order_country', { kind: 'char', length: 2 }],
      ['order_number', { kind: 'integer' }],
    ]);
    expect(table.foreignKeys).toEqual([
      {
        name: 'fk_lines_order_country_order_number_orders',
        columns: ['order_country', 'order_number'],
        refTable: 'orders',
        refColumns: ['country', 'number'],
        onDelete: 'CASCADE',
      },
    ]);
    expect(table.indexes.map((i) => i.name)).toEqual(['ix_lines_order_country_order_number']);
  });

  test('gives a join table to itself two columns for each of its own, all named apart', () => {
    const [table] = buildEntities([Order, Line]).joinTables;
    expect(table?.name).toBe('orders_replaces');
    expect(table?.primaryKey?.columns).toEqual([
      'order_country',
      'order_number',
      'replaces_country',
      'replaces_number',
    ]);
    expect(table?.foreignKeys.map((key) => key.name)).toEqual([
      'fk_orders_replaces_order_country_order_number_orders',
      'fk_orders_replaces_replaces_country_replaces_number_orders',
    ]);
  });
});

describe('a column beside its relation', () => {
  @Entity('owners')
  class Owner {
    @PrimaryGeneratedColumn() id!: number;
  }
  @Entity('pets')
  class Pet {
    @PrimaryColumn('integer') ownerId!: number;
    @PrimaryColumn('integer') nth!: number;
    @ManyToOne(() => Owner) @JoinColumn({ name: 'owner_id' }) owner!: One<Owner>;
  }

  test('serves it: one column in the table, no index where the primary key begins with it', () => {
    const pet = buildEntities([Pet, Owner]).get(Pet);
    expect(pet.columns.map((c) => [c.property, c.name, c.role])).toEqual([
      ['ownerId', 'owner_id', 'regular'],
      ['nth', 'nth', 'regular'],
    ]);
    expect(pet.relations[0]?.joinColumns).toEqual([{ column: 'owner_id', referenced: 'id' }]);
    expect(pet.table.indexes).toEqual([]);
    expect(pet.table.foreignKeys.map((key) => key.name)).toEqual(['fk_pets_owner_id_owners']);
  });
});

describe('the index of a to-one relation', () => {
  @Entity()
  class Target {
    @PrimaryGeneratedColumn() id!: number;
  }
  const names = (target: new () => object): string[] =>
    tableOf(target, [Target]).indexes.map((index) => index.name);

  test('is left out with index: false, or where a key begins with the column', () => {
    @Entity()
    @Index(['b', 'n'])
    @Unique(['c', 'n'])
    @Index(['n', 'd'])
    class Row {
      @PrimaryGeneratedColumn() id!: number;
      @Column('integer') n!: number;
      @ManyToOne(() => Target, { index: false }) a!: One<Target>;
      @ManyToOne(() => Target) b!: One<Target>;
      @ManyToOne(() => Target) c!: One<Target>;
      @ManyToOne(() => Target) d!: One<Target>;
    }
    expect(names(Row)).toEqual(['ix_row_b_id_n', 'ix_row_d_id', 'ix_row_n_d_id']);
  });

  test('stands beside a partial index of the same column', () => {
    @Entity()
    class Row {
      @PrimaryGeneratedColumn() id!: number;
      @Index({ where: 'id > 5' }) @ManyToOne(() => Target) a!: One<Target>;
    }
    expect(names(Row)).toEqual(['ix_row_76b5600c', 'ix_row_a_id']);
  });
});

describe('options of a relation', () => {
  @Entity('people')
  class Person {
    @PrimaryGeneratedColumn('uuid') id!: string;
    @Column('varchar', { length: 20, unique: true }) code!: string;
  }
  @Entity('desks')
  class Desk {
    @PrimaryGeneratedColumn() id!: number;
    @ManyToOne(() => Person, {
      nullable: true,
      onDelete: 'SET NULL',
      onUpdate: 'NO ACTION',
      deferrable: 'INITIALLY DEFERRED',
    })
    @JoinColumn({
      name: 'who',
      referencedColumnName: 'code',
      foreignKeyConstraintName: 'fk_who',
      renamedFrom: 'whom',
    })
    person!: One<Person> | null;
    @ManyToOne(() => Person, { createForeignKeyConstraints: false, comment: 'loose' }) loose!: One<Person>;
    @OneToOne(() => Person, { cascade: true, orphanedRowAction: 'delete' }) @JoinColumn() only!: One<Person>;
    @ManyToMany(() => Person, { onDelete: 'RESTRICT' })
    @JoinTable({
      name: 'desk_users',
      joinColumn: { name: 'desk' },
      inverseJoinColumn: { name: 'user', referencedColumnName: 'code' },
    })
    users!: Many<Person>;
    @ForeignKey(() => Person, 'code', { onDelete: 'CASCADE' })
    @Column('varchar', { length: 20 })
    lead!: string;
  }
  const schema = schemaOf([Desk, Person]);
  const desk = tableOf(Desk, [Person]);

  test('reach the foreign key', () => {
    expect(desk.foreignKeys).toEqual([
      {
        name: 'fk_desks_lead_people',
        columns: ['lead'],
        refTable: 'people',
        refColumns: ['code'],
        onDelete: 'CASCADE',
      },
      { name: 'fk_desks_only_id_people', columns: ['only_id'], refTable: 'people', refColumns: ['id'] },
      {
        name: 'fk_who',
        columns: ['who'],
        refTable: 'people',
        refColumns: ['code'],
        onDelete: 'SET NULL',
        deferrable: 'deferred',
      },
    ]);
  });

  test('reach the columns', () => {
    expect(desk.columns.slice(1)).toEqual([
      { name: 'who', type: { kind: 'varchar', length: 20 }, nullable: true },
      { name: 'loose_id', type: { kind: 'uuid' }, nullable: false, comment: 'loose' },
      { name: 'only_id', type: { kind: 'uuid' }, nullable: false },
      { name: 'lead', type: { kind: 'varchar', length: 20 }, nullable: false },
    ]);
    expect(desk.uniques).toEqual([{ name: 'uq_desks_only_id', columns: ['only_id'] }]);
  });

  test('reach the join table', () => {
    const table = schema.tables.find((t) => t.name === 'desk_users');
    expect(table?.columns.map((c) => [c.name, c.type.kind])).toEqual([
      ['desk', 'integer'],
      ['user', 'varchar'],
    ]);
    expect(table?.foreignKeys.map((key) => key.onDelete)).toEqual(['RESTRICT', 'RESTRICT']);
  });

  test('reach the entity', () => {
    const relation = buildEntities([Desk, Person])
      .get(Desk)
      .relations.find((r) => r.property === 'only');
    expect(relation?.cascade).toEqual(['insert', 'update', 'remove', 'soft-remove', 'recover']);
    expect(relation?.orphanedRowAction).toBe('delete');
  });
});

describe('keys of several columns that are named in another order', () => {
  @Entity('cells')
  class Cell {
    @PrimaryColumn('integer') x!: number;
    @PrimaryColumn('integer') y!: number;
  }
  @Entity('marks')
  class Mark {
    @PrimaryGeneratedColumn() id!: number;
    @ManyToOne(() => Cell)
    @JoinColumn([
      { name: 'cell_y', referencedColumnName: 'y' },
      { name: 'cell_x', referencedColumnName: 'x' },
    ])
    cell!: One<Cell>;
    @ManyToMany(() => Cell)
    @JoinTable({
      inverseJoinColumns: [
        { name: 'cy', referencedColumnName: 'y' },
        { name: 'cx', referencedColumnName: 'x' },
      ],
    })
    cells!: Many<Cell>;
  }

  // MySQL finds no key that has its columns in another order.
  test('refer to them in the order of the key', () => {
    const keys = schemaOf([Mark, Cell]).tables.flatMap(({ foreignKeys }) =>
      foreignKeys.filter(({ refTable }) => refTable === 'cells'),
    );
    expect(keys).toMatchObject([
      { columns: ['cell_x', 'cell_y'], refColumns: ['x', 'y'] },
      { columns: ['cx', 'cy'], refColumns: ['x', 'y'] },
    ]);
  });
});
