/**
 * Where boxes stand and how links run between them. dagre places what is linked; what is not stands in rows below. The
 * runs are ours: dagre's cut the corners of neighbours where the boxes of one rank differ in width. A link leaves its
 * row level, crosses each rank level, at the height that dagre kept free for it, and bends only between ranks.
 */

import { lazy } from '../../base/lazy.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A link from a box to another or to itself, at the height of a row of each. */
export interface Wire {
  readonly from: number;
  readonly to: number;
  readonly fromY: number;
  readonly toY: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A point of a link, and how it gets there. */
interface Step extends Point {
  readonly by: 'line' | 'bend' | 'bulge' | 'turnDown' | 'turnRight';
}

export interface Layout extends Size {
  /** Upper left corners, in the order of the boxes. */
  readonly places: readonly Point[];
  /** SVG path data, in the order of the wires: from the box that is referred to, to the one that refers. */
  readonly paths: readonly string[];
}

const BETWEEN_RANKS = 96;
const BETWEEN_BOXES = 32;
/** How far a link runs level before it may bend. */
const STUB = 18;

/** As much of dagre as is used; its own types are ES modules', which a CommonJS build cannot name. */
interface Dagre {
  readonly Graph: new (options: { multigraph: boolean }) => DagreGraph;
  layout(graph: DagreGraph): void;
}
interface DagreGraph {
  setGraph(options: object): unknown;
  setNode(name: string, size: object): unknown;
  setEdge(edge: { v: string; w: string; name: string }, label: object): unknown;
  node(name: string): Size & Point;
  edge(edge: { v: string; w: string; name: string }): { readonly points: readonly Point[] };
}

const dagre = lazy(() => require('@dagrejs/dagre') as Dagre);

/** Lays out boxes. The same input gives the same layout. */
export function layOut(boxes: readonly Size[], wires: readonly Wire[]): Layout {
  const groups = componentsOf(boxes.length, wires);
  const parts = groups.map((members) => layOutGroup(members, boxes, wires));
  const width = Math.max(
    900,
    ...parts.map((part) => part.width),
    Math.sqrt(parts.reduce((sum, part) => sum + (part.width + 40) * (part.height + 40), 0) * 1.6),
  );
  return packed(parts, boxes.length, wires.length, width);
}

/** What hangs together, the largest first; what is linked with nothing comes last, each by itself. */
function componentsOf(count: number, wires: readonly Wire[]): number[][] {
  const owner = Array.from({ length: count }, (_, at) => at);
  const find = (at: number): number => {
    let root = at;
    while (owner[root] !== root) root = owner[root] as number;
    owner[at] = root;
    return root;
  };
  for (const { from, to } of wires) owner[find(from)] = find(to);
  const groups = new Map<number, number[]>();
  for (let at = 0; at < count; at++) groups.set(find(at), [...(groups.get(find(at)) ?? []), at]);
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

interface Part extends Size {
  readonly places: ReadonlyMap<number, Point>;
  readonly runs: ReadonlyMap<number, readonly Step[]>;
}

function layOutGroup(members: readonly number[], boxes: readonly Size[], wires: readonly Wire[]): Part {
  const inside = new Set(members);
  const own = [...wires.entries()].filter(([, { from }]) => inside.has(from));
  const stacks = stacked(
    members,
    boxes,
    own.map(([, wire]) => wire),
  );
  const stackOf = new Map(stacks.flatMap((stack) => stack.columns.flat().map((at) => [at, stack] as const)));
  const graph = new (dagre().Graph)({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', ranksep: BETWEEN_RANKS, nodesep: BETWEEN_BOXES, edgesep: 14 });
  for (const stack of stacks) graph.setNode(stack.name, sizeOfStack(stack, boxes));
  const edgeOf = ({ from, to }: Wire, at: number): { v: string; w: string; name: string } => {
    const { name, isCrowd } = stackOf.get(from) as Stack;
    // Links to a crowd go one way, and part before it.
    return { v: (stackOf.get(to) as Stack).name, w: name, name: isCrowd ? 'crowd' : String(at) };
  };
  for (const [at, wire] of own) if (wire.from !== wire.to) graph.setEdge(edgeOf(wire, at), {});
  dagre().layout(graph);

  const spots = stacks.flatMap((stack) => spotsIn(stack, graph.node(stack.name), boxes));
  const placed = new Map(spots.map((spot) => [spot.box, spot]));
  const ranks = ranksOf(stacks.map(({ name }) => graph.node(name)));
  const runs = new Map<number, readonly Step[]>();
  for (const [at, wire] of own) {
    const points = wire.from === wire.to ? [] : graph.edge(edgeOf(wire, at)).points;
    runs.set(at, runOf(wire, placed, ranks, points));
  }
  return framed(placed, runs);
}

/** Boxes that dagre places as one; nearly always a single one. */
interface Stack {
  readonly name: string;
  readonly columns: readonly (readonly number[])[];
  readonly isCrowd: boolean;
}

/** Where a box stands: its middle, that of its rank, and the lane above its crowd where it is not in front. */
interface Spot extends Size, Point {
  readonly box: number;
  readonly rankX: number;
  readonly laneY?: number;
}

/**
 * Tables that only refer to one, and that nobody refers to, all want to stand in one rank: the forty of a `users` would
 * make a picture that is all height. Where there are many, they stand in several columns.
 */
function stacked(members: readonly number[], boxes: readonly Size[], wires: readonly Wire[]): Stack[] {
  const referred = new Set(wires.map(({ to }) => to));
  const targets = new Map<number, Set<number>>();
  for (const { from, to } of wires) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  const families = new Map<number, number[]>();
  for (const at of members) {
    const [target, ...others] = targets.get(at) ?? [];
    if (target === undefined || others.length > 0 || referred.has(at)) continue;
    families.set(target, [...(families.get(target) ?? []), at]);
  }
  const crowds = [...families.values()].filter(({ length }) => length >= CROWD);
  const inCrowd = new Set(crowds.flat());
  const single = (at: number): Stack => ({ name: String(at), columns: [[at]], isCrowd: false });
  return [
    ...members.filter((at) => !inCrowd.has(at)).map(single),
    ...crowds.map((crowd) => ({ name: String(crowd[0]), columns: columnsOf(crowd, boxes), isCrowd: true })),
  ];
}

/** From so many on. */
const CROWD = 8;
/** Above a crowd, for the links to its further columns. */
const LANE = 18;
/** Between its columns, where they come down. */
const SHAFT = 56;

function columnsOf(crowd: readonly number[], boxes: readonly Size[]): number[][] {
  const heightOf = (at: number): number => (boxes[at] as Size).height + BETWEEN_BOXES;
  const area = crowd.reduce((sum, at) => sum + heightOf(at) * ((boxes[at] as Size).width + SHAFT), 0);
  const limit = Math.max(600, Math.sqrt(area * 0.7));
  const columns: number[][] = [];
  let height = Number.POSITIVE_INFINITY;
  for (const at of crowd) {
    if (height + heightOf(at) > limit) {
      columns.push([]);
      height = 0;
    }
    columns.at(-1)?.push(at);
    height += heightOf(at);
  }
  return columns;
}

function sizeOfColumn(column: readonly number[], boxes: readonly Size[]): Size {
  const sizes = column.map((at) => boxes[at] as Size);
  const height = sizes.reduce((sum, size) => sum + size.height, BETWEEN_BOXES * (sizes.length - 1));
  return { width: Math.max(...sizes.map(({ width }) => width)), height };
}

function sizeOfStack({ columns, isCrowd }: Stack, boxes: readonly Size[]): Size {
  const sizes = columns.map((column) => sizeOfColumn(column, boxes));
  return {
    width: sizes.reduce((sum, { width }) => sum + width, SHAFT * (sizes.length - 1)),
    height: Math.max(...sizes.map(({ height }) => height)) + (isCrowd ? LANE : 0),
  };
}

function spotsIn({ columns, isCrowd }: Stack, node: Size & Point, boxes: readonly Size[]): Spot[] {
  const laneY = node.y - node.height / 2;
  let left = node.x - node.width / 2;
  return columns.flatMap((column, index) => {
    let top = laneY + (isCrowd ? LANE : 0);
    const begin = left;
    left += sizeOfColumn(column, boxes).width + SHAFT;
    return column.map((box) => {
      const size = boxes[box] as Size;
      const y = top + size.height / 2;
      top += size.height + BETWEEN_BOXES;
      const lane = index === 0 ? {} : { laneY };
      return { ...size, box, x: begin + size.width / 2, y, rankX: node.x, ...lane };
    });
  });
}

interface Rank {
  readonly center: number;
  readonly left: number;
  readonly right: number;
}

/** Boxes of a rank have one centre. */
function ranksOf(nodes: readonly (Size & Point)[]): Rank[] {
  const ranks = new Map<number, Rank>();
  for (const { x, width } of nodes) {
    const key = Math.round(x);
    const half = width / 2 + STUB;
    const known = ranks.get(key) ?? { center: x, left: x - half, right: x + half };
    ranks.set(key, {
      center: x,
      left: Math.min(known.left, x - half),
      right: Math.max(known.right, x + half),
    });
  }
  return [...ranks.values()].sort((a, b) => a.center - b.center);
}

/** A link from the box that is referred to, to the other: level through the ranks, bent between them. */
function runOf(
  wire: Wire,
  placed: ReadonlyMap<number, Spot>,
  ranks: readonly Rank[],
  points: readonly Point[],
): Step[] {
  const parent = placed.get(wire.to) as Spot;
  const child = placed.get(wire.from) as Spot;
  const parentY = parent.y - parent.height / 2 + wire.toY;
  const childY = child.y - child.height / 2 + wire.fromY;
  const rankOf = ({ rankX }: Spot): Rank => ranks.find(({ center }) => Math.abs(center - rankX) < 1) as Rank;
  if (parent === child) {
    const right = parent.x + parent.width / 2;
    const backY = childY === parentY ? childY + 8 : childY;
    return [
      { x: right, y: parentY, by: 'line' },
      { x: right + STUB, y: parentY, by: 'line' },
      { x: right + STUB, y: backY, by: 'bulge' },
      { x: right, y: backY, by: 'line' },
    ];
  }
  const isForward = parent.rankX < child.rankX;
  const side = isForward ? 1 : -1;
  const enter = (rank: Rank): number => (isForward ? rank.left : rank.right);
  const leave = (rank: Rank): number => (isForward ? rank.right : rank.left);
  const crossed = ranks.filter(
    ({ center }) => (center - parent.rankX) * side > 1 && (child.rankX - center) * side > 1,
  );
  if (!isForward) crossed.reverse();
  const through = crossed.flatMap((rank): Step[] => {
    const y = heightAt(points, rank.center);
    return [
      { x: enter(rank), y, by: 'bend' },
      { x: leave(rank), y, by: 'line' },
    ];
  });
  return [
    { x: parent.x + (side * parent.width) / 2, y: parentY, by: 'line' },
    { x: leave(rankOf(parent)), y: parentY, by: 'line' },
    ...through,
    { x: enter(rankOf(child)), y: child.laneY ?? childY, by: 'bend' },
    ...downTheShaft(child, childY),
    { x: child.x - (side * child.width) / 2, y: childY, by: 'line' },
  ];
}

/** To a box behind others of its crowd: along the lane above them, and down beside its column. */
function downTheShaft({ laneY, x, width }: Spot, y: number): Step[] {
  if (laneY === undefined) return [];
  const shaft = x - width / 2 - SHAFT / 2;
  return [
    { x: shaft - SHAFT / 4, y: laneY, by: 'line' },
    { x: shaft, y: laneY + SHAFT / 4, by: 'turnDown' },
    { x: shaft, y: y - SHAFT / 4, by: 'line' },
    { x: shaft + SHAFT / 4, y, by: 'turnRight' },
  ];
}

/** Where dagre lets a link cross a rank. */
function heightAt(points: readonly Point[], x: number): number {
  return points.reduce((a, b) => (Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a)).y;
}

/** Moved so that everything begins at nought, links included. */
function framed(placed: ReadonlyMap<number, Spot>, runs: ReadonlyMap<number, readonly Step[]>): Part {
  const corners = [...placed.values()].flatMap(({ x, y, width, height }) => [
    { x: x - width / 2, y: y - height / 2 },
    { x: x + width / 2, y: y + height / 2 },
  ]);
  const all = [...corners, ...[...runs.values()].flat()];
  const xs = all.map(({ x }) => x);
  const ys = all.map(({ y }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const moved = <P extends Point>(point: P): P => ({ ...point, x: point.x - left, y: point.y - top });
  return {
    width: Math.max(...xs) - left,
    height: Math.max(...ys) - top,
    places: new Map(
      [...placed].map(([at, { x, y, width, height }]) => [
        at,
        moved({ x: x - width / 2, y: y - height / 2 }),
      ]),
    ),
    runs: new Map([...runs].map(([at, run]) => [at, run.map(moved)])),
  };
}

/** Parts from left to right in rows, as words on a page. */
function packed(parts: readonly Part[], boxCount: number, wireCount: number, maxWidth: number): Layout {
  const places: Point[] = Array.from({ length: boxCount });
  const paths: string[] = Array.from({ length: wireCount });
  let [x, y, rowHeight, width] = [0, 0, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > maxWidth) [x, y, rowHeight] = [0, y + rowHeight + 40, 0];
    for (const [at, place] of part.places) places[at] = { x: round(place.x + x), y: round(place.y + y) };
    for (const [at, run] of part.runs) {
      paths[at] = pathOf(run.map((step) => ({ ...step, x: round(step.x + x), y: round(step.y + y) })));
    }
    width = Math.max(width, x + part.width);
    x += part.width + 40;
    rowHeight = Math.max(rowHeight, part.height);
  }
  return { places, paths, width: Math.ceil(width), height: Math.ceil(y + rowHeight) };
}

/** The same digits on every machine. */
const round = (value: number): number => Math.round(value * 10) / 10;

function pathOf(run: readonly Step[]): string {
  const [start, ...rest] = run as [Step, ...Step[]];
  let before: Point = start;
  const steps = rest.map((step) => {
    const drawn = segment(before, step);
    before = step;
    return drawn;
  });
  return `M${start.x} ${start.y}${steps.join('')}`;
}

function segment(from: Point, to: Step): string {
  const end = `${to.x} ${to.y}`;
  switch (to.by) {
    case 'bend': {
      const middle = round((from.x + to.x) / 2);
      return from.y === to.y ? `H${to.x}` : `C${middle} ${from.y} ${middle} ${to.y} ${end}`;
    }
    case 'bulge': {
      const out = round(from.x + STUB);
      return `C${out} ${from.y} ${out} ${to.y} ${end}`;
    }
    case 'turnDown':
      return `Q${to.x} ${from.y} ${end}`;
    case 'turnRight':
      return `Q${from.x} ${to.y} ${end}`;
    case 'line':
      return from.y === to.y ? `H${to.x}` : `V${to.y}`;
    default:
      return to.by satisfies never;
  }
}
