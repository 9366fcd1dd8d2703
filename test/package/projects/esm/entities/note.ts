import { Column, Entity, PrimaryGeneratedColumn } from 'limbeck';

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn('increment') id!: number;
  @Column('varchar', { length: 200 }) title!: string;
  @Column('text', { nullable: true }) body!: string | null;
}
