import { Column, Entity, type Many, OneToMany, PrimaryGeneratedColumn } from 'limbeck';
import { Note } from './note';

@Entity('folders')
export class Folder {
  @PrimaryGeneratedColumn('increment') id!: number;
  @Column('varchar', { length: 100 }) name!: string;
  @OneToMany(() => Note, (note) => note.folder) notes!: Many<Note>;
}
