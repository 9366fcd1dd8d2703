/** Entities by the hundred: ten columns, two indexes and a foreign key each. */

import { Column, Entity, Index, ManyToOne, PrimaryGeneratedColumn } from 'limbeck';

export type EntityClass = new () => object;

/** So many entities, each with a relation to the one before it. */
export function entities(count: number): EntityClass[] {
  const made: EntityClass[] = [];
  for (let i = 0; i < count; i++) {
    const Class = { [`Thing${i}`]: class {} }[`Thing${i}`] as EntityClass;
    const decorate = (name: string, decorator: unknown): void =>
      (decorator as (target: object, key: string) => void)(Class.prototype, name);
    decorate('id', PrimaryGeneratedColumn());
    for (let c = 0; c < 8; c++) {
      decorate(
        `column${c}`,
        Column({ type: 'varchar', name: `column${c}`, length: 50 + c, nullable: c % 2 === 0 }),
      );
    }
    decorate('column1', Index());
    const parent = made[i - 1];
    if (parent)
      decorate(
        'parent',
        ManyToOne(() => parent, { nullable: true }),
      );
    (Entity(`thing_${i}`) as (target: EntityClass) => void)(Class);
    made.push(Class);
  }
  return made;
}
