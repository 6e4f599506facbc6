// Label and field selectors, as list and watch take them.
// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
import { textAt } from './json';
import type { KubeObject } from './object';
import { badRequest } from './status';

export type Selector = (object: KubeObject) => boolean;

export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** Throws a StatusError (400) for a selector that cannot be read. */
export function selectorOf({ namespace, labelSelector, fieldSelector }: Selection): Selector {
  const tests: Selector[] = [
    ...splitTerms(labelSelector ?? '').map(labelTest),
    ...splitTerms(fieldSelector ?? '').map(fieldTest),
  ];
  if (namespace !== undefined) tests.push((object) => object.metadata.namespace === namespace);
  return (object) => tests.every((test) => test(object));
}

function splitTerms(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

function labelTest(term: string): Selector {
  const label = (object: KubeObject, key: string): string | undefined => object.metadata.labels?.[key];
  const set = /^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (object) => values.includes(label(object, key) ?? '\0') === (operator === 'in');
  }
  const pair = /^([\w./-]+)\s*(==?|!=)\s*([\w.-]*)$/.exec(term);
  if (pair !== null) {
    const [, key = '', operator, value] = pair;
    return (object) => (label(object, key) === value) === (operator !== '!=');
  }
  const exists = /^(!?)\s*([\w./-]+)$/.exec(term);
  if (exists === null) throw badRequest(`unable to parse requirement: found '${term}'`);
  const [, not, key = ''] = exists;
  return (object) => (label(object, key) !== undefined) === (not === '');
}

const selectableFields =
  /^(?:metadata\.(?:name|namespace)|involvedObject\.(?:kind|namespace|name|uid|apiVersion|resourceVersion|fieldPath)|reason|type|spec\.nodeName|status\.phase)$/;

function fieldTest(term: string): Selector {
  const [, field = '', operator, value] = /^([\w.]+)\s*(==?|!=)\s*(.*)$/.exec(term) ?? [];
  if (!selectableFields.test(field)) throw badRequest(`field label not supported: ${field === '' ? term : field}`);
  const path = field.split('.');
  return (object) => ((textAt(object, ...path) ?? '') === value) === (operator !== '!=');
}
