/**
 * What class-validator's decorators on an entity say about its columns. The package is never loaded for it: its
 * rules stand in a global of its own, which exists only where the application has loaded it.
 */

interface Rule {
  readonly name?: string;
  readonly propertyName: string;
  readonly constraints?: readonly unknown[];
  readonly each?: boolean;
  readonly groups?: readonly string[];
}

interface RuleStorage {
  getTargetValidationMetadatas(
    target: object,
    schema: string,
    always: boolean,
    strictGroups: boolean,
    groups?: readonly string[],
  ): readonly Rule[];
}

function rulesOf(target: object): readonly Rule[] {
  const { classValidatorMetadataStorage: storage } = globalThis as {
    classValidatorMetadataStorage?: Partial<RuleStorage>;
  };
  return storage?.getTargetValidationMetadatas?.(target, '', false, false) ?? [];
}

/** Whether class-validator knows any rule of a class, those that it inherits included. */
export function hasRules(target: object): boolean {
  return rulesOf(target).length > 0;
}

/** The shortest length that `@MaxLength` or `@Length` allow a property; rules of single groups do not count. */
export function maxLengthOf(target: object, property: string): number | undefined {
  const lengths = rulesOf(target)
    .filter(
      (rule) => rule.propertyName === property && rule.each !== true && (rule.groups ?? []).length === 0,
    )
    .map((rule) =>
      rule.name === 'maxLength'
        ? rule.constraints?.[0]
        : rule.name === 'isLength'
          ? rule.constraints?.[1]
          : undefined,
    )
    .filter((length): length is number => Number.isSafeInteger(length));
  return lengths.length === 0 ? undefined : Math.min(...lengths);
}
