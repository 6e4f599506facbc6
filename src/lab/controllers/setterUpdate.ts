// The files of a commit with every marked scalar set to what its policy selected. A file that does not parse, and a marker that
// names nothing known, are passed over in silence, as the controller does.
import { applyEdits } from '../../manifests/edits';
import { applySetters, type SetterPolicy } from '../../manifests/setters';
import { securePath, type Tree } from '../../manifests/tree';
import type { Change } from './commitMessage';

export interface Update {
  /** Path from the repository's root to the new text; only files that change. */
  readonly files: ReadonlyMap<string, string>;
  readonly changes: readonly Change[];
}

/** `spec.update.path` names nothing in this commit. */
export class MissingPath extends Error {
  constructor(path: string) {
    super(`failed to apply policies: walking path for files: lstat ${path}: no such file or directory`);
    this.name = 'MissingPath';
  }
}

/** Throws MissingPath. */
export function applyPolicies(tree: Tree, updatePath: string, policies: readonly SetterPolicy[]): Update {
  const root = securePath(updatePath);
  const below = tree.list().filter((path) => root === '' || path === root || path.startsWith(`${root}/`));
  if (below.length === 0) throw new MissingPath(updatePath);
  const files = new Map<string, string>();
  const changes: Change[] = [];
  for (const path of below) {
    const text = tree.read(path);
    if (text === undefined) continue;
    const applied = applySetters(path, text, policies);
    if (applied.edits.length === 0) continue;
    files.set(path, applyEdits(text, applied.edits));
    for (const { marker, setter, old, new: next } of applied.changes) {
      if (marker.isStray) continue;
      const file =
        path === root ? path.slice(path.lastIndexOf('/') + 1) : path.slice(root === '' ? 0 : root.length + 1);
      changes.push({ file, object: marker.object, oldValue: old, newValue: next, setter });
    }
  }
  return { files, changes };
}
