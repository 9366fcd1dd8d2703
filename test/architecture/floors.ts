/**
 * Judges the import graph of `src/` against the floors of DESIGN.md, section 1.
 *
 * Pure: a map from path to text goes in, a list of sentences comes out, one for each violation. The test runs it
 * on the real sources, and on small made-up graphs to prove that it can say no.
 */

import path from 'node:path';
import { type Import, readSource, type SourceFacts } from './imports';

/** Path from the repository's root, with slashes (`src/schema/diff.ts`), to the file's text. */
export type Sources = ReadonlyMap<string, string>;

/**
 * Floor by room. A room is a top-level folder or file of `src/`. Imports point to a lower floor, or stay in the
 * room: rooms on the same floor are blind to each other, except the ones that `SUITES` puts together.
 */
export const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  schema: 1,
  ast: 2,
  diagrams: 2,
  metadata: 3,
  dialects: 3,
  decorators: 4,
  query: 4,
  migration: 4,
  session: 5,
  'config.ts': 6,
  config: 6,
  'data-source.ts': 7,
  'migrations.ts': 7,
  loading: 7,
  cli: 8,
  'index.ts': 9,
  testing: 9,
  nestjs: 9,
};

/** One thought in several files (the configuration; where the parts are joined): they may import each other, without circles. */
const SUITES: readonly (readonly string[])[] = [
  ['config.ts', 'config'],
  ['data-source.ts', 'migrations.ts', 'loading'],
];

/** Packages that cost much or may be missing: only types at the top of a file, the rest when it is needed. */
const LAZY_PACKAGES = [
  'better-sqlite3',
  'pg',
  'mysql2',
  'kysely',
  'typescript',
  'ts-node',
  'class-validator',
  '@inquirer/prompts',
  '@dagrejs/dagre',
];

const MAX_LINES = 500;

interface Edge extends Import {
  readonly from: string;
  readonly to: string;
}

/** @returns one sentence for each violation, in a stable order; empty when the house stands */
export function findViolations(sources: Sources): string[] {
  const facts = new Map([...sources].map(([file, text]) => [file, readSource(file, text)]));
  const { edges, violations } = resolveEdges(facts);
  return [
    ...violations,
    ...[...facts.keys()].flatMap(roomViolations),
    ...edges.flatMap(floorViolations),
    ...edges.flatMap(packViolations),
    ...circleViolations([...facts.keys()], edges),
    ...[...facts].flatMap(([file, fact]) => fileViolations(file, fact)),
    ...[...sources].flatMap(([file, text]) => suppressionViolations(file, text)),
  ].sort();
}

function resolveEdges(facts: ReadonlyMap<string, SourceFacts>): { edges: Edge[]; violations: string[] } {
  const edges: Edge[] = [];
  const violations: string[] = [];
  for (const [from, { imports }] of facts) {
    for (const found of imports) {
      const at = `${from}:${found.line}`;
      if (/^limbeck(\/|$)/.test(found.specifier)) {
        violations.push(`${at} imports the package by its own name ('${found.specifier}')`);
      }
      if (!found.specifier.startsWith('.')) continue;
      const target = path.posix.join(path.posix.dirname(from), found.specifier);
      if (target === 'package.json') continue;
      const to = candidates(target).find((candidate) => facts.has(candidate));
      if (to !== undefined) edges.push({ ...found, from, to });
      else violations.push(`${at} imports '${found.specifier}', which is no file of src/`);
    }
  }
  return { edges, violations };
}

function candidates(target: string): string[] {
  return [target.replace(/\.js$/, '.ts'), `${target}.ts`, `${target}/index.ts`];
}

function roomOf(file: string): string {
  return file.split('/')[1] ?? file;
}

function roomViolations(file: string): string[] {
  const room = roomOf(file);
  return room in FLOORS ? [] : [`${file} stands in the room '${room}', which has no floor`];
}

