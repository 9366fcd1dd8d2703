/** Whom a write is told to, and in which order; the engine's own use of it is tested on databases. */

import {
  BeforeInsert,
  Column,
  Embeddable,
  Embedded,
  Entity,
  PrimaryGeneratedColumn,
} from '../../src/decorators/index';
import { sqlite } from '../../src/dialects/sqlite/index';
import { buildEntities } from '../../src/metadata/build';
import { Mapping } from '../../src/query/mapping/entity-map';
import { type HookSubject, ListeningHooks, NO_HOOKS } from '../../src/session/entity-hooks';
import type { Runner } from '../../src/session/transactions';

const heard: string[] = [];

@Embeddable()
class Address {
  @Column('text') street!: string;
  @BeforeInsert() tidy(): void {
    heard.push(`address ${this.street}`);
  }
}

abstract class Base {
  @PrimaryGeneratedColumn() id!: number;
  @BeforeInsert() first(): void {
    heard.push('base');
  }
}

@Entity('houses')
class House extends Base {
  @Column('text') name!: string;
  @Embedded(() => Address) address!: Address;
  @BeforeInsert() async second(): Promise<void> {
    await Promise.resolve();
    heard.push(`house ${this.name}`);
  }
}

@Entity('roads')
class Road extends Base {
  @Column('text') name!: string;
}

const runner = {} as Runner;
const manager = {};

function hooksFor(...subscribers: object[]) {
  const mapping = new Mapping(buildEntities([House, Road]), sqlite);
  const hooks = new ListeningHooks({
    entities: mapping.registry.entities,
    subscribers,
    managerOf: () => manager,
  });
  const house = Object.assign(new House(), {
    id: 1,
    name: 'a',
    address: Object.assign(new Address(), { street: 's' }),
  });
  const subject: HookSubject = { map: mapping.of(House), entity: house, runner };
  return { hooks, mapping, subject, house };
}

beforeEach(() => heard.splice(0));

test('listeners come first, those of parents before all, then subscribers in their order', async () => {
  const { hooks, subject } = hooksFor(
    { beforeInsert: () => Promise.resolve().then(() => heard.push('one')) },
    { listenTo: () => House, beforeInsert: () => heard.push('two') },
    { listenTo: () => Road, beforeInsert: () => heard.push('never') },
    { listenTo: () => Base, beforeInsert: () => heard.push('three') },
  );
  await hooks.emit('beforeInsert', subject);
  expect(heard).toEqual(['base', 'house a', 'address s', 'one', 'two', 'three']);
});

test('nobody is promised anything where nobody is asynchronous', () => {
  const { hooks, mapping } = hooksFor();
  const road = Object.assign(new Road(), { name: 'r' });
  expect(hooks.emit('beforeInsert', { map: mapping.of(Road), entity: road, runner })).toBeUndefined();
  expect(heard).toEqual(['base']);
});

test('who listens is known by entity and event', () => {
  const { hooks, mapping } = hooksFor({ listenTo: () => Road, afterRemove: () => {} });
  const [house, road] = [mapping.of(House), mapping.of(Road)];
  expect(hooks.listens(house, 'beforeInsert')).toBe(true);
  expect(hooks.listens(house, 'beforeUpdate')).toBe(false);
  expect(hooks.listens(house, 'afterRemove')).toBe(false);
  expect(hooks.listens(road, 'afterRemove')).toBe(true);
  expect([hooks.concerns(house), NO_HOOKS.concerns(house)]).toEqual([true, false]);
});

test('an event says what is written, by whom, and what was there before', async () => {
  const events: Record<string, unknown>[] = [];
  const { hooks, subject, house, mapping } = hooksFor({
    beforeUpdate: (event: Record<string, unknown>) => events.push(event),
  });
  const { columns } = subject.map;
  const layout = { map: mapping.of(House), columns, positions: columns.map((_, i) => i) };
  const row = columns.map(({ meta }) => (meta.property === 'id' ? 1 : 'old'));
  await hooks.emit('beforeUpdate', {
    ...subject,
    changedProperties: ['name', 'address.street'],
    before: { row, layout },
  });
  const event = events[0] ?? {};
  expect(event).toMatchObject({ entityId: 1, metadata: { name: 'House' }, updatedRelations: [] });
  expect(event.entity).toBe(house);
  expect(event.manager).toBe(manager);
  expect((event.updatedColumns as { property: string }[]).map(({ property }) => property)).toEqual([
    'name',
    'address.street',
  ]);
  expect(event.databaseEntity).toBeInstanceOf(House);
  expect(event.databaseEntity).toMatchObject({ id: 1, name: 'old', address: { street: 'old' } });
});

test('what a hook throws reaches the caller, and the rest is not called', async () => {
  const { hooks, mapping, house } = hooksFor({
    beforeInsert: () => {
      throw new Error('no');
    },
  });
  expect(() => hooks.emit('beforeInsert', { map: mapping.of(Road), entity: house, runner })).toThrow('no');
});
