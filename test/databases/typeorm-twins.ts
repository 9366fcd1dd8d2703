/** The entities of `typeorm-peers.ts` as Limbeck's, with what its own defaults do not say written out. */

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
  type Many,
  ManyToMany,
  ManyToOne,
  type One,
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
} from 'limbeck';
import type { DatabaseKind } from '../support/databases';

/** What TypeORM writes on the databases, where Limbeck would write something else. */
const SPELLED = {
  sqlite: { now: "datetime('now')", moment: {}, uuid: { type: 'varchar' }, flag: 'boolean' },
  postgres: { now: 'now()', moment: {}, uuid: { default: () => 'uuid_generate_v4()' }, flag: 'boolean' },
  mysql: {
    now: 'CURRENT_TIMESTAMP(6)',
    moment: { type: 'timestamp', precision: 6 },
    uuid: {},
    flag: { mysql: 'tinyint', default: 'boolean' },
  },
} as const;

/** The entities as they are written for one kind of database. */
export function twinsOn(kind: DatabaseKind) {
  const { now, moment, uuid, flag } = SPELLED[kind];
  // TypeORM makes no checks on MySQL and MariaDB, and a check of what is an enum elsewhere on SQLite.
  const Rated: ClassDecorator = kind === 'mysql' ? () => {} : Check('"rating" >= 0');
  const State = (target: object, property: string) => {
    const decorators =
      kind === 'sqlite'
        ? [Column('varchar', { default: 'draft' }), Check(`"stateOfPost" IN ('draft','live')`)]
        : [Column('enum', { enum: ['draft', 'live'], default: 'draft' })];
    for (const decorator of decorators as PropertyDecorator[]) decorator(target, property);
  };

  class GeoPoint {
    @Column({ type: 'int' }) latE6!: number;
    @Column({ type: 'int', name: 'lngMicro', nullable: true }) lngE6!: number | null;
  }

  class Address {
    @Column({ type: 'varchar', length: 80 }) streetName!: string;
    @Index() @Column({ type: 'varchar', length: 10 }) zip!: string;
    @Column(() => GeoPoint) point!: GeoPoint;
  }

  @Entity()
  class UserAccount {
    @PrimaryGeneratedColumn() id!: number;
    @Column({ type: 'varchar', length: 60, unique: true }) emailAddress!: string;
    @Column({ type: 'varchar', length: 30 }) @Index() lastName!: string;
    @Column({ type: 'int', default: 3 }) loginCount!: number;
    @Column({ type: flag, default: false }) isActive!: boolean;
    @Column(() => Address) home!: Address;
    @Column(() => Address, { prefix: 'work_place' }) work!: Address;
    @Column(() => GeoPoint, { prefix: false }) here!: GeoPoint;
    @OneToOne(() => UserProfile, { nullable: true }) @JoinColumn() profile!: One<UserProfile> | null;
    @ManyToOne(() => UserAccount, { nullable: true }) invitedBy!: One<UserAccount> | null;
    @OneToMany(
      () => BlogPost,
      (post) => post.author,
    )
    posts!: Many<BlogPost>;
    @ManyToMany(() => UserAccount) @JoinTable() friends!: Many<UserAccount>;
    @ManyToMany(
      () => UserAccount,
      (user) => user.followers,
    )
    @JoinTable({
      name: 'follows',
      joinColumn: { name: 'followerId' },
      inverseJoinColumn: { name: 'followedId' },
    })
    following!: Many<UserAccount>;
    @ManyToMany(
      () => UserAccount,
      (user) => user.following,
    )
    followers!: Many<UserAccount>;
  }

  @Entity()
  @Index(['nick', 'rank'], { unique: true })
  class UserProfile {
    @PrimaryGeneratedColumn('uuid', uuid) id!: string;
    @Column({ type: 'varchar', length: 20 }) nick!: string;
    @Column({ type: 'int' }) rank!: number;
  }

  @Entity('posts')
  @Unique(['slug', 'language'])
  @Unique('posts_by_code', ['code'])
  @Index(['title'])
  @Index('posts_rated', ['rating', 'title'])
  @Rated
  class BlogPost {
    @PrimaryGeneratedColumn() id!: number;
    @Column({ type: 'bigint', default: 0 }) views!: bigint;
    @Column({ type: 'varchar', length: 100 }) title!: string;
    @Column({ type: 'varchar', length: 40 }) slug!: string;
    @Column({ type: 'varchar', length: 2 }) language!: string;
    @Column({ type: 'varchar', length: 8 }) code!: string;
    @Column({ type: 'int' }) rating!: number;
    @State stateOfPost!: 'draft' | 'live';
    @Column({ type: 'varchar', length: 10, nullable: true }) kind!: string | null;
    @ManyToOne(
      () => UserAccount,
      (user) => user.posts,
      {
        onDelete: 'CASCADE',
      },
    )
    author!: One<UserAccount>;
    @ManyToOne(() => UserProfile, { nullable: true, onDelete: 'SET NULL' })
    @JoinColumn({ name: 'reviewer_key' })
    reviewer!: One<UserProfile> | null;
    @ManyToOne(() => Region, { nullable: true }) region!: One<Region> | null;
    @ManyToMany(
      () => Tag,
      (tag) => tag.posts,
    )
    @JoinTable()
    topTags!: Many<Tag>;
    @ManyToMany(() => Region, { onDelete: 'RESTRICT' })
    @JoinTable({ name: 'post_places' })
    places!: Many<Region>;
  }

  @Entity()
  class Tag {
    @PrimaryColumn({ type: 'varchar', length: 30 }) word!: string;
    @ManyToMany(
      () => BlogPost,
      (post) => post.topTags,
    )
    posts!: Many<BlogPost>;
    @ManyToMany(() => Region) @JoinTable() inRegions!: Many<Region>;
  }

  @Entity()
  class Region {
    @PrimaryColumn({ type: 'varchar', length: 2 }) countryCode!: string;
    @PrimaryColumn({ type: 'int' }) areaNumber!: number;
    @Column({ type: 'varchar', length: 50, nullable: true }) name!: string | null;
    @ManyToMany(() => Region) @JoinTable() neighbours!: Many<Region>;
  }

  @Entity()
  class HTTPLogEntry {
    @PrimaryGeneratedColumn() id!: number;
    @CreateDateColumn({ ...moment, default: () => now }) createdAt!: Date;
    @UpdateDateColumn({
      ...moment,
      default: () => now,
      ...(kind === 'mysql' ? { onUpdate: now } : {}),
    })
    updatedAt!: Date;
    @DeleteDateColumn({ ...moment }) deletedAt!: Date | null;
    @VersionColumn() version!: number;
  }

  @Entity()
  @Tree('closure-table')
  class Category {
    @PrimaryGeneratedColumn() id!: number;
    @Column({ type: 'varchar', length: 20 }) name!: string;
    @TreeParent() parent!: One<Category> | null;
    @TreeChildren() children!: Many<Category>;
  }

  @Entity()
  @Tree('closure-table', {
    closureTableName: 'place_links',
    ancestorColumnName: (column) => `upper_${column.property}`,
    descendantColumnName: (column) => `lower_${column.property}`,
  })
  class Place {
    @PrimaryGeneratedColumn() id!: number;
    @TreeParent({ onDelete: 'CASCADE' }) parent!: One<Place> | null;
    @TreeChildren() children!: Many<Place>;
  }

  @Entity()
  @Tree('materialized-path')
  class Folder {
    @PrimaryGeneratedColumn() id!: number;
    @TreeParent() parent!: One<Folder> | null;
    @TreeChildren() children!: Many<Folder>;
  }

  @Entity()
  @TableInheritance({ column: { type: 'varchar', length: 20, name: 'contentKind' } })
  class Content {
    @PrimaryGeneratedColumn() id!: number;
    @Column({ type: 'varchar', length: 20 }) title!: string;
  }

  @ChildEntity()
  class Photo extends Content {
    @Column({ type: 'int' }) widthPx!: number;
    @ManyToOne(() => UserAccount, { nullable: true }) takenBy!: One<UserAccount> | null;
  }

  @ChildEntity('q')
  class Question extends Content {
    @Index() @Column({ type: 'int' }) answersCount!: number;
  }

  return [
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
}
