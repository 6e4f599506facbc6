// Which image references image-automation-controller takes (go-containerregistry pkg/name, weak validation).

const repository = /^[a-z0-9_\-./]{2,255}$/;
const tag = /^[\w\-.]{1,128}$/;
const digest = /^sha256:[0-9a-f]{64}$/;
const registry = /^(?:\[[\da-fA-F:.]+\]|[\w\-.]+)(?::\d*)?$/;

/** One `latestRef` that is none fails the automation's run for all its policies (internal/update/setters.go). */
export function isImageReference(text: string): boolean {
  const [name = '', found, ...rest] = text.split('@');
  if (rest.length > 0 || (found !== undefined && !digest.test(found))) return false;
  const colon = name.lastIndexOf(':');
  const isTagged = colon > name.lastIndexOf('/');
  if (isTagged && !tag.test(name.slice(colon + 1))) return false;
  return isRepository(isTagged ? name.slice(0, colon) : name);
}

/** The part before the first slash is a registry when it looks like a host. */
function isRepository(name: string): boolean {
  const slash = name.indexOf('/');
  const host = name.slice(0, Math.max(slash, 0));
  if (!/[.:]/.test(host) && host !== 'localhost') return repository.test(name);
  return registry.test(host) && repository.test(name.slice(slash + 1));
}
