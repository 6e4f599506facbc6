import type { Json } from '../cluster/json';
import { asObject, type KubeObject } from '../cluster/object';

/** What a manifest says, as an object for the API. Throws a StatusError (400) for what is no Kubernetes object. */
export function objectOfManifest(value: unknown): KubeObject {
  const json: Json = JSON.parse(JSON.stringify(value ?? null));
  return asObject(json);
}
