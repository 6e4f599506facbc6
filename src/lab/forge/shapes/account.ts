import { nodeId, stableId } from '../stableId';
import type { Schemas } from './schemas';

/** Who the lab's token belongs to. */
export const labLogin = 'lab-user';

export function shapeAccount(
  apiUrl: string,
  login: string,
  type: 'User' | 'Organization' | 'Bot',
): Schemas['simple-user'] {
  const url = `${apiUrl}/users/${encodeURIComponent(login)}`;
  const id = stableId(`account/${login}`);
  return {
    login,
    id,
    node_id: nodeId('User', id),
    avatar_url: '',
    gravatar_id: '',
    url,
    html_url: `${apiUrl}/${encodeURIComponent(login)}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  };
}

export function shapeOwnAccount(apiUrl: string, publicRepositories: number): Schemas['public-user'] {
  const since = '2026-01-01T00:00:00Z';
  return {
    ...shapeAccount(apiUrl, labLogin, 'User'),
    name: 'Lab User',
    company: null,
    blog: null,
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: publicRepositories,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: since,
    updated_at: since,
  };
}
