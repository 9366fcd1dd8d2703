import { Column, Entity, PrimaryGeneratedColumn } from 'limbeck';

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ length: 200 }) title!: string;
  @Column('text', { nullable: true }) body!: string | null;
}
