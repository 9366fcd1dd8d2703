/** Entities of the tests of values that change hands: unique columns of several types, lists with unique places. */

import {
  Column,
  Entity,
  JoinColumn,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
  VersionColumn,
} from 'limbeck';

@Entity('boards')
export class Board {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, unique: true }) name!: string;
  @OneToMany(
    () => Card,
    (card) => card.board,
    { cascade: true },
  )
  cards!: Many<Card>;
}

@Entity('cards')
@Unique(['board', 'place'])
export class Card {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') place!: number;
  @Column('varchar', { length: 20, default: '' }) text!: string;
  @VersionColumn() version!: number;
  @ManyToOne(
    () => Board,
    (board) => board.cards,
    { orphanedRowAction: 'delete' },
  )
  board!: One<Board>;
}

@Entity('coins')
export class Coin {
  @PrimaryColumn('varchar', { length: 20 }) code!: string;
  @Column('varchar', { length: 20, unique: true, nullable: true }) nick!: string | null;
  @Column('boolean', { unique: true, nullable: true }) isMain!: boolean | null;
  @Column('boolean', { unique: true, default: false }) side!: boolean;
  @Column('integer', { default: 0 }) weight!: number;
  @OneToOne(() => Board, { nullable: true })
  @JoinColumn()
  board!: One<Board> | null;
}

@Entity('badges')
export class Badge {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, unique: true }) code!: string;
  @Column('bigint', { unique: true, nullable: true }) number!: bigint | null;
  @Column('decimal', { precision: 12, scale: 2, unique: true, nullable: true }) price!: string | null;
  @VersionColumn() version!: number;
}

export const turnoverEntities = [Board, Card, Coin, Badge];
