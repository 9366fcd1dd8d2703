/** Hard values, a column of each type, and what becomes of them. */

import { Column, Entity, PrimaryGeneratedColumn } from 'limbeck';

@Entity('hard_values')
export class Hard {
  @PrimaryGeneratedColumn() id!: number;
  @Column('smallint', { nullable: true }) small!: number | null;
  @Column('integer', { nullable: true }) int!: number | null;
  @Column('bigint', { nullable: true }) big!: bigint | null;
  @Column('real', { nullable: true }) real!: number | null;
  @Column('double', { nullable: true }) double!: number | null;
  @Column('decimal', { precision: 15, scale: 4, nullable: true }) dec!: string | null;
  @Column('boolean', { nullable: true }) flag!: boolean | null;
  @Column('varchar', { length: 20, nullable: true }) short!: string | null;
  @Column('text', { nullable: true }) long!: string | null;
  @Column('char', { length: 3, nullable: true }) fixed!: string | null;
  @Column('date', { nullable: true }) day!: string | null;
  @Column('time', { nullable: true }) clock!: string | null;
  @Column('timestamp', { nullable: true }) at!: Date | null;
  @Column('timestamp', { precision: 6, nullable: true }) micro!: string | null;
  @Column('timestamptz', { nullable: true }) zoned!: Date | null;
  @Column('json', { nullable: true }) json!: unknown;
  @Column('uuid', { nullable: true }) uuid!: string | null;
  @Column('blob', { nullable: true }) bytes!: Buffer | null;
  @Column('enum', { enum: ['', "it's", 'ž \\ "x"'], nullable: true }) mood!: '' | "it's" | 'ž \\ "x"' | null;
  @Column('simple-array', { nullable: true }) list!: string[] | null;
}

export type Field = Exclude<keyof Hard, 'id'>;

