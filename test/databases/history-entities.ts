/** What the history in `history/` has made when its last revision has run. */

import {
  Check,
  Column,
  Entity,
  ForeignKey,
  Index,
  ManyToOne,
  type One,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
} from 'limbeck';

@Entity('authors')
export class Author {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
  @Column('integer', { nullable: true }) born!: number | null;
  @Column('bigint', { default: 0 }) written!: bigint;
}

@Entity('publications')
@Unique('uq_publications_heading', ['heading', 'author'])
@Check('ck_publications_price', 'price >= 0')
export class Publication {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'pk_books' }) id!: number;
  @Column('varchar', { length: 300 }) heading!: string;
  @Column('decimal', { precision: 12, scale: 4, default: 0 }) price!: string;
  @Column('enum', {
    enum: ['draft', 'lost', 'printed', 'gone'],
    enumName: 'book_status',
    default: 'draft',
  })
  status!: 'draft' | 'lost' | 'printed' | 'gone';
  @Column('integer', { default: 1 }) inPrint!: number;
  @ManyToOne(() => Author, { onDelete: 'CASCADE' })
  @Index('ix_books_author_id')
  author!: One<Author>;
  @Column('timestamp', { default: () => 'CURRENT_TIMESTAMP' })
  @Index()
  madeAt!: Date;
  @Column('varchar', { length: 50, default: 'novel' }) genre!: string;
}

@Entity('departments')
@ForeignKey(() => Employee, ['headId', 'headNumber'], ['departmentId', 'number'], {
  name: 'fk_departments_head',
  onDelete: 'SET NULL',
})
@Index('ix_departments_head', ['headId', 'headNumber'])
export class Department {
  @PrimaryColumn('integer') id!: number;
  @Column('varchar', { length: 40, unique: true, comment: "what it's called" }) name!: string;
  @Column('integer', { nullable: true }) headId!: number | null;
  @Column('integer', { nullable: true }) headNumber!: number | null;
}

@Entity('employees')
@ForeignKey(() => Department, ['departmentId'], ['id'], { onDelete: 'CASCADE' })
@ForeignKey(() => Employee, ['bossDepartmentId', 'bossNumber'], ['departmentId', 'number'], {
  name: 'fk_employees_boss',
})
@Index('ix_employees_boss', ['bossDepartmentId', 'bossNumber'])
export class Employee {
  @PrimaryColumn('integer') departmentId!: number;
  @PrimaryColumn('integer') number!: number;
  @Column('text') name!: string;
  @Column('integer', { nullable: true }) bossDepartmentId!: number | null;
  @Column('integer', { nullable: true }) bossNumber!: number | null;
}

@Entity({ name: 'reviews', comment: 'what readers say' })
@Check('ck_reviews_stars', 'stars BETWEEN 1 AND 5')
@ForeignKey(() => Publication, ['publicationId'], ['id'], { onDelete: 'CASCADE', onUpdate: 'CASCADE' })
export class Review {
  @PrimaryColumn('integer') publicationId!: number;
  @PrimaryColumn('uuid') reader!: string;
  @Column('smallint', { nullable: true }) stars!: number | null;
  @Column('json', { nullable: true }) said!: object | null;
  @Column('date', { default: '2026-11-22' }) onDay!: string;
}

export const ENTITIES = [Author, Publication, Department, Employee, Review];
