/** What typed finds cost the compiler: instantiations for each entity, beyond what the library's own types cost. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');
const ENTITIES = 100;
/** For each entity. */
const FINDS = 2;
const AIM = 5_000;

/** Compiles a hundred entities in a ring of relations, with two nested finds each, and none, and tells the difference. */
export async function types(): Promise<void> {
  const folder = path.join(ROOT, 'bench/.types');
  try {
    const without = measure(folder, entitySource());
    const seen = measure(folder, `${entitySource()}\n${findSource()}`);
    const each = Math.round((seen.instantiations - without.instantiations) / ENTITIES);
    const bare = measure(folder, "import 'limbeck';");
    const whole = Math.round((seen.instantiations - bare.instantiations) / ENTITIES);
    console.log(`types of ${ENTITIES} entities with ${FINDS * ENTITIES} nested finds`);
    console.log(
      `  finds: ${each} instantiations an entity; entities and finds: ${whole} (aim: under ${AIM})`,
    );
    console.log(`  check time ${seen.seconds} s, of which ${bare.seconds} s are the library's own`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(
  folder: string,
  source: string,
): { readonly instantiations: number; readonly seconds: number } {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'finds.ts'), source);
  const compilerOptions = { incremental: false, paths: { limbeck: [path.join(ROOT, 'src/index.ts')] } };
  const config = { extends: path.join(ROOT, 'tsconfig.json'), compilerOptions, include: ['finds.ts'] };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const said = execFileSync(process.execPath, [tsc, '-p', folder, '--extendedDiagnostics'], {
    encoding: 'utf8',
  });
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(said)?.[1]);
  return { instantiations: number('Instantiations'), seconds: number('Check time') };
}

/** Entity i has one of the next, one of the one after that, and many of those that point at it. */
function entitySource(): string {
  const classes = Array.from({ length: ENTITIES }, (_, i) => {
    const [next, after, before] = [1, 2, ENTITIES - 1].map((step) => (i + step) % ENTITIES);
    return `
@Entity('e${i}')
export class E${i} {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar') name${i}!: string;
  @Column('integer', { nullable: true }) count!: number | null;
  @Column('bigint') big!: bigint;
  @Column('timestamp') madeAt!: Date;
  @ManyToOne(() => E${next}, (other) => other.list) next!: One<E${next}>;
  @ManyToOne(() => E${after}, { nullable: true }) after!: One<E${after}> | null;
  @OneToMany(() => E${before}, (other) => other.next) list!: Many<E${before}>;
}`;
  });
  const names =
    'Column, DataSource, Entity, Like, type Many, ManyToOne, MoreThan, type One, OneToMany, PrimaryGeneratedColumn';
  return `import { ${names} } from 'limbeck';\n${classes.join('\n')}\nexport const used = [Like, MoreThan, DataSource];`;
}

function findSource(): string {
  const finds = Array.from({ length: ENTITIES }, (_, i) => {
    const [next, second, before] = [1, 2, ENTITIES - 1].map((step) => (i + step) % ENTITIES);
    return `
  const a${i} = await db.getRepository(E${i}).find({
    where: { name${i}: Like('x%'), next: { name${next}: 'x', next: { count: MoreThan(1) } } },
    relations: { next: { relations: { next: true } }, list: { where: { count: 1 }, order: { madeAt: 'desc' }, take: 3 } },
    order: { next: { name${next}: 'asc' }, id: 'desc' },
  });
  const b${i} = await db.getRepository(E${i}).findOneOrFail({
    select: { id: true, name${i}: true, next: { name${next}: true } },
    relations: { list: { select: { id: true }, relations: { after: true } } },
  });
  text.push(a${i}[0]!.next.next.name${second}, String(a${i}[0]!.list[0]!.name${before}), b${i}.next.name${next}, String(b${i}.list[0]!.after?.id));`;
  });
  return `export async function finds(db: DataSource): Promise<string[]> {\n  const text: string[] = [];${finds.join('\n')}\n  return text;\n}`;
}
