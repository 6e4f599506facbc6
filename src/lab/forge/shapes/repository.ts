import { owner } from '../../content/names';
import { nodeId, stableId } from '../stableId';
import { shapeAccount } from './account';
import type { Schemas } from './schemas';

export interface RepositoryPlace {
  readonly apiUrl: string;
  /** `http://127.0.0.1:PORT` of the Git server. */
  readonly gitUrl: string;
  readonly name: string;
}

/** `…/repos/acme/backend` */
export function repositoryUrl({ apiUrl, name }: RepositoryPlace): string {
  return `${apiUrl}/repos/${owner}/${name}`;
}

/** The page for people, below which runs, commits and pull requests have theirs. */
export function repositoryPage({ apiUrl, name }: RepositoryPlace): string {
  return `${apiUrl}/${owner}/${name}`;
}

export function shapeMinimalRepository(place: RepositoryPlace) {
  const { apiUrl, gitUrl, name } = place;
  const url = repositoryUrl(place);
  const id = stableId(`repository/${name}`);
  return {
    id,
    node_id: nodeId('Repository', id),
    name,
    full_name: `${owner}/${name}`,
    owner: shapeAccount(apiUrl, owner, 'Organization'),
    private: true,
    html_url: repositoryPage(place),
    description: null,
    fork: false,
    url,
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    git_url: `${gitUrl}/${name}.git`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    ssh_url: '',
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
    clone_url: `${gitUrl}/${name}.git`,
    mirror_url: null,
    hooks_url: `${url}/hooks`,
    svn_url: '',
    homepage: null,
    language: null,
    forks_count: 0,
    stargazers_count: 0,
    watchers_count: 0,
    size: 0,
    default_branch: 'main',
    open_issues_count: 0,
    has_issues: false,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: 'private',
    permissions: { admin: true, maintain: true, push: true, triage: true, pull: true },
  } satisfies Schemas['minimal-repository'];
}

export interface RepositoryTimes {
  readonly createdAt: string;
  readonly pushedAt: string;
}

export function shapeRepository(
  place: RepositoryPlace,
  { createdAt, pushedAt }: RepositoryTimes,
): Schemas['full-repository'] {
  return {
    ...shapeMinimalRepository(place),
    pushed_at: pushedAt,
    created_at: createdAt,
    updated_at: pushedAt,
    subscribers_count: 0,
    network_count: 0,
    license: null,
    forks: 0,
    open_issues: 0,
    watchers: 0,
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: false,
  };
}
