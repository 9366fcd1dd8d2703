/** Entities whose relations stand inside embedded objects, on both sides and at several depths. */

import {
  AfterLoad,
  ChildEntity,
  Column,
  DeleteDateColumn,
  Embeddable,
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
  RelationId,
  TableInheritance,
  VersionColumn,
  VirtualColumn,
} from 'limbeck';

@Embeddable()
export class Reach {
  @Column('integer', { default: 0 }) views!: number;
  @ManyToOne(() => Person, { nullable: true }) scout!: One<Person> | null;
  @ManyToMany(() => Person) @JoinTable() watchers!: Many<Person>;
}

@Embeddable()
export class Stats {
  @Column('integer', { default: 0 }) likes!: number;
  @ManyToMany(
    () => Person,
    (person) => person.contact.liked,
    { cascade: ['insert'] },
  )
  @JoinTable()
  likedBy!: Many<Person>;
  @RelationId((stats: Stats) => stats.likedBy) likedByIds!: number[];
  @Embedded(() => Reach) reach!: Reach;
}

@Embeddable()
export class Credits {
  @Column('varchar', { length: 40, nullable: true }) note!: string | null;
  @ManyToOne(
    () => Person,
    (person) => person.contact.written,
    { cascade: true },
  )
  author!: One<Person>;
  @RelationId((credits: Credits) => credits.author) authorId!: number;
  @ManyToOne(() => Person, { nullable: true, onDelete: 'SET NULL' })
  @JoinColumn({ name: 'editing_person' })
  editor!: One<Person> | null;
  @OneToOne(
    () => Licence,
    (licence) => licence.article,
    { nullable: true, cascade: true },
  )
  @JoinColumn()
  licence!: One<Licence> | null;
  @OneToMany(
    () => Remark,
    (remark) => remark.place.article,
    { cascade: true, orphanedRowAction: 'delete' },
  )
  remarks!: Many<Remark>;
  @ManyToMany(
    () => Keyword,
    (keyword) => keyword.articles,
    { cascade: true },
  )
  keywords!: Many<Keyword>;
  @VirtualColumn('integer', {
    query: (alias) => `SELECT COUNT(*) FROM remarks r WHERE r.place_article_id = ${alias}.id`,
  })
  remarkCount!: number;
  loaded?: boolean;
  @AfterLoad() noteLoad(): void {
    this.loaded = true;
  }
}

@Entity('articles')
export class Article {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 40 }) title!: string;
  @Embedded(() => Credits) credits!: Credits;
  @Embedded(() => Stats) stats!: Stats;
  @DeleteDateColumn() gone!: Date | null;
  @VersionColumn() version!: number;
}

@Embeddable()
export class Contact {
  @Column('varchar', { length: 40, nullable: true }) city!: string | null;
  @OneToMany(
    () => Article,
    (article) => article.credits.author,
    { cascade: true },
  )
  written!: Many<Article>;
  @ManyToMany(
    () => Article,
    (article) => article.stats.likedBy,
  )
  liked!: Many<Article>;
  @OneToOne(
    () => Desk,
    (desk) => desk.user.person,
    { cascade: true, nullable: true },
  )
  desk!: One<Desk> | null;
}

@Entity('people')
export class Person {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 40 }) name!: string;
  @Embedded(() => Contact) contact!: Contact;
}

@Embeddable()
export class DeskUser {
  @Column('varchar', { length: 10, nullable: true }) since!: string | null;
  @OneToOne(
    () => Person,
    (person) => person.contact.desk,
    { nullable: true },
  )
  @JoinColumn()
  person!: One<Person> | null;
}

@Entity('desks')
export class Desk {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 10 }) room!: string;
  @Embedded(() => DeskUser, { prefix: 'used_by_' }) user!: DeskUser;
}

@Entity('licences')
export class Licence {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 10 }) code!: string;
  @OneToOne(
    () => Article,
    (article) => article.credits.licence,
    { nullable: true },
  )
  article!: One<Article> | null;
}

@Embeddable()
export class Place {
  @Column('integer', { default: 1 }) line!: number;
  @ManyToOne(
    () => Article,
    (article) => article.credits.remarks,
    { nullable: true, onDelete: 'CASCADE' },
  )
  article!: One<Article> | null;
}

@Entity('remarks')
export class Remark {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 40 }) text!: string;
  @Embedded(() => Place) place!: Place;
}

@Entity('keywords')
export class Keyword {
  @PrimaryColumn('varchar', { length: 20 }) word!: string;
  @ManyToMany(
    () => Article,
    (article) => article.credits.keywords,
  )
  @JoinTable()
  articles!: Many<Article>;
}

/** Embedded twice in one entity. */
@Embeddable()
export class Stop {
  @Column('integer') hour!: number;
  @ManyToOne(() => Person, { nullable: true }) keeper!: One<Person> | null;
  @ManyToMany(() => Person) @JoinTable() guests!: Many<Person>;
}

@Entity('trips')
export class Trip {
  @PrimaryGeneratedColumn() id!: number;
  @Embedded(() => Stop) from!: Stop;
  @Embedded(() => Stop, { prefix: 'dest_' }) to!: Stop;
}

/** A key inside embedded objects, and a relation by it inside another. */
@Embeddable()
export class Serial {
  @PrimaryColumn('integer') batch!: number;
  @PrimaryColumn('varchar', { length: 10 }) mark!: string;
}

@Entity('parts')
export class Part {
  @Embedded(() => Serial) serial!: Serial;
  @Column('varchar', { length: 20 }) label!: string;
  @OneToMany(
    () => Piece,
    (piece) => piece.origin.part,
    { cascade: true },
  )
  pieces!: Many<Piece>;
}

@Embeddable()
export class Origin {
  @ManyToOne(
    () => Part,
    (part) => part.pieces,
    { nullable: true },
  )
  part!: One<Part> | null;
  @RelationId((origin: Origin) => origin.part) partKey!: unknown;
  @ManyToMany(() => Part) @JoinTable() spares!: Many<Part>;
}

@Entity('pieces')
export class Piece {
  @PrimaryGeneratedColumn() id!: number;
  @Embedded(() => Origin) origin!: Origin;
}

/** Relations inside embedded objects of families, in one table and in several. */
@Entity('media')
@TableInheritance({ column: 'kind' })
export class Medium {
  @PrimaryGeneratedColumn() id!: number;
  @Embedded(() => Stop, { prefix: 'first_' }) first!: Stop;
}

@ChildEntity('film')
export class Film extends Medium {
  @Embedded(() => Stop, { prefix: 'second_' }) second!: Stop;
}

@Entity('vehicles')
@TableInheritance({ pattern: 'CTI' })
export class Vehicle {
  @PrimaryGeneratedColumn() id!: number;
  @Embedded(() => Stop, { prefix: 'home_' }) home!: Stop;
}

@ChildEntity()
export class Truck extends Vehicle {
  @Embedded(() => Stop, { prefix: 'work_' }) work!: Stop;
}

export const entities = [
  Article,
  Person,
  Desk,
  Licence,
  Remark,
  Keyword,
  Trip,
  Part,
  Piece,
  Medium,
  Film,
  Vehicle,
  Truck,
];
