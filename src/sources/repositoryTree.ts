// The manifests of one commit as a synchronous tree, in two Git processes: one lists, one reads.
import type { GitReader } from '../base/git/reader';
import { maximumFileSize } from '../manifests/documents';
import type { Tree } from '../manifests/tree';
import type { Problem } from '../model/problem';

/** YAML, and JSON for patches and generated manifests; kustomize also takes a file that is called Kustomization. */
const manifestFile = /\.(?:ya?ml|json)$|(?:^|\/)Kustomization$/;
/** Never applied by Flux, and often huge. */
const foreignFile = /(?:^|\/)(?:node_modules|\.github|\.vscode)\/|(?:^|\/)package(?:-lock)?\.json$/;

export function isManifestPath(path: string): boolean {
  return manifestFile.test(path) && !foreignFile.test(path);
}

/** `bytes` is its size. */
export function describeLargeFile(file: string, bytes: number): Problem & { readonly file: string } {
  const megabytes = Math.round(bytes / 1_000_000);
  const message = `${file} has ${megabytes} MB and is not read. Keep manifests below ${maximumFileSize / 1_048_576} MB.`;
  return { code: 'file-too-large', message, file };
}

export interface RepositoryTree {
  readonly tree: Tree;
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly (Problem & { readonly file: string })[];
}

/** source-controller leaves symbolic links out of the artifact: what one names is applied from its own place or not at all. */
const symbolicLink = '120000';

/** Rejects with a `git-…` problem. */
export async function readTree(reader: GitReader, commit: string, signal: AbortSignal): Promise<RepositoryTree> {
  const entries = await reader.listFiles(commit, signal);
  const paths = entries.filter(({ mode }) => mode !== symbolicLink).map(({ path }) => path);
  const wanted = paths.filter(isManifestPath);
  const blobs = await reader.readFiles(commit, wanted, maximumFileSize, signal);
  const texts = new Map<string, string>();
  const problems: (Problem & { readonly file: string })[] = [];
  wanted.forEach((file, index) => {
    const blob = blobs[index];
    if (blob?.text !== undefined) {
      texts.set(file, blob.text);
    } else if (blob !== undefined) {
      problems.push(describeLargeFile(file, blob.size));
    }
  });
  return { tree: { list: () => paths, read: (path) => texts.get(path) }, files: texts, problems };
}
