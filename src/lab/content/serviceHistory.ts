import { formatBuildTag, swapEnvironment } from './buildTag';
import type { CommitToWrite, HistoryToWrite, TagToWrite } from './fastImport';
import { hashCommit } from './gitHash';
import { type Environment, type Person, people, type Service, services, workflowBot } from './names';
import { emptyChangelog, type ReleaseFiles, recordRelease, releaseMessage } from './releaseFiles';
import { changes, serviceFiles } from './serviceFiles';
import { releasedAt, type ServicePlan } from './servicePlan';

/** A tag that somebody pushed to the registry. */
export interface Build {
  readonly service: Service;
  readonly environment: Environment;
  readonly tag: string;
  readonly version: string;
  /** The full hash of the source commit. */
  readonly revision: string;
  /** When the image was built. */
  readonly builtAt: number;
  /** When the tag came into the registry: for production, when the image was promoted. */
  readonly taggedAt: number;
  /** The staging tag that it is a copy of; production only. */
  readonly copyOf?: string;
}

export interface ServiceHistory {
  readonly service: Service;
  readonly repository: HistoryToWrite;
  /** In the order in which they came into the registry. */
  readonly builds: readonly Build[];
}

/** A service's repository, commit by commit, and the builds whose tags name those commits. */
export function planServiceHistory(plan: ServicePlan): ServiceHistory {
  const { service } = plan;
  const commits: CommitToWrite[] = [];
  const tags: TagToWrite[] = [];
  const builds: Build[] = [];
  const staged = new Map<number, Build>();
  let release: ReleaseFiles = { version: '0.0.1\n', changelog: emptyChangelog };
  let changeCount = 0;
  let head: string | undefined;
  const commit = (entry: Omit<CommitToWrite, 'files'>): string => {
    const complete = { ...entry, files: serviceFiles(service, changeCount, release) };
    head = hashCommit(complete, head);
    commits.push(complete);
    return head;
  };

  for (const step of stepsOf(plan)) {
    if (step.kind === 'change') {
      changeCount = step.change + 1;
      const revision = commit({
        author: authorOf(step.change, service),
        at: step.at,
        message: `${changes[service][step.change]?.message ?? ''}\n`,
      });
      for (const { environment, at } of plan.builds.filter(({ change }) => change === step.change)) {
        const build = makeBuild(service, environment, release.version.trim(), revision, at);
        builds.push(build);
        if (environment === 'staging') {
          staged.set(step.change, build);
        }
      }
    } else {
      const source = staged.get(step.change);
      if (!source) {
        throw new Error(`The plan promotes change ${step.change} of ${service}, which staging never had.`);
      }
      const tag = swapEnvironment(source.tag, 'production');
      builds.push({ ...source, environment: 'production', tag, taggedAt: step.promotedAt, copyOf: source.tag });
      release = recordRelease(release, tag, step.at);
      commit({ author: workflowBot, at: step.at, message: releaseMessage(tag, release) });
      const message = `Promoted from ${source.tag}.\n`;
      tags.push({ name: tag, commit: commits.length - 1, author: workflowBot, at: step.at + 2000, message });
    }
  }
  builds.sort((one, other) => one.taggedAt - other.taggedAt);
  return { service, repository: { commits, tags }, builds };
}

type Step =
  | { readonly kind: 'change'; readonly change: number; readonly at: number }
  | { readonly kind: 'release'; readonly change: number; readonly at: number; readonly promotedAt: number };

function stepsOf({ changesAt, promotions }: ServicePlan): readonly Step[] {
  const steps: Step[] = [
    ...changesAt.map((at, change) => ({ kind: 'change' as const, change, at })),
    ...promotions.map((promotion) => ({
      kind: 'release' as const,
      change: promotion.change,
      at: releasedAt(promotion),
      promotedAt: promotion.at,
    })),
  ];
  return steps.sort((one, other) => one.at - other.at);
}

function authorOf(change: number, service: Service): Person {
  const author = people[(change + services.indexOf(service)) % people.length];
  return author ?? workflowBot;
}

function makeBuild(service: Service, environment: Environment, version: string, revision: string, at: number): Build {
  const tag = formatBuildTag({ environment, version, commit: revision.slice(0, 7), seconds: at / 1000 });
  return { service, environment, tag, version, revision, builtAt: at, taggedAt: at };
}
