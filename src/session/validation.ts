/**
 * The rules of class-validator on an entity, asked before it is written. The package is loaded when the first
 * entity that has rules is written: whether one has them is known without it.
 */

import { error } from '../base/error-codes.js';
import type { FailedRule } from '../base/errors.js';
import { hasRules } from '../metadata/validator-rules.js';
import type { EntityMap, Values } from '../query/mapping/entity-map.js';
import { createEntity } from './drafts.js';
import type { EntityRules, ValidationSubject } from './entity-hooks.js';

/** Options of class-validator, as it takes them. */
export interface ValidationOptions {
  readonly groups?: readonly string[];
  readonly always?: boolean;
  readonly strictGroups?: boolean;
  readonly skipUndefinedProperties?: boolean;
  readonly skipNullProperties?: boolean;
  readonly skipMissingProperties?: boolean;
  readonly stopAtFirstError?: boolean;
  readonly dismissDefaultMessages?: boolean;
  readonly forbidUnknownValues?: boolean;
  /** Takes properties away that have no rule and are no column. */
  readonly whitelist?: boolean;
  /** Refuses properties that have no rule and are no column. */
  readonly forbidNonWhitelisted?: boolean;
}

/** Names of the options, for the check of a configuration. */
export const VALIDATION_OPTIONS: readonly (keyof ValidationOptions)[] = [
  'groups',
  'always',
  'strictGroups',
  'skipUndefinedProperties',
  'skipNullProperties',
  'skipMissingProperties',
  'stopAtFirstError',
  'dismissDefaultMessages',
  'forbidUnknownValues',
  'whitelist',
  'forbidNonWhitelisted',
];

/** What class-validator says of one property; `children` of what is inside it. */
interface Failure {
  readonly property: string;
  readonly constraints?: Readonly<Record<string, string>>;
  readonly children?: readonly Failure[];
}

interface Validator {
  validate(object: object, options: object): Promise<readonly Failure[]>;
}

const PACKAGE = 'class-validator';

function loadValidator(): Validator {
  try {
    return require(PACKAGE) as Validator;
  } catch (cause) {
    throw error('DRIVER_MISSING', { package: PACKAGE, purpose: 'Validating entities' }, { cause });
  }
}

/** The rules that stand on the classes themselves. */
export class ClassRules implements EntityRules {
  readonly #options: ValidationOptions;
  readonly #applies = new WeakMap<EntityMap, boolean>();

  constructor(options: ValidationOptions) {
    this.#options = options;
  }

  applyTo(map: EntityMap): boolean {
    let applies = this.#applies.get(map);
    if (applies === undefined) {
      applies = hasRules(map.meta.target);
      this.#applies.set(map, applies);
    }
    return applies;
  }

  async check(subjects: readonly ValidationSubject[]): Promise<void> {
    if (subjects.length === 0) return;
    const validator = loadValidator();
    const failed: FailedRule[] = [];
    for (let i = 0; i < subjects.length; i++) {
      const subject = subjects[i] as ValidationSubject;
      const failures = await failuresOf(validator, subject, this.#options);
      const owner = { entity: subject.map.meta.name, index: i };
      for (const failure of failures) failed.push(...rulesOf(failure, owner, []));
    }
    if (failed.length > 0) throw error('VALIDATION_FAILED', { failures: failed });
  }
}

async function failuresOf(
  validator: Validator,
  { map, entity, mode }: ValidationSubject,
  options: ValidationOptions,
): Promise<readonly Failure[]> {
  const object = (map.isInstance(entity) ? entity : createEntity(map, entity)) as Values;
  const isUpdate = mode === 'update';
  const passed = { ...options, ...(isUpdate ? { skipUndefinedProperties: true } : {}) };
  const columns = options.whitelist === true ? columnsOf(map, object) : {};
  const failures = await validator.validate(object, passed);
  // A column is no stranger for having no rule: what the whitelist took away of them comes back.
  for (const name in columns) if (!Object.hasOwn(object, name)) object[name] = columns[name];
  return (
    failures
      .map((failure) => (map.fields.has(failure.property) ? withoutStrangers(failure) : failure))
      // @IsDefined is asked even where class-validator was told to skip what is missing.
      .filter(({ property }) => !isUpdate || object[property] !== undefined || !map.fields.has(property))
  );
}

function columnsOf(map: EntityMap, object: Values): Values {
  return Object.fromEntries(Object.entries(object).filter(([name]) => map.fields.has(name)));
}

function withoutStrangers(failure: Failure): Failure {
  const { whitelistValidation, ...constraints } = failure.constraints ?? {};
  return whitelistValidation === undefined ? failure : { ...failure, constraints };
}

function rulesOf(
  { property, constraints = {}, children = [] }: Failure,
  owner: { readonly entity: string; readonly index: number },
  outer: readonly string[],
): FailedRule[] {
  const path = [...outer, property];
  const own = Object.entries(constraints).map(([rule, message]) => ({
    ...owner,
    property: path.join('.'),
    rule,
    message,
  }));
  return [...own, ...children.flatMap((child) => rulesOf(child, owner, path))];
}
