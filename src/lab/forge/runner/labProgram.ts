import { formatBuildTag, parseBuildTag } from '../../content/buildTag';
import { imageOf } from '../../content/image';
import { owner, workflowBot } from '../../content/names';
import { emptyChangelog, promotionRecord, recordRelease, releaseMessage } from '../../content/releaseFiles';
import { pushImage, readDigest } from '../../registry/pushImage';
import { commitFiles, readFileAt, resolveCommit } from '../bareGit';
import { type Program, splitImage, type Workshop } from './workshop';

/** `lab check-tag TAG ENVIRONMENT`: a promotion starts from nothing but a build of that environment. */
export const labCheckTag: Program = ([tag = '', environment = ''], { print }) => {
  const isRight = parseBuildTag(tag)?.environment === environment;
  print(
    isRight
      ? `${tag} is a build for ${environment}`
      : `${tag} is no build for ${environment}: it must read ${environment}-v<version>-<commit>-<seconds>`,
  );
  return Promise.resolve(isRight ? 0 : 1);
};

/** `lab record-release TAG SOURCE BY RUN REASON`: one commit on main that writes the changelog and moves the version on. */
export const labRecordRelease: Program = async (
  [tag = '', ...record],
  { repository, registryUrl, name, now, print },
) => {
  const parent = await resolveCommit(repository, 'main');
  if (parent === undefined) {
    print('There is no branch main.');
    return 1;
  }
  const version = (await readFileAt(repository, parent, 'VERSION')) ?? '';
  const changelog = (await readFileAt(repository, parent, 'CHANGELOG.md')) ?? emptyChangelog;
  if (changelog.includes(`\`${tag}\``)) {
    print(`${tag} is recorded already`);
    return 0;
  }
  const at = now();
  const after = recordRelease({ version, changelog }, tag, at);
  const [tested, made] = await Promise.all(
    [record[0] ?? '', tag].map((one) => readDigest(registryUrl, `${owner}/${name}`, one)),
  );
  const sha = await commitFiles(repository, {
    branch: 'main',
    parent,
    author: workflowBot,
    at,
    message: releaseMessage(tag, after) + promotionRecord(name, tag, record, { tested, made }),
    files: { VERSION: after.version, 'CHANGELOG.md': after.changelog },
  });
  print(`Recorded ${tag} in ${sha.slice(0, 7)}, VERSION is ${after.version.trim()}`);
  return 0;
};

/** `lab name-build ENVIRONMENT REF`: sets `<ENVIRONMENT>_TAG` for the steps that follow. */
export const labNameBuild: Program = async ([environment = '', ref = ''], workshop) => {
  const source = await readSource(ref, workshop);
  if (!source) {
    return 1;
  }
  const seconds = Math.floor(workshop.now() / 1000);
  const tag = formatBuildTag({ environment, version: source.version, commit: source.revision.slice(0, 7), seconds });
  workshop.setVariable(`${environment.toUpperCase()}_TAG`, tag);
  workshop.print(tag);
  return 0;
};

/** `lab build IMAGE REF`: makes a new image of that source and pushes it. */
export const labBuild: Program = async ([image = '', ref = ''], workshop) => {
  const source = await readSource(ref, workshop);
  if (!source) {
    return 1;
  }
  const { registryUrl, pageUrl } = workshop;
  const builtAt = workshop.now();
  const { name, tag } = splitImage(image);
  const build = imageOf({ name, tag, ...source, builtAt, source: pageUrl });
  workshop.print(`${image} ${await pushImage({ registryUrl, ...build, salt: `${tag}/${builtAt}` })}`);
  return 0;
};

async function readSource(
  ref: string,
  { repository, print }: Workshop,
): Promise<{ readonly revision: string; readonly version: string } | undefined> {
  const revision = await resolveCommit(repository, ref);
  if (revision === undefined) {
    print(`There is no branch, tag or commit ${ref}.`);
    return undefined;
  }
  return { revision, version: ((await readFileAt(repository, revision, 'VERSION')) ?? '0.0.0').trim() };
}
