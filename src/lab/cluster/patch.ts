// The patches that the API takes, by their media type.

import { isObject, type Json } from './json';
import { applyJsonPatch, applyMergePatch } from './jsonPatch';
import type { Kind } from './kinds';
import { asObject, type KubeObject } from './object';
import { badRequest, unsupportedPatch } from './status';
import { applyStrategicPatch } from './strategicPatch';

export interface Patch {
  readonly type: 'json' | 'merge' | 'strategic' | 'apply';
  readonly body: Json;
}

/** The patched object, not yet admitted. Throws a StatusError: 400, 415 (no strategic merge of custom kinds) or 422. */
export function applyPatch(live: KubeObject, { type, body }: Patch, { isCustom }: Kind): KubeObject {
  if (type === 'json') return asObject(applyJsonPatch(live, body));
  if (!isObject(body)) throw badRequest('a patch must be an object');
  if (type === 'merge') return asObject(applyMergePatch(live, body));
  if (isCustom) throw unsupportedPatch();
  return asObject(applyStrategicPatch(live, body));
}
