/** Values of a column on their way to the database and back: the user's transformers around the dialect's codec. */

import type { Codec, Dialect, SqlValue } from '../../dialects/contract.js';
import type { ColumnMetadata } from '../../metadata/entity.js';

export type Encoder = (value: unknown) => SqlValue;

export interface ColumnCodecs {
  readonly needsBigints: boolean;
  /** A value to write; `null` and `undefined` become NULL. @throws VALUE_INVALID */
  readonly encode: Encoder;
  /** A value to compare with: as `encode`, but text may be longer than the column is. */
  readonly encodeOperand: Encoder;
  readonly decode: (value: SqlValue) => unknown;
}

export function columnCodecs(meta: ColumnMetadata, owner: string, dialect: Dialect): ColumnCodecs {
  const options = {
    owner,
    ...(meta.as !== undefined && { as: meta.as }),
    ...(meta.enumValues !== undefined && { enumValues: meta.enumValues }),
  };
  const codec = dialect.codec(meta.type, options);
  // A text that is longer than the column is found nowhere, which is no mistake.
  const isText = meta.type.kind === 'varchar' || meta.type.kind === 'char';
  const operandCodec = isText ? dialect.codec({ kind: 'text' }, options) : codec;
  return {
    needsBigints: codec.needsBigints === true,
    encode: encoderOf(codec, meta),
    encodeOperand: encoderOf(operandCodec, meta),
    decode: decoderOf(codec, meta),
  };
}

function encoderOf(codec: Codec, { transformers }: ColumnMetadata): Encoder {
  const plain: Encoder = (value) => (value === null || value === undefined ? null : codec.encode(value));
  if (transformers.length === 0) return plain;
  return (value) => plain(transformers.reduce((each, transformer) => transformer.to(each), value));
}

function decoderOf(codec: Codec, { transformers, type }: ColumnMetadata): (value: SqlValue) => unknown {
  // The row that is kept must not change when the entity's own bytes do.
  const copies = type.kind === 'blob';
  const decode = copies ? (value: SqlValue) => Buffer.from(codec.decode(value) as Uint8Array) : codec.decode;
  const plain = (value: SqlValue): unknown => (value === null ? null : decode(value));
  if (transformers.length === 0) return plain;
  const back = [...transformers].reverse();
  return (value) => back.reduce((each, transformer) => transformer.from(each), plain(value));
}
