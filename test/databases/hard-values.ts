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
  ['real', 0.1],
  ['real', -1234.5],
  ['double', 0.1],
  ['double', 1.7976931348623157e308],
  ['double', 5e-324],
  ['double', -0, 0],
  ['double', Number.POSITIVE_INFINITY, refused],
  ['double', Number.NaN, refused],
  ['dec', '12345678901.2345'],
  ['dec', '-0.0001'],
  ['dec', '1', '1.0000'],
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
  ['day', '0001-01-01'],
  ['day', '9999-12-31'],
  ['day', '2024-02-29'],
  ['day', '2023-02-29', refused],
  ['day', '2024-2-9', refused],
  ['clock', '23:59:59.123'],
  ['at', new Date('2026-03-29T01:30:00.123Z')],
  ['at', new Date('1969-12-31T23:59:59.999Z')],
  ['at', new Date('2200-01-01T00:00:00.000Z')],
  ['at', new Date(Number.NaN), refused],
  ['micro', '2026-03-29T01:30:00.123456Z'],
  ['zoned', new Date('2026-10-25T00:30:00.500Z')],
  ['json', { a: [1, null, 'x', { b: 'ž' }], c: -0.5 }],
  ['json', []],
  ['json', 'text'],
  ['json', { '__proto__ ': 1 }],
  ['uuid', '0b9c1d5e-8f0a-4b0e-9a55-0242ac120002'],
  ['uuid', 'no uuid', refused],
  ['bytes', Buffer.from([0, 255, 39, 92, 0])],
  ['bytes', Buffer.alloc(0)],
  ['mood', ''],
  ['mood', "it's"],
  ['mood', 'ž \\ "x"'],
  ['mood', 'sad', refused],
  ['list', ['a', 'b c']],
  ['list', []],
];
