// What a service is called: the image's last path segment, with the segment before it where two would read the same.
import { groupBy } from '../model/collections';
import type { ServiceName } from '../model/fleet';

/** Canonical image names to shown names; every shown name is unique. */
export function nameServices(images: Iterable<string>): ReadonlyMap<string, ServiceName> {
  const names = new Map<string, ServiceName>();
  let open = [...new Set(images)];
  for (let depth = 1; open.length > 0; depth += 1) {
    const byName = groupBy(open, (image) => image.split('/').slice(-depth).join('/'));
    open = [];
    for (const [name, same] of byName) {
      const [only] = same;
      if (same.length === 1 && only !== undefined) names.set(only, name);
      else open.push(...same);
    }
  }
  return names;
}
