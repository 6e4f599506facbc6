import { releaseTitle } from '../../content/releaseFiles';
import { runGit } from '../../git/labGit';
import {
  readBlob,
  readCommit,
  readCommits,
  readDifferences,
  readTree,
  resolveCommit,
  runUnlessRefused,
  type TreeEntry,
} from '../bareGit';
import { type ForgeAnswer, notFound, ok } from '../forgeAnswer';
import { type RepositoryRequest, type RepositoryRoute, takePage } from '../forgeRequest';
import { shapeAccount } from '../shapes/account';
import { shapeCommit, shapeDifference, shapeWholeCommit } from '../shapes/commit';
import { repositoryPage, repositoryUrl, shapeRepository } from '../shapes/repository';
import { formatTime, type Schemas } from '../shapes/schemas';
import { nodeId, stableId } from '../stableId';

export const contentRoutes: readonly RepositoryRoute[] = [
  { method: 'GET', path: '', answer: showRepository },
  { method: 'GET', path: '/contents', answer: showContents },
  { method: 'GET', path: '/contents/{path+}', answer: showContents },
  { method: 'GET', path: '/commits', answer: listCommits },
  { method: 'GET', path: '/commits/{ref+}', answer: showCommit },
  { method: 'GET', path: '/rules/branches/{branch+}', answer: listRules },
  { method: 'GET', path: '/environments', answer: listEnvironments },
  { method: 'GET', path: '/compare/{range+}', answer: compareCommits },
  { method: 'GET', path: '/releases', answer: listReleases },
  { method: 'GET', path: '/releases/latest', answer: showLatestRelease },
  { method: 'GET', path: '/releases/tags/{tag+}', answer: showReleaseByTag },
];

async function showRepository({ folder, place }: RepositoryRequest): Promise<ForgeAnswer> {
  const sha = await resolveCommit(folder, 'main');
  const commits = sha === undefined ? [] : await readCommits(folder, sha, 100_000);
  const createdAt = commits.at(-1)?.committer.date ?? formatTime(0);
  return ok(shapeRepository(place, { createdAt, pushedAt: commits[0]?.committer.date ?? createdAt }));
}

async function showContents(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { folder, parameters, url } = request;
  const ref = url.searchParams.get('ref') ?? 'main';
  const sha = await requireCommit(folder, ref);
  const path = (parameters['path'] ?? '').replace(/\/+$/, '');
  const [entry] = path === '' ? [] : await readTree(folder, sha, path);
  if (entry?.type === 'blob') {
    const content = await readBlob(folder, entry.sha);
    const file: Schemas['content-file'] = {
      ...entryFields(request, entry, ref),
      type: 'file',
      encoding: 'base64',
      size: content.length,
      content: content.toString('base64').replace(/.{60}/g, '$&\n'),
    };
    return ok(file);
  }
  if (path !== '' && entry?.type !== 'tree') {
    throw notFound();
  }
  const entries = await readTree(folder, sha, path === '' ? '' : `${path}/`);
  const listing: Schemas['content-directory'] = entries.map((each) => ({
    ...entryFields(request, each, ref),
    type: each.type === 'tree' ? 'dir' : 'file',
    size: 0,
  }));
  return ok(listing);
}

