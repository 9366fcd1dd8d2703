/** Views, sequences and triggers as statements. */

import type { Sequence, Trigger, View } from '../../schema/model.js';
import type { ObjectOperation } from '../../schema/operations.js';
import type { PlanStatement } from '../contract.js';
import { outside } from './change-steps.js';
import { queryToMysql } from './expressions.js';
import { objectName } from './fingerprint.js';
import type { Flavour } from './flavour.js';
import { quoteIdentifier as quote } from './literals.js';
import { nativeTextOf, unsupported } from './types.js';

/** What an operation on such an object becomes. @throws CAPABILITY_MISSING */
export function objectStatement(op: ObjectOperation, flavour: Flavour): PlanStatement {
  switch (op.kind) {
    case 'createView':
      return viewStatement('CREATE VIEW', op.view, flavour);
    case 'replaceView':
      return viewStatement('CREATE OR REPLACE VIEW', op.view, flavour);
    case 'dropView':
      return outside(`DROP VIEW ${quote(op.name)}`, objectName('view', op.name));
    case 'createSequence':
      return sequenceStatement('CREATE', op.sequence, flavour);
    case 'alterSequence':
      return sequenceStatement('ALTER', op.sequence, flavour);
    case 'dropSequence':
      refuseSequences(op.name, flavour);
      return outside(`DROP SEQUENCE ${quote(op.name)}`, objectName('sequence', op.name));
    case 'createTrigger':
      return outside(triggerText(op.trigger, flavour), objectName('trigger', op.trigger.name));
    case 'dropTrigger':
      return outside(`DROP TRIGGER ${quote(op.name)}`, objectName('trigger', op.name));
    default:
      return op satisfies never;
  }
}

function viewStatement(verb: string, view: View, flavour: Flavour): PlanStatement {
  if (view.materialized) throw unsupported(flavour, 'materialized views', `'${view.name}'`);
  return outside(`${verb} ${quote(view.name)} AS ${queryToMysql(view.query)}`, objectName('view', view.name));
}

function refuseSequences(name: string, flavour: Flavour): void {
  if (!flavour.mariadb) throw unsupported(flavour, 'sequences', `'${name}'`);
}

function sequenceStatement(verb: 'CREATE' | 'ALTER', sequence: Sequence, flavour: Flavour): PlanStatement {
  refuseSequences(sequence.name, flavour);
  const { name, start = 1, increment = 1 } = sequence;
  const sql = `${verb} SEQUENCE ${quote(name)} START WITH ${start} INCREMENT BY ${increment}`;
  return outside(sql, objectName('sequence', name));
}

function triggerText(trigger: Trigger, flavour: Flavour): string {
  const text = nativeTextOf(trigger.sql, flavour);
  if (text !== undefined) return text;
  throw unsupported(flavour, 'text of its own in this trigger', `'${trigger.name}' on '${trigger.table}'`);
}