/** What comes back; the value itself where nothing is said, `refused` for VALUE_INVALID. */
export const refused = Symbol('refused');
export const CASES: readonly [Field, unknown, (unknown | typeof refused)?][] = [
  ['small', -32768],
  ['small', 32767],
  ['small', 32768, refused],
  ['int', -2147483648],
  ['int', 2147483647],
  ['int', 2147483648, refused],
  ['int', 1.5, refused],
  ['int', Number.NaN, refused],
  ['int', '5', refused],
  ['big', 9007199254740993n],
  ['big', -9223372036854775808n],
  ['big', 9223372036854775807n],
  ['big', 9223372036854775808n, refused],
  ['big', -9223372036854775809n, refused],
  ['big', 9007199254740992, refused],
  ['big', 5, 5n],
  ['big', '5', refused],
  ['real', 0.1],
  ['real', -1234.5],
  ['real', 3.4028235e38],
  ['real', -0, 0],
  ['double', 0.1],
  ['double', 1.7976931348623157e308],
  ['double', 5e-324],
  ['double', -0, 0],
  ['double', Number.POSITIVE_INFINITY, refused],
  ['double', Number.NaN, refused],
  ['dec', '12345678901.2345'],
  ['dec', '-0.0001'],
  ['dec', '1', '1.0000'],
  ['dec', '-0', '0.0000'],
  ['dec', '1e3', '1000.0000'],
  ['dec', '99999999999.9999'],
  ['dec', 0.1, '0.1000'],
  ['dec', Number.NaN, refused],
  ['dec', '', refused],
  ['dec', '1,5', refused],
  ['dec', '0.00001', refused],
  ['dec', '123456789012', refused],
  ['dec', 'abc', refused],
  ['flag', true],
  ['flag', false],
  ['flag', 1, refused],
  ['short', ''],
  ['short', ' spaces  at the end '],
  ['short', 'Łódź 😀 \u200d'],
  ['short', "'; DROP TABLE x; --"],
  ['short', 'back\\ "q" `b` %_'],
  ['short', 'x'.repeat(21), refused],
  ['short', 'half \ud800', refused],
  ['long', 'line\nline\r\n\ttab'],
  ['long', 'x'.repeat(100_000)],
  ['long', '\ud83d', refused],
  ['long', 'a\0b', refused],
  ['long', ''],
  ['long', ' \t\n '],
  ['long', '\u{10ffff}\ufeff\u202e\u2028'],
  ['short', 'a\0', refused],
  ['short', '😀'.repeat(20)],
  ['short', 5, refused],
  ['fixed', 'abc'],
  ['fixed', 'ab'],
  ['fixed', ''],
  ['fixed', 'ab ', refused],
  ['fixed', 'abcd', refused],
  ['day', '0001-01-01'],
  ['day', '9999-12-31'],
  ['day', '2024-02-29'],
  ['day', '2023-02-29', refused],
  ['day', '2024-2-9', refused],
  ['day', '0000-01-01', refused],
  ['clock', '23:59:59.123'],
  ['clock', '00:00'.padEnd(8, ':00'), '00:00:00'],
  ['clock', '10:30', '10:30:00'],
  ['clock', '10:00:00.500', '10:00:00.5'],
  ['clock', '10:00:00.000', '10:00:00'],
  ['clock', '10:00:00.1234', refused],
  ['clock', '24:00:00', refused],
  ['at', new Date('2026-03-29T01:30:00.123Z')],
  ['at', new Date('1969-12-31T23:59:59.999Z')],
  ['at', new Date('2200-01-01T00:00:00.000Z')],
  ['at', new Date(Number.NaN), refused],
  ['at', new Date('0001-01-01T00:00:00.000Z')],
  ['at', new Date('0099-06-15T12:00:00.500Z')],
  ['at', new Date('9999-12-31T23:59:59.999Z')],
  ['at', new Date('+010000-01-01T00:00:00.000Z'), refused],
  ['at', new Date('0000-12-31T23:59:59.999Z'), refused],
  ['at', new Date(8.64e15), refused],
  ['at', '2026-03-29T01:30:00.123Z', refused],
  ['micro', '2026-03-29T01:30:00.123456Z'],
  ['micro', '2026-03-29T03:30:00.123456+02:00', '2026-03-29T01:30:00.123456Z'],
  ['micro', '1969-12-31T23:59:59.999999Z'],
  ['micro', '0001-01-01T00:00:00.000001Z'],
  ['micro', '9999-12-31T23:59:59.999999Z'],
  ['micro', '9999-12-31T23:59:59.999999-00:01', refused],
  ['micro', '0001-01-01T00:00:00+00:01', refused],
  ['micro', '2026-03-29T01:30:00.1234567Z', refused],
  ['micro', '2026-02-30T00:00:00Z', refused],
  ['zoned', new Date('1883-11-18T12:03:58.000Z')],
  ['zoned', new Date('2026-10-25T00:30:00.500Z')],
  ['json', { a: [1, null, 'x', { b: 'ž' }], c: -0.5 }],
  ['json', []],
  ['json', 'text'],
  ['json', { '__proto__ ': 1 }],
  ['json', JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')],
  ['json', { '': '', 'a"b': "it's", 'ž 😀': '\\u0000' }],
  ['json', [2 ** 53, -(2 ** 53), 2 ** 60, 1e21, 1.7976931348623157e308, 5e-324, 0.1]],
  ['json', -0, 0],
  ['json', [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]],
  ['json', ''],
  ['json', 'null'],
  ['json', false],
  ['json', [null]],
  ['json', { gone: undefined, kept: null }, { kept: null }],
  ['json', { n: 2n ** 60n }, refused],
  ['json', [Number.NaN], refused],
  ['json', [undefined], refused],
  ['json', { at: new Date(Number.NaN) }, refused],
  ['json', { text: 'a\0b' }, refused],
  ['json', { text: '\ud800' }, refused],
  ['uuid', '0b9c1d5e-8f0a-4b0e-9a55-0242ac120002'],
  ['uuid', '0B9C1D5E-8F0A-4B0E-9A55-0242AC120002', '0b9c1d5e-8f0a-4b0e-9a55-0242ac120002'],
  ['uuid', 'no uuid', refused],
  ['uuid', '{0b9c1d5e-8f0a-4b0e-9a55-0242ac120002}', refused],
  ['uuid', '0b9c1d5e8f0a4b0e9a550242ac120002', refused],
  ['bytes', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  ['bytes', new Uint8Array([1, 2]), Buffer.from([1, 2])],
  ['bytes', 'text', refused],
  ['bytes', Buffer.from([0, 255, 39, 92, 0])],
  ['bytes', Buffer.alloc(0)],
  ['mood', ''],
  ['mood', "it's"],
  ['mood', 'ž \\ "x"'],
  ['mood', 'sad', refused],
  ['list', ['a', 'b c']],
  ['list', []],
  ['list', ['', '']],
  ['list', [''], refused],
  ['list', ['a,b'], refused],
  ['list', ['a\0'], refused],
  ['list', 'a', refused],
];
