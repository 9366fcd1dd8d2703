/** A shop: every kind of relation, embedded objects, soft-deleted rows, a compound key, values that may be NULL. */

import {
  Column,
  DeleteDateColumn,
  Embedded,
  Entity,
  JoinColumn,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  type One,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  VersionColumn,
} from 'limbeck';

export class Address {
  @Column('varchar', { length: 50 }) street!: string;
  @Column('varchar', { length: 50, default: 'nowhere' }) city = 'nowhere';
}

@Entity('shops')
export class Shop {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Embedded(() => Address) address!: Address;
  @OneToMany(
    () => Product,
    (product) => product.shop,
  )
  products!: Many<Product>;
  @OneToOne(
    () => Licence,
    (licence) => licence.shop,
  )
  licence!: One<Licence>;
}

@Entity('licences')
export class Licence {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) code!: string;
  @OneToOne(
    () => Shop,
    (shop) => shop.licence,
  )
  @JoinColumn()
  shop!: One<Shop>;
}

@Entity('products')
export class Product {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Column('integer', { nullable: true }) stock!: number | null;
  @Column('decimal', { precision: 10, scale: 2 }) price!: string;
  @Column('bigint', { default: 0 }) sold!: bigint;
  @Column('double', { nullable: true }) weight!: number | null;
  @Column('varchar', { length: 10, default: 'new' }) status = 'new';
  @Column('timestamp', { nullable: true }) madeAt!: Date | null;
  @ManyToOne(
    () => Shop,
    (shop) => shop.products,
  )
  shop!: One<Shop>;
  @ManyToOne(() => Shop, { nullable: true }) outlet!: One<Shop> | null;
  @OneToMany(
    () => Review,
    (review) => review.product,
  )
  reviews!: Many<Review>;
  @ManyToMany(
    () => Label,
    (label) => label.products,
  )
  @JoinTable()
  labels!: Many<Label>;
}

@Entity('reviews')
export class Review {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') rating!: number;
  @Column('text') text!: string;
  @DeleteDateColumn() deletedAt!: Date | null;
  @VersionColumn() version!: number;
  @ManyToOne(
    () => Product,
    (product) => product.reviews,
  )
  product!: One<Product>;
}

@Entity('labels')
export class Label {
  @PrimaryColumn('varchar', { length: 20 }) name!: string;
  @Column('integer', { nullable: true }) rank!: number | null;
  @ManyToMany(
    () => Product,
    (product) => product.labels,
  )
  products!: Many<Product>;
}

@Entity('cells')
export class Cell {
  @PrimaryColumn('integer') x!: number;
  @PrimaryColumn('integer') y!: number;
  @Column('varchar', { length: 20 }) text!: string;
  @ManyToOne(
    () => Cell,
    (cell) => cell.parts,
    { nullable: true },
  )
  whole!: One<Cell> | null;
  @OneToMany(
    () => Cell,
    (cell) => cell.whole,
  )
  parts!: Many<Cell>;
}

export const shopEntities = [Shop, Licence, Product, Review, Label, Cell];
