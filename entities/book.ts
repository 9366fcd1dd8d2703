import { Column, Entity, ManyToOne, type One, PrimaryGeneratedColumn } from 'limbeck';
import { Author } from './author';

@Entity('books')
export class Book {
  @PrimaryGeneratedColumn('increment') id!: number;
  @Column('varchar', { length: 200 }) title!: string;

  // The column that the tutorial adds: uncomment the next line.
  // @Column('varchar', { length: 50, nullable: true }) genre!: string | null;

  @ManyToOne(() => Author, (author) => author.books, { onDelete: 'CASCADE' }) author!: One<Author>;
}
