// What `flux bootstrap` leaves in a new cluster: the namespace, the GitRepository and the first Kustomization, as Git has them.
// Everything else follows from them.
import { parseDocuments } from '../manifests/documents';
import type { Problem } from '../model/problem';
import type { KubeObject } from './cluster/object';
import type { Store } from './cluster/store';
import { objectOfManifest } from './controllers/manifestObject';
import { GitFailure, runGit } from './git/labGit';

const fieldManager = 'flux';
const file = 'flux/clusters/lab/flux-system/gotk-sync.yaml';

/** `repository` is the bare GitOps repository. A file that is gone or broken gives a Problem, and an empty cluster. */
export async function bootstrap(store: Store, repository: string): Promise<Problem | undefined> {
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }, { fieldManager });
  const objects = await readSync(repository);
  for (const object of objects) store.create(object, { fieldManager });
  if (objects.length > 0) return undefined;
  return {
    code: 'not-flux',
    message: `The practice lab's main branch has no readable ${file}, so Flux follows nothing. Restore the file and start the lab again, or run Reset Practice Lab.`,
    remedy: 'resetPracticeLab',
  };
}

async function readSync(repository: string): Promise<readonly KubeObject[]> {
  try {
    const text = await runGit(['--git-dir', repository, 'show', `refs/heads/main:${file}`]);
    const { documents, problems } = parseDocuments(file, text);
    return problems.length > 0
      ? []
      : documents.filter(({ value }) => value !== undefined).map(({ value }) => objectOfManifest(value));
  } catch (error) {
    if (error instanceof GitFailure) return [];
    throw error;
  }
}
