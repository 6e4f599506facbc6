import { owner } from '../../content/names';
import type { FileDifference } from '../bareGit';
import type { StoredPull } from '../forgeState';
import { nodeId, stableId } from '../stableId';
import { labLogin, shapeAccount } from './account';
import { type RepositoryPlace, repositoryPage, repositoryUrl, shapeMinimalRepository } from './repository';
import { formatTime, type Schemas } from './schemas';

/** What Git says of a pull request. */
export interface PullMeasure {
  readonly headSha: string;
  readonly baseSha: string;
  /** How many it would bring. */
  readonly commits: number;
  readonly differences: readonly FileDifference[];
  /** The tree after a merge; undefined when there is a conflict. */
  readonly mergedTree: string | undefined;
}

export function shapeSimplePull(place: RepositoryPlace, pull: StoredPull, measure: PullMeasure) {
  const id = stableId(`pull/${place.name}/${pull.number}`);
  const url = `${repositoryUrl(place)}/pulls/${pull.number}`;
  const page = `${repositoryPage(place)}/pull/${pull.number}`;
  const issue = `${repositoryUrl(place)}/issues/${pull.number}`;
  const statuses = `${repositoryUrl(place)}/statuses/${measure.headSha}`;
  const user = shapeAccount(place.apiUrl, labLogin, 'User');
  const repo = {
    ...shapeMinimalRepository(place),
    license: null,
    forks: 0,
    open_issues: 0,
    watchers: 0,
    has_downloads: false,
    pushed_at: null,
    created_at: null,
    updated_at: null,
  };
  const side = (ref: string, sha: string) => ({
    label: `${owner}:${ref}`,
    ref,
    sha,
    repo,
    user: shapeAccount(place.apiUrl, owner, 'Organization'),
  });
  const closedAt = pull.closedAt === null ? null : formatTime(pull.closedAt);
  return {
    url,
    id,
    node_id: nodeId('PullRequest', id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repositoryUrl(place)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    number: pull.number,
    state: pull.closedAt === null ? ('open' as const) : ('closed' as const),
    locked: false,
    title: pull.title,
    user,
    body: pull.body,
    labels: [],
    milestone: null,
    created_at: formatTime(pull.createdAt),
    updated_at: formatTime(pull.updatedAt),
    closed_at: closedAt,
    merged_at: pull.mergedAs === null ? null : closedAt,
    merge_commit_sha: pull.mergedAs,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: side(pull.head, measure.headSha),
    base: side(pull.base, measure.baseSha),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${repositoryUrl(place)}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: 'MEMBER' as const,
    auto_merge: null,
    draft: false,
  } satisfies Schemas['pull-request-simple'];
}

export function shapePull(place: RepositoryPlace, pull: StoredPull, measure: PullMeasure): Schemas['pull-request'] {
  const { commits, differences, mergedTree } = measure;
  const isMerged = pull.mergedAs !== null;
  return {
    ...shapeSimplePull(place, pull, measure),
    merged: isMerged,
    mergeable: isMerged ? null : mergedTree !== undefined,
    rebaseable: false,
    mergeable_state: isMerged ? 'unknown' : mergedTree === undefined ? 'dirty' : 'clean',
    merged_by: isMerged ? shapeAccount(place.apiUrl, labLogin, 'User') : null,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits,
    additions: differences.reduce((sum, { additions }) => sum + additions, 0),
    deletions: differences.reduce((sum, { deletions }) => sum + deletions, 0),
    changed_files: differences.length,
  };
}
