import { asNumber, asString } from '../../../base/json';
import { people } from '../../content/names';
import { runGit } from '../../git/labGit';
import { commitTree, readCommits, readDifferences, resolveCommit, runUnlessRefused } from '../bareGit';
import { type ForgeAnswer, ForgeRefusal, notFound, ok } from '../forgeAnswer';
import { type RepositoryRequest, type RepositoryRoute, takePage } from '../forgeRequest';
import type { StoredPull } from '../forgeState';
import { type PullMeasure, shapePull, shapeSimplePull } from '../shapes/pull';
import type { Schemas } from '../shapes/schemas';

export const pullRoutes: readonly RepositoryRoute[] = [
  { method: 'GET', path: '/pulls', answer: listPulls },
  { method: 'POST', path: '/pulls', answer: createPull },
  { method: 'GET', path: '/pulls/{number}', answer: showPull },
  { method: 'PUT', path: '/pulls/{number}/merge', answer: mergePull },
];

async function listPulls(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { scene, place, url } = request;
  const query = url.searchParams;
  const state = query.get('state') ?? 'open';
  const head = query.get('head')?.replace(/^[^:]*:/, '');
  const pulls = scene.state.pulls
    .filter(({ repository }) => repository === place.name)
    .filter(({ closedAt }) => state === 'all' || (state === 'closed') === (closedAt !== null))
    .filter((pull) => (head ?? pull.head) === pull.head && (query.get('base') ?? pull.base) === pull.base)
    .reverse();
  const { items, headers } = takePage(request, pulls);
  const body: Schemas['pull-request-simple'][] = await Promise.all(
    items.map(async (pull) => shapeSimplePull(place, pull, await measure(request, pull))),
  );
  return { status: 200, body, headers };
}

async function showPull(request: RepositoryRequest): Promise<ForgeAnswer> {
  const pull = findPull(request);
  return ok(shapePull(request.place, pull, await measure(request, pull)));
}

async function createPull(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { scene, place, folder } = request;
  const body = await request.readJson();
  const title = asString(body['title']);
  const head = asString(body['head'])?.replace(/^[^:]*:/, '');
  const base = asString(body['base']);
  if (title === undefined || head === undefined || base === undefined) {
    throw new ForgeRefusal(422, 'Validation Failed: title, head and base are required');
  }
  const headSha = await resolveCommit(folder, `refs/heads/${head}`);
  const baseSha = await resolveCommit(folder, `refs/heads/${base}`);
  if (headSha === undefined || baseSha === undefined) {
    throw new ForgeRefusal(422, `Validation Failed: ${headSha === undefined ? 'head' : 'base'} is invalid`);
  }
  const { pulls } = scene.state;
  const others = pulls.filter(({ repository }) => repository === place.name);
  if (others.some((pull) => pull.closedAt === null && pull.head === head && pull.base === base)) {
    throw new ForgeRefusal(422, `Validation Failed: A pull request already exists for ${head}.`);
  }
  if ((await readCommits(folder, `${baseSha}..${headSha}`, 1)).length === 0) {
    throw new ForgeRefusal(422, `Validation Failed: No commits between ${base} and ${head}`);
  }
  const now = scene.now();
  const pull: StoredPull = {
    number: others.length + 1,
    repository: place.name,
    title,
    body: asString(body['body']) ?? null,
    head,
    base,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    mergedAs: null,
    closedHeadSha: null,
    closedBaseSha: null,
  };
  pulls.push(pull);
  await scene.state.save();
  return { status: 201, body: shapePull(place, pull, await measure(request, pull)) };
}

/** Merges or squashes; the base moves only from the tip that was merged onto. */
async function mergePull(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { scene, folder } = request;
  const pull = findPull(request);
  const body = await request.readJson();
  const { headSha, baseSha, mergedTree } = await measure(request, pull);
  const method = asString(body['merge_method']) ?? 'merge';
  if (pull.closedAt !== null || mergedTree === undefined || (method !== 'merge' && method !== 'squash')) {
    throw new ForgeRefusal(405, 'Pull Request is not mergeable');
  }
  if ((asString(body['sha']) ?? headSha) !== headSha) {
    throw new ForgeRefusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  const now = scene.now();
  const title = asString(body['commit_title']) ?? `Merge pull request #${pull.number} from ${pull.head}`;
  const [author] = people;
  if (!author) {
    throw new Error('The lab has no people.');
  }
  const sha = await commitTree(folder, {
    branch: pull.base,
    parent: baseSha,
    parents: method === 'squash' ? [baseSha] : [baseSha, headSha],
    tree: mergedTree,
    author,
    at: now,
    message: `${title}\n\n${asString(body['commit_message']) ?? pull.title}\n`,
  });
  Object.assign(pull, { closedAt: now, updatedAt: now, mergedAs: sha, closedHeadSha: headSha, closedBaseSha: baseSha });
  await scene.state.save();
  const result: Schemas['pull-request-merge-result'] = {
    sha,
    merged: true,
    message: 'Pull Request successfully merged',
  };
  return ok(result);
}

function findPull({ scene, place, parameters }: RepositoryRequest): StoredPull {
  const number = asNumber(Number(parameters['number']));
  const pull = scene.state.pulls.find((each) => each.repository === place.name && each.number === number);
  if (!pull) {
    throw notFound();
  }
  return pull;
}

/** What Git says of a pull request now, or said when it was closed. */
async function measure({ folder }: RepositoryRequest, pull: StoredPull): Promise<PullMeasure> {
  const headSha = pull.closedHeadSha ?? (await resolveCommit(folder, `refs/heads/${pull.head}`)) ?? '';
  const baseSha = pull.closedBaseSha ?? (await resolveCommit(folder, `refs/heads/${pull.base}`)) ?? '';
  if (headSha === '' || baseSha === '') {
    return { headSha, baseSha, commits: 0, differences: [], mergedTree: undefined };
  }
  const mergeBase = (await runGit(['merge-base', baseSha, headSha], { cwd: folder })).trim();
  const commits = await runGit(['rev-list', '--count', `${baseSha}..${headSha}`], { cwd: folder });
  const merged = await runUnlessRefused(['merge-tree', '--write-tree', baseSha, headSha], { cwd: folder });
  return {
    headSha,
    baseSha,
    commits: Number(commits),
    differences: await readDifferences(folder, mergeBase, headSha),
    mergedTree: merged?.split('\n')[0],
  };
}
