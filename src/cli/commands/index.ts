/** All verbs, in the order in which `limbeck --help` lists them. */

import type { Verb } from '../verb.js';
import { branches } from './branches.js';
import { check } from './check.js';
import { current } from './current.js';
import { diff } from './diff.js';
import { downgrade } from './downgrade.js';
import { edit } from './edit.js';
import { ensureVersion } from './ensure-version.js';
import { erd } from './erd.js';
import { graph } from './graph.js';
import { heads } from './heads.js';
import { history } from './history.js';
import { init } from './init.js';
import { listTemplates } from './list-templates.js';
import { merge } from './merge.js';
import { plan } from './plan.js';
import { rebase } from './rebase.js';
import { repair } from './repair.js';
import { revision } from './revision.js';
import { show } from './show.js';
import { stamp } from './stamp.js';
import { upgrade } from './upgrade.js';
import { verify } from './verify.js';

export const VERBS: readonly Verb[] = [
  init,
  revision,
  upgrade,
  downgrade,
  current,
  history,
  heads,
  branches,
  merge,
  rebase,
  show,
  edit,
  stamp,
  check,
  diff,
  verify,
  plan,
  repair,
  graph,
  erd,
  ensureVersion,
  listTemplates,
];
