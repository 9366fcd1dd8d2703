/** Every decorator, for `index.ts` at the top; no logic of its own. */

export { Column, Embedded, PrimaryColumn, VirtualColumn } from './column.js';
export { ChildEntity, Embeddable, Entity, EventSubscriber, TableInheritance } from './entity.js';
export {
  AfterInsert,
  AfterLoad,
  AfterRecover,
  AfterRemove,
  AfterSoftRemove,
  AfterUpdate,
  BeforeInsert,
  BeforeRecover,
  BeforeRemove,
  BeforeSoftRemove,
  BeforeUpdate,
} from './hooks.js';
export { Check, Exclusion, ForeignKey, Index, Unique } from './indexes.js';
export {
  CreateDateColumn,
  DeleteDateColumn,
  Generated,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
} from './keys.js';
export {
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  RelationId,
} from './relations.js';
export { Tree, TreeChildren, TreeLevelColumn, TreeParent } from './trees.js';
export { ViewColumn, ViewEntity } from './views.js';
