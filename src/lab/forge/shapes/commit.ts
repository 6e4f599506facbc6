import type { CommitRecord, FileDifference } from '../bareGit';
import { nodeId } from '../stableId';
import { type RepositoryPlace, repositoryPage, repositoryUrl } from './repository';
import type { Schemas } from './schemas';

/** Accounts are null: GitHub could not tell them from the e-mail addresses either. */
export function shapeCommit(place: RepositoryPlace, commit: CommitRecord) {
  const { sha, tree, parents, author, committer, message } = commit;
  const url = `${repositoryUrl(place)}/commits/${sha}`;
  return {
    url,
    sha,
    node_id: nodeId('Commit', sha),
    html_url: `${repositoryPage(place)}/commit/${sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${repositoryUrl(place)}/git/commits/${sha}`,
      author,
      committer,
      message,
      comment_count: 0,
      tree: { sha: tree, url: `${repositoryUrl(place)}/git/trees/${tree}` },
      verification: { verified: false, reason: 'unsigned', payload: null, signature: null, verified_at: null },
    },
    author: null,
    committer: null,
    parents: parents.map((parent) => ({
      sha: parent,
      url: `${repositoryUrl(place)}/commits/${parent}`,
      html_url: `${repositoryPage(place)}/commit/${parent}`,
    })),
  } satisfies Schemas['commit'];
}

/** With its files, as one commit alone is answered. */
export function shapeWholeCommit(
  place: RepositoryPlace,
  commit: CommitRecord,
  differences: readonly FileDifference[],
): Schemas['commit'] {
  const additions = differences.reduce((sum, difference) => sum + difference.additions, 0);
  const deletions = differences.reduce((sum, difference) => sum + difference.deletions, 0);
  return {
    ...shapeCommit(place, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: differences.map((difference) => shapeDifference(place, difference, commit.sha)),
  };
}

export function shapeDifference(
  place: RepositoryPlace,
  difference: FileDifference,
  ref: string,
): Schemas['diff-entry'] {
  const { sha, filename, status, additions, deletions } = difference;
  return {
    sha,
    filename,
    status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${repositoryPage(place)}/blob/${ref}/${filename}`,
    raw_url: `${repositoryPage(place)}/raw/${ref}/${filename}`,
    contents_url: `${repositoryUrl(place)}/contents/${filename}?ref=${ref}`,
  };
}
