import { Column, Entity, type Many, OneToMany, PrimaryGeneratedColumn } from 'limbeck';
import { Book } from './book';

@Entity('authors')
export class Author {
  @PrimaryGeneratedColumn('increment') id!: number;
  @Column('varchar', { length: 100 }) name!: string;
  @OneToMany(() => Book, (book) => book.author) books!: Many<Book>;
}
