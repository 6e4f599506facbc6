// The programs that the lab's runner has: `crane` and `gh` as far as the workflows use them, and the lab's own `lab`.

import { workflowBot } from '../../content/names';
import { runGit } from '../../git/labGit';
import { RegistryRefusal, readDigest, retag } from '../../registry/pushImage';
import { identity, runUnlessRefused } from '../bareGit';
import { labBuild, labCheckTag, labNameBuild, labRecordRelease } from './labProgram';
import { type Program, splitImage, type Workshop } from './workshop';

const programs: Readonly<Record<string, Program>> = {
  'crane digest': craneDigest,
  'crane tag': craneTag,
  'gh release create': ghReleaseCreate,
  'gh release view': ghReleaseView,
  'lab build': labBuild,
  'lab check-tag': labCheckTag,
  'lab name-build': labNameBuild,
  'lab record-release': labRecordRelease,
  echo: (args, { print }) => {
    print(args.join(' '));
    return Promise.resolve(0);
  },
};

export function runProgram(words: readonly string[], workshop: Workshop): Promise<number> {
  for (const length of [3, 2, 1]) {
    const program =
      Object.hasOwn(programs, words.slice(0, length).join(' ')) && programs[words.slice(0, length).join(' ')];
    if (program) {
      return program(words.slice(length), workshop);
    }
  }
  workshop.print(`${words[0] ?? ''}: command not found`);
  return Promise.resolve(127);
}

async function craneDigest([image = '']: readonly string[], { registryUrl, print }: Workshop): Promise<number> {
  const { name, tag } = splitImage(image);
  const digest = await readDigest(registryUrl, name, tag);
  print(digest ?? `Error: HEAD ${registryUrl}/v2/${name}/manifests/${tag}: unexpected status code 404 Not Found`);
  return digest === undefined ? 1 : 0;
}

async function craneTag([image = '', to = '']: readonly string[], { registryUrl, print }: Workshop): Promise<number> {
  const { name, tag } = splitImage(image);
  try {
    print(`${name}:${to} ${await retag({ registryUrl, name, from: tag, to })}`);
    return 0;
  } catch (error) {
    if (error instanceof RegistryRefusal) {
      print(`Error: ${error.message}`);
      return 1;
    }
    throw error;
  }
}

async function ghReleaseView([tag = '']: readonly string[], { repository, print }: Workshop): Promise<number> {
  const found = await runUnlessRefused(['rev-parse', '--verify', '--quiet', `refs/tags/${tag}`], { cwd: repository });
  print(found === undefined ? 'release not found' : `release ${tag} is there`);
  return found === undefined ? 1 : 0;
}

/** `gh release create TAG --notes TEXT`: an annotated tag on the tip of main is a release. */
async function ghReleaseCreate(args: readonly string[], { repository, name, now, print }: Workshop): Promise<number> {
  const [tag = ''] = args;
  const notes = args[args.indexOf('--notes') + 1] ?? '';
  await runGit(['tag', '-a', '-F', '-', tag, 'main'], {
    cwd: repository,
    input: `${notes}\n`,
    env: identity(workflowBot, now()),
  });
  print(`Released ${tag} of ${name}`);
  return 0;
}
