/**
 * What TypeORM makes a database of, in the tests of `naming: 'typeorm'`: every kind of name that it gives, written
 * with its own decorators. `typeorm-twins.ts` says the same with Limbeck's.
 */

import {
  Check,
  ChildEntity,
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  Index,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  Tree,
  TreeChildren,
  TreeParent,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';

export class GeoPoint {
  @Column({ type: 'int' }) latE6!: number;
  @Column({ type: 'int', name: 'lngMicro', nullable: true }) lngE6!: number | null;
}

export class Address {
  @Column({ type: 'varchar', length: 80 }) streetName!: string;
  @Index() @Column({ type: 'varchar', length: 10 }) zip!: string;
  @Column(() => GeoPoint) point!: GeoPoint;
}

@Entity()
export class UserAccount {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'varchar', length: 60, unique: true }) emailAddress!: string;
  @Column({ type: 'varchar', length: 30 }) @Index() lastName!: string;
  @Column({ type: 'int', default: 3 }) loginCount!: number;
  @Column({ type: 'boolean', default: false }) isActive!: boolean;
  @Column(() => Address) home!: Address;
  @Column(() => Address, { prefix: 'work_place' }) work!: Address;
  @Column(() => GeoPoint, { prefix: false }) here!: GeoPoint;
  @OneToOne(() => UserProfile) @JoinColumn() profile!: unknown;
  @ManyToOne(() => UserAccount) invitedBy!: unknown;
  @OneToMany(
    () => BlogPost,
    (post) => (post as BlogPost).author,
  )
  posts!: unknown;
  @ManyToMany(() => UserAccount) @JoinTable() friends!: unknown;
  @ManyToMany(
    () => UserAccount,
    (user) => (user as UserAccount).followers,
  )
  @JoinTable({
    name: 'follows',
    joinColumn: { name: 'followerId' },
    inverseJoinColumn: { name: 'followedId' },
  })
  following!: unknown;
  @ManyToMany(
    () => UserAccount,
    (user) => (user as UserAccount).following,
  )
  followers!: unknown;
}

@Entity()
@Index(['nick', 'rank'], { unique: true })
export class UserProfile {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column({ type: 'varchar', length: 20 }) nick!: string;
  @Column({ type: 'int' }) rank!: number;
}

@Entity('posts')
@Unique(['slug', 'language'])
@Unique('posts_by_code', ['code'])
@Index(['title'])
@Index('posts_rated', ['rating', 'title'])
@Check('"rating" >= 0')
export class BlogPost {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'bigint', default: 0 }) views!: string;
  @Column({ type: 'varchar', length: 100 }) title!: string;
  @Column({ type: 'varchar', length: 40 }) slug!: string;
  @Column({ type: 'varchar', length: 2 }) language!: string;
  @Column({ type: 'varchar', length: 8 }) code!: string;
  @Column({ type: 'int' }) rating!: number;
  @Column({ type: 'simple-enum', enum: ['draft', 'live'], default: 'draft' }) stateOfPost!: string;
  @Column({ type: 'varchar', length: 10, nullable: true }) kind!: string | null;
  @ManyToOne(
    () => UserAccount,
    (user) => (user as UserAccount).posts,
    {
      nullable: false,
      onDelete: 'CASCADE',
    },
  )
  author!: unknown;
  @ManyToOne(() => UserProfile, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'reviewer_key' })
  reviewer!: unknown;
  @ManyToOne(() => Region) region!: unknown;
  @ManyToMany(
    () => Tag,
    (tag) => (tag as Tag).posts,
  )
  @JoinTable()
  topTags!: unknown;
  @ManyToMany(() => Region, { onDelete: 'RESTRICT' })
  @JoinTable({ name: 'post_places' })
  places!: unknown;
}

@Entity()
export class Tag {
  @PrimaryColumn({ type: 'varchar', length: 30 }) word!: string;
  @ManyToMany(
    () => BlogPost,
    (post) => (post as BlogPost).topTags,
  )
  posts!: unknown;
  @ManyToMany(() => Region) @JoinTable() inRegions!: unknown;
}

@Entity()
export class Region {
  @PrimaryColumn({ type: 'varchar', length: 2 }) countryCode!: string;
  @PrimaryColumn({ type: 'int' }) areaNumber!: number;
  @Column({ type: 'varchar', length: 50, nullable: true }) name!: string | null;
  @ManyToMany(() => Region) @JoinTable() neighbours!: unknown;
}

@Entity()
export class HTTPLogEntry {
  @PrimaryGeneratedColumn() id!: number;
  @CreateDateColumn() createdAt!: Date;
  @UpdateDateColumn() updatedAt!: Date;
  @DeleteDateColumn() deletedAt!: Date | null;
  @VersionColumn() version!: number;
}

@Entity()
@Tree('closure-table')
export class Category {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'varchar', length: 20 }) name!: string;
  @TreeParent() parent!: unknown;
  @TreeChildren() children!: unknown;
}

@Entity()
@Tree('closure-table', {
  closureTableName: 'place_links',
  ancestorColumnName: (column) => `upper_${column.propertyName}`,
  descendantColumnName: (column) => `lower_${column.propertyName}`,
})
export class Place {
  @PrimaryGeneratedColumn() id!: number;
  @TreeParent({ onDelete: 'CASCADE' }) parent!: unknown;
  @TreeChildren() children!: unknown;
}

@Entity()
@Tree('materialized-path')
export class Folder {
  @PrimaryGeneratedColumn() id!: number;
  @TreeParent() parent!: unknown;
  @TreeChildren() children!: unknown;
}

@Entity()
@TableInheritance({ column: { type: 'varchar', length: 20, name: 'contentKind' } })
export class Content {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'varchar', length: 20 }) title!: string;
}

@ChildEntity()
export class Photo extends Content {
  @Column({ type: 'int' }) widthPx!: number;
  @ManyToOne(() => UserAccount) takenBy!: unknown;
}

@ChildEntity('q')
export class Question extends Content {
  @Index() @Column({ type: 'int' }) answersCount!: number;
}

export const peers = [
  UserAccount,
  UserProfile,
  BlogPost,
  Tag,
  Region,
  HTTPLogEntry,
  Category,
  Place,
  Folder,
  Content,
  Photo,
  Question,
];
