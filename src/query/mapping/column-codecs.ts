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

/** @param computed whether a query makes the value, whose type the database chooses */
export function columnCodecs(
  meta: ColumnMetadata,
  owner: string,
  dialect: Dialect,
  computed: boolean,
): ColumnCodecs {
  const options = {
    owner,
    ...(meta.as !== undefined && { as: meta.as }),
    ...(meta.enumValues !== undefined && { enumValues: meta.enumValues }),
  };
  const stored = dialect.codec(meta.type, options);
  const codec = computed ? { ...stored, decode: looseDecoder(stored, meta) } : stored;
  // A text that is longer than the column is found nowhere, which is no mistake.
  const { kind } = meta.type;
  const isText = kind === 'varchar' || kind === 'char';
  const operandCodec = isText ? dialect.codec({ kind, length: Number.MAX_SAFE_INTEGER }, options) : codec;
  return {
    needsBigints: codec.needsBigints === true,
    encode: encoderOf(codec, meta),
    encodeOperand: encoderOf(operandCodec, meta),
    decode: decoderOf(codec, meta),
  };
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Numbers as a query makes them: a database may give a sum or a mean as text, as an integer or as a float, whatever
 * the columns were. What is no number at all is left to the codec to refuse.
 */
function looseDecoder(codec: Codec, { type, as }: ColumnMetadata): Codec['decode'] {
  switch (type.kind) {
    case 'smallint':
    case 'integer':
      return (value) => codec.decode(typeof value === 'string' ? wholeNumber(value) : value);
    case 'bigint':
      return (value) =>
        codec.decode(typeof value === 'string' && INTEGER.test(value) ? BigInt(value) : value);
    case 'real':
    case 'double':
      return (value) => codec.decode(typeof value === 'string' && NUMBER.test(value) ? Number(value) : value);
    case 'decimal':
      return (value) => {
        if (typeof value !== 'number' && typeof value !== 'bigint') return codec.decode(value);
        if (as === 'number') return Number(value);
        // A scale that the class states is written out, as it is of a column.
        return type.scale === undefined ? String(value) : codec.decode(value);
      };
    default:
      return codec.decode;
  }
}

/** `3`, and `3.0000` as MySQL words a sum; a fraction stays text, which an integer's codec refuses. */
function wholeNumber(text: string): SqlValue {
  const number = Number(text);
  return NUMBER.test(text) && Number.isSafeInteger(number) ? number : text;
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
