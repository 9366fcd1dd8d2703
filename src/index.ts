/** The public names of `limbeck`; no logic of its own. */

import 'reflect-metadata';

export { type SqlFragment, type SqlIdentifier, type SqlParameter, sql } from './ast/sql.js';
export * from './base/errors.js';
export { type Config, defineConfig } from './config.js';
export { DataSource } from './data-source.js';
export * from './decorators/index.js';
export type { IsolationLevel } from './dialects/contract.js';
export type {
  ColumnMetadata,
  EntityClass,
  EntityMetadata,
  EntityRegistry,
  RelationMetadata,
  Transformer,
} from './metadata/entity.js';
export type {
  ColumnOptions,
  EntityOptions,
  IndexOptions,
  JoinColumnOptions,
  JoinTableOptions,
  ManyToManyOptions,
  ToManyOptions,
  ToOneOptions,
  TreeKindName,
} from './metadata/options.js';
export {
  type Draft,
  type Loaded,
  Many,
  type NotLoaded,
  One,
  type Plain,
  type Selected,
  type TreeLeaf,
  type TreeNode,
  type WithLoaded,
} from './metadata/relation-types.js';
export type {
  CustomCall,
  CustomEffect,
  CustomOperation,
  CustomOperations,
  CustomStatements,
} from './migration/custom/types.js';
export type {
  AfterWrite,
  CompareColumns,
  IncludeName,
  IncludeObject,
  ObjectKind,
  ObjectParents,
  ProcessContext,
  ProcessOperations,
  RevisionOperation,
  SchemaObject,
  VersionApplied,
} from './migration/hooks/types.js';
export type {
  ColumnAlteration,
  CustomArguments,
  Effect,
  MigrationColumn,
  MigrationModule,
  MigrationRow,
  Operations,
  PlainData,
  Queued,
  SchemaDirectives,
  StatementOptions,
  TableShape,
} from './migration/operations-api.js';
export type {
  Difference,
  MergeClash,
  MergeOptions,
  MergeProof,
  MergeResult,
  MigrationEvent,
  Migrations,
  PlannedCheck,
  PlannedOperation,
  PlannedRevision,
  PlannedStep,
  RebaseResult,
  RepairResult,
  RevisionEntry,
  RevisionOptions,
  RevisionResult,
  RunOptions,
  RunResult,
  RunStep,
  UpgradePlan,
} from './migration/types.js';
export { type MigrationsOptions, migrations } from './migrations.js';
export { Every, None, Some } from './query/conditions/member-operators.js';
export {
  And,
  Any,
  ArrayContainedBy,
  ArrayContains,
  ArrayOverlap,
  Between,
  Equal,
  escapeLike,
  ILike,
  In,
  IsNull,
  JsonContains,
  LessThan,
  LessThanOrEqual,
  Like,
  type MembersOperator,
  MoreThan,
  MoreThanOrEqual,
  Not,
  type Operator,
  Or,
  Raw,
  type RawColumn,
} from './query/conditions/operators.js';
export type { Condition, Where, WhereAny } from './query/conditions/where-types.js';
export type {
  CriteriaOptions,
  FindOneOptions,
  FindOptions,
  Order,
  OrderDirection,
  OrderTermOptions,
  PageOptions,
  RelationOptions,
  Relations,
  Select,
  StreamOptions,
} from './query/find/find-options.js';
export type { FindLock, OptimisticLock, PessimisticLock } from './query/find/lock.js';
export type { Page } from './query/find/page.js';
export type { Average, Found, NumberKey, ValueKey } from './query/find/result-types.js';
export type { Schema } from './schema/model.js';
export { type ImplicitKeys, type NamingStrategy, snakeCaseNaming } from './schema/naming.js';
export type { Operation, OperationKind, OperationOf } from './schema/operations.js';
export { typeormNaming } from './schema/typeorm-naming.js';
export { EntityManager } from './session/entity-manager.js';
export type { Flat, KyselyDatabase, KyselyTable } from './session/kysely/types.js';
export type {
  ConnectionEntry,
  LogEntry,
  Logger,
  QueryEntry,
  RetryEntry,
  TransactionEntry,
  WarningEntry,
} from './session/log-entry.js';
export type { ReadPlace } from './session/replicas.js';
export { Repository } from './session/repository.js';
export type { SaveOptions } from './session/save-options.js';
export { Session } from './session/session.js';
export type { SessionKey } from './session/session-keys.js';
export type { GetOptions, SessionOptions } from './session/session-options.js';
export type {
  EntitySubscriberInterface,
  InsertEvent,
  LoadEvent,
  RecoverEvent,
  RemoveEvent,
  SoftRemoveEvent,
  TransactionCommitEvent,
  TransactionRollbackEvent,
  TransactionStartEvent,
  UpdateEvent,
} from './session/subscriber.js';
export type { QueryTrace, TransactionTrace } from './session/tracer.js';
export type { TransactionOptions } from './session/transaction-options.js';
export { type TreeOptions, TreeRepository } from './session/tree-repository.js';
export type {
  DeleteChange,
  InsertChange,
  LinkChange,
  PlannedChange,
  UpdateChange,
} from './session/unit-of-work/changes.js';
export type { ValidationOptions } from './session/validation.js';
export type {
  Criteria,
  InsertResult,
  KeyValue,
  UpdateValues,
  UpsertOptions,
  UpsertResult,
  WriteResult,
} from './session/write-types.js';
