// What image-automation-controller would write into one file, as JSON: `{file, before, policies}` to `{changes}`, in the
// form of the recorded vectors: `file|setter|old|new`, in byte order.
import { applySetters, type SetterPolicy } from '../manifests/setters';
import { optional } from '../model/optional';
import { compareBytes } from '../policy/compareBytes';
import { asLine, type Line, linesOf, optionalText, textOf } from './batch';

const shape =
  '{"file": "…", "before": "…", "policies": [{"Namespace": "…", "Name": "…", "Image": "…", "Tag": "…", "Digest": "…"}]}';

export function answerMarkers(value: unknown): { readonly changes: readonly string[] } {
  const line = asLine(value, shape);
  const file = textOf(line, 'file');
  const { changes } = applySetters(file, textOf(line, 'before'), linesOf(line, 'policies').map(decodePolicy));
  // A change in a `kind: List` lands in a new file without a name of its own.
  const formatted = changes.map((one) => `${one.marker.isStray ? '' : file}|${one.setter}|${one.old}|${one.new}`);
  return { changes: formatted.toSorted(compareBytes) };
}

function decodePolicy(policy: Line): SetterPolicy {
  const digest = optionalText(policy, 'Digest');
  return {
    namespace: textOf(policy, 'Namespace'),
    name: textOf(policy, 'Name'),
    latestRef: {
      name: textOf(policy, 'Image'),
      tag: textOf(policy, 'Tag'),
      ...optional('digest', digest === '' ? undefined : digest),
    },
  };
}
