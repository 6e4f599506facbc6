import { appFiles, type TagChange, writeBackMessage } from './appFiles';
import { placeholderTag } from './buildTag';
import { clusterFiles, sharedAutomation } from './clusterFiles';
import type { CommitToWrite, HistoryToWrite } from './fastImport';
import { type Feature, type FluxState, type LabAddresses, placementKey } from './fluxState';
import { hashCommit } from './gitHash';
import { type Environment, fluxBot, people, type Service, services } from './names';
import { readme } from './readme';
import type { Build } from './serviceHistory';

const day = 86_400_000;
/** The time a scan, a selection and a push took in those days. */
const writeBackDelayMs = 23_000;

interface HumanStep {
  readonly daysAgo: number;
  readonly message: string;
  readonly feature?: Feature;
}

const humanSteps: readonly HumanStep[] = [
  { daysAgo: 61, message: 'Say what this repository is for' },
  { daysAgo: 60.9, message: 'Add Flux sync manifests', feature: 'sync' },
  { daysAgo: 60.8, message: 'Give each environment a namespace', feature: 'namespaces' },
  { daysAgo: 60.5, message: 'Let Flux scan the images of both services', feature: 'image-repositories' },
  { daysAgo: 60.2, message: 'Describe how backend runs', feature: 'backend-base' },
  { daysAgo: 60.1, message: 'Put backend into develop, staging and production', feature: 'backend' },
  { daysAgo: 59.8, message: 'Describe how frontend runs', feature: 'frontend-base' },
  { daysAgo: 59.7, message: 'Put frontend into develop, staging and production', feature: 'frontend' },
  { daysAgo: 59.4, message: 'Apply one Kustomization for each environment', feature: 'apps' },
  { daysAgo: 59.1, message: 'Let Flux write new tags back', feature: 'shared-automation' },
  { daysAgo: 52.3, message: 'Reserve CPU and memory for backend', feature: 'backend-resources' },
  { daysAgo: 47.4, message: 'Send traffic to backend only when it answers', feature: 'backend-probe' },
  { daysAgo: 42.2, message: 'Send traffic to frontend only when it answers', feature: 'frontend-probe' },
  { daysAgo: 25.6, message: 'Give each service its own image automation', feature: 'automation-per-service' },
  { daysAgo: 20.4, message: 'Run both services as an ordinary user', feature: 'ordinary-user' },
  { daysAgo: 15.3, message: 'Label the namespaces with their environment', feature: 'environment-labels' },
  { daysAgo: 9.5, message: 'Look for changes every few seconds, this is a lab', feature: 'short-intervals' },
  { daysAgo: 7.1, message: 'Reserve CPU and memory for frontend', feature: 'frontend-resources' },
  { daysAgo: 4.6, message: 'Explain the drill', feature: 'readme-drill' },
];

export interface WriteBack {
  /** The full hash of the bot's commit. */
  readonly commit: string;
  readonly at: number;
  readonly environment: Environment;
  readonly changes: readonly (TagChange & { readonly service: Service })[];
}

export interface FluxHistory {
  readonly repository: HistoryToWrite;
  /** First to last. */
  readonly writeBacks: readonly WriteBack[];
  /** The last commit. */
  readonly head: string;
}

export interface FluxHistoryInput {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly addresses: LabAddresses;
  readonly builds: readonly Build[];
}

/** The GitOps repository: what people did, and what Flux wrote back after each build. */
export function planFluxHistory({ now, addresses, builds }: FluxHistoryInput): FluxHistory {
  const features = new Set<Feature>();
  const tags = new Map<string, string>();
  const commits: CommitToWrite[] = [];
  const writeBacks: WriteBack[] = [];
  let head: string | undefined;
  const commit = (entry: Omit<CommitToWrite, 'files'>): string => {
    const complete = { ...entry, files: fluxFiles({ features, tags }, addresses) };
    head = hashCommit(complete, head);
    commits.push(complete);
    return head;
  };

  for (const step of stepsOf(now, builds)) {
    if (step.kind === 'human') {
      if (step.feature !== undefined) {
        features.add(step.feature);
      }
      const author = people[commits.length % people.length] ?? fluxBot;
      commit({ author, at: step.at, message: `${step.message}\n` });
      continue;
    }
    const { environment } = step;
    const changes = step.builds.map(({ service, tag }) => {
      const key = placementKey(service, environment);
      const from = tags.get(key) ?? placeholderTag(environment);
      tags.set(key, tag);
      return { service, from, to: tag };
    });
    const automation = features.has('automation-per-service') ? changes[0]?.service : sharedAutomation;
    const message = writeBackMessage(environment, automation ?? sharedAutomation, changes);
    writeBacks.push({ commit: commit({ author: fluxBot, at: step.at, message }), at: step.at, environment, changes });
  }
  return { repository: { commits, tags: [] }, writeBacks, head: head ?? '' };
}

type Step =
  | (HumanStep & { readonly kind: 'human'; readonly at: number })
  | {
      readonly kind: 'write-back';
      readonly at: number;
      readonly environment: Environment;
      readonly builds: readonly Build[];
    };

function stepsOf(now: number, builds: readonly Build[]): readonly Step[] {
  const steps: Step[] = humanSteps.map((step) => ({ ...step, kind: 'human', at: now - step.daysAgo * day }));
  // What was promoted together was written by one run of the automation; builds of one second are two by chance.
  const runs = new Map<string, Build[]>();
  for (const build of builds) {
    const key = `${build.environment}/${build.taggedAt}/${build.copyOf === undefined ? build.service : 'promoted'}`;
    runs.set(key, [...(runs.get(key) ?? []), build]);
  }
  for (const run of runs.values()) {
    const [first] = run;
    if (first) {
      const at = first.taggedAt + writeBackDelayMs;
      steps.push({ kind: 'write-back', at, environment: first.environment, builds: run });
    }
  }
  return steps.sort((one, other) => one.at - other.at);
}

function fluxFiles(state: FluxState, addresses: LabAddresses): ReadonlyMap<string, string> {
  const apps = services.flatMap((service) => Object.entries(appFiles(service, state, addresses)));
  return new Map([['README.md', readme(state)], ...Object.entries(clusterFiles(state, addresses)), ...apps]);
}