function entryFields({ place }: RepositoryRequest, { path, sha, type }: TreeEntry, ref: string) {
  const url = `${repositoryUrl(place)}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = `${repositoryUrl(place)}/git/${type}s/${sha}`;
  const html = `${repositoryPage(place)}/${type}/${ref}/${path}`;
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    sha,
    url,
    git_url: git,
    html_url: html,
    download_url: null,
    _links: { self: url, git, html },
  };
}

async function listCommits(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { folder, place, url } = request;
  const sha = await requireCommit(folder, url.searchParams.get('sha') ?? 'main');
  const { items, headers } = takePage(request, await readCommits(folder, sha, 100_000));
  return { status: 200, body: items.map((commit) => shapeCommit(place, commit)), headers };
}

/** https://docs.github.com/rest/repos/rules#get-rules-for-a-branch */
function listRules({ scene, parameters }: RepositoryRequest): Promise<ForgeAnswer> {
  const isProtected = scene.protectedBranches.includes(parameters['branch'] ?? '');
  return Promise.resolve(ok(isProtected ? [{ type: 'pull_request' }] : []));
}

function listEnvironments({ scene, place }: RepositoryRequest): Promise<ForgeAnswer> {
  const environments = scene.protectedEnvironments.map((name) => ({
    id: stableId(`environment/${place.name}/${name}`),
    name,
  }));
  return Promise.resolve(ok({ total_count: environments.length, environments }));
}

async function showCommit({ folder, place, parameters }: RepositoryRequest): Promise<ForgeAnswer> {
  const sha = await requireCommit(folder, parameters['ref'] ?? '');
  const commit = await readCommit(folder, sha);
  return ok(shapeWholeCommit(place, commit, await readDifferences(folder, commit.parents[0], sha)));
}

/** `BASE...HEAD`, from their merge base, oldest commit first. */
async function compareCommits(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { folder, place, parameters } = request;
  const range = parameters['range'] ?? '';
  const [baseRef = '', headRef = ''] = range.split('...');
  const base = await requireCommit(folder, baseRef);
  const head = await requireCommit(folder, headRef);
  const mergeBase = (await runUnlessRefused(['merge-base', base, head], { cwd: folder }))?.trim();
  if (mergeBase === undefined) {
    throw notFound();
  }
  const counts = await runGit(['rev-list', '--left-right', '--count', `${base}...${head}`], { cwd: folder });
  const [behind = 0, ahead = 0] = counts.trim().split(/\s+/).map(Number);
  const commits = [...(await readCommits(folder, `${base}..${head}`, 250))].reverse();
  const url = `${repositoryUrl(place)}/compare/${range}`;
  const page = `${repositoryPage(place)}/compare/${range}`;
  const body: Schemas['commit-comparison'] = {
    url,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: shapeCommit(place, await readCommit(folder, base)),
    merge_base_commit: shapeCommit(place, await readCommit(folder, mergeBase)),
    status: ahead > 0 && behind > 0 ? 'diverged' : ahead > 0 ? 'ahead' : behind > 0 ? 'behind' : 'identical',
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: commits.map((commit) => shapeCommit(place, commit)),
    files: (await readDifferences(folder, mergeBase, head)).map((difference) =>
      shapeDifference(place, difference, head),
    ),
  };
  return ok(body);
}

async function listReleases(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { items, headers } = takePage(request, await readReleases(request));
  return { status: 200, body: items, headers };
}

async function showLatestRelease(request: RepositoryRequest): Promise<ForgeAnswer> {
  const [latest] = await readReleases(request);
  if (!latest) {
    throw notFound();
  }
  return ok(latest);
}

async function showReleaseByTag(request: RepositoryRequest): Promise<ForgeAnswer> {
  const release = (await readReleases(request)).find(({ tag_name }) => tag_name === request.parameters['tag']);
  if (!release) {
    throw notFound();
  }
  return ok(release);
}

/** Every annotated tag is a release; newest first. */
async function readReleases({ folder, place }: RepositoryRequest): Promise<readonly Schemas['release'][]> {
  const format = ['%(refname:strip=2)', '%(taggername)', '%(taggerdate:unix)', '%(contents)', '%1e'].join('%00');
  const args = ['for-each-ref', '--sort=-taggerdate', '--sort=-refname', `--format=${format}`, 'refs/tags'];
  const records = (await runGit(args, { cwd: folder })).split('\x1e\n').filter((record) => record !== '');
  return records
    .map((record) => record.split('\0'))
    .filter(([, tagger]) => tagger !== '')
    .sort(([, , one], [, , other]) => Number(other) - Number(one))
    .map(([tag = '', tagger = '', seconds = '', body = '']) => {
      const id = stableId(`release/${place.name}/${tag}`);
      const url = `${repositoryUrl(place)}/releases/${id}`;
      const time = formatTime(Number(seconds) * 1000);
      return {
        id,
        node_id: nodeId('Release', id),
        url,
        html_url: `${repositoryPage(place)}/releases/tag/${tag}`,
        assets_url: `${url}/assets`,
        upload_url: `${url}/assets{?name,label}`,
        tarball_url: null,
        zipball_url: null,
        tag_name: tag,
        target_commitish: 'main',
        name: releaseTitle(tag),
        body: body.trim(),
        draft: false,
        prerelease: false,
        created_at: time,
        published_at: time,
        author: shapeAccount(place.apiUrl, tagger, 'Bot'),
        assets: [],
      };
    });
}

async function requireCommit(folder: string, ref: string): Promise<string> {
  const sha = await resolveCommit(folder, ref);
  if (sha === undefined) {
    throw notFound();
  }
  return sha;
}
