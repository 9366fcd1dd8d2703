/** Node's crypto, loaded when it is first used: that takes as long as a dozen of our own files. */

import { lazy } from './lazy.js';

export const crypto = lazy(() => require('node:crypto') as typeof import('node:crypto'));
