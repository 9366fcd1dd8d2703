import { Column, Entity, ManyToOne, type One, PrimaryGeneratedColumn } from 'limbeck';
import { Folder } from './folder.js';

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn('increment') id!: number;
  @Column('varchar', { length: 200 }) title!: string;
  @Column('text', { nullable: true }) body!: string | null;
  @ManyToOne(() => Folder, (folder) => folder.notes, { onDelete: 'CASCADE' }) folder!: One<Folder>;
}
