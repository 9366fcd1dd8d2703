/** The subscribers of a configuration: objects and classes that it names itself, and those that its globs' files export. */

import type { ResolvedConfig } from '../config.js';
import { isSubscriberClass } from '../metadata/collect.js';
import type { SubscriberClass } from '../session/subscriber.js';
import { loadGlobs } from './globs.js';

/**
 * Loads the files, picks the classes with `@EventSubscriber()` out of their exports and makes one of each.
 *
 * @returns in the order of the configuration, then of the files
 * @throws MODULE_BROKEN
 */
export async function loadSubscribers(config: ResolvedConfig): Promise<readonly object[]> {
  const { subscriberGlobs: globs, subscribers, directory, extension } = config;
  const modules = await loadGlobs(globs, directory, extension);
  const exported = modules.flatMap((module) => Object.values(module.exports)).filter(isSubscriberClass);
  return [...new Set<object>([...subscribers, ...exported])].map((each) =>
    typeof each === 'function' ? new (each as SubscriberClass)() : each,
  );
}