function floorViolations({ from, to, line }: Edge): string[] {
  const [a, b] = [roomOf(from), roomOf(to)];
  const [floorA, floorB] = [FLOORS[a], FLOORS[b]];
  if (a === b || floorA === undefined || floorB === undefined || floorA > floorB) return [];
  if (SUITES.some((suite) => suite.includes(a) && suite.includes(b))) return [];
  const direction = floorA === floorB ? 'sideways' : 'upward';
  return [`${from}:${line} imports ${direction}: ${a} (floor ${floorA}) -> ${to} (floor ${floorB})`];
}

/** `src/dialects/sqlite/plan.ts` -> `sqlite`; what the packs share (`contract.ts`, `shared/`) belongs to none. */
function packOf(file: string): string | undefined {
  const [, room, pack, rest] = file.split('/');
  return room === 'dialects' && rest !== undefined && pack !== 'shared' ? pack : undefined;
}

function packViolations({ from, to, line }: Edge): string[] {
  const [own, other] = [packOf(from), packOf(to)];
  const violations: string[] = [];
  if (other !== undefined && other !== own && from !== 'src/dialects/registry.ts') {
    violations.push(`${from}:${line} reaches into the pack '${other}': ${to}`);
  }
  const isShared = to === 'src/dialects/contract.ts' || to.startsWith('src/dialects/shared/');
  if (own !== undefined && roomOf(to) === 'dialects' && other === undefined && !isShared) {
    violations.push(
      `${from}:${line} leaves its pack for ${to}: only contract.ts and shared/ are there for packs`,
    );
  }
  return violations;
}

function circleViolations(files: readonly string[], edges: readonly Edge[]): string[] {
  const targets = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const { from, to } of edges) targets.get(from)?.push(to);
  const loops = edges.filter(({ from, to }) => from === to).map(({ from }) => [from]);
  const circles = stronglyConnected(targets).filter((component) => component.length > 1);
  return [...circles, ...loops].map(
    (circle) => `circle of ${circle.length}: ${[...circle].sort().join(', ')}`,
  );
}

/** Tarjan's algorithm: every strongly connected component, single files included; O(V + E). */
export function stronglyConnected(targets: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const components: string[][] = [];

  const connect = (node: string): number => {
    const index = order.size;
    let lowest = index;
    order.set(node, index);
    stack.push(node);
    onStack.add(node);
    for (const target of targets.get(node) ?? []) {
      const seenAt = order.get(target);
      if (seenAt === undefined) lowest = Math.min(lowest, connect(target));
      else if (onStack.has(target)) lowest = Math.min(lowest, seenAt);
    }
    if (lowest === index) {
      const component = stack.splice(stack.indexOf(node));
      for (const member of component) onStack.delete(member);
      components.push(component);
    }
    return lowest;
  };
  for (const node of targets.keys()) if (!order.has(node)) connect(node);
  return components;
}

function fileViolations(file: string, { imports, dialectNameTests, lineCount }: SourceFacts): string[] {
  const violations: string[] = [];
  if (lineCount > MAX_LINES) violations.push(`${file} has ${lineCount} lines (at most ${MAX_LINES})`);
  if (roomOf(file) !== 'dialects') {
    for (const { line, name } of dialectNameTests) {
      violations.push(`${file}:${line} asks for the dialect '${name}': ask its capabilities instead`);
    }
  }
  for (const { specifier, line, typeOnly, lazy, bareRequire } of imports) {
    // The build moves what is required; it knows one form.
    if (bareRequire && /^\.{1,2}\//.test(specifier) && !specifier.endsWith('package.json')) {
      violations.push(`${file}:${line} requires '${specifier}' by itself: let lazy() of base/lazy.ts do it`);
    }
    const name = LAZY_PACKAGES.find((lazyPackage) => `${specifier}/`.startsWith(`${lazyPackage}/`));
    if (name !== undefined && !typeOnly && !lazy) {
      violations.push(
        `${file}:${line} loads '${specifier}' at the top: import its types, require it when needed`,
      );
    }
  }
  return violations;
}

function suppressionViolations(file: string, text: string): string[] {
  const found = /biome-ignore|@ts-ignore|@ts-nocheck|@ts-expect-error/.exec(text);
  return found ? [`${file} silences a check with ${found[0]}`] : [];
}
