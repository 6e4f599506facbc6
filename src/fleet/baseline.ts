// The baseline of a delivery before anything is changed: what must be there, and whether every environment runs its own tags.
// Pure, and honest about ignorance: what could not be asked is unknown, never failed.
import type { Facts } from '../model/facts';
import type { Environment, Fleet } from '../model/fleet';
import { canonicalImage } from '../model/image';
import type { Reading } from '../model/reading';
import { fullBudget } from '../policy/prove';
import { fluxLine, kustomizationLines, namespaceLine, sourceLine } from './baselineCluster';
import { workflowLines } from './baselineForge';
import { type BaselineLine, failedLine, okLine, unknownLine } from './baselineLine';
import { placementLines } from './baselinePlacement';
import { declaredPlacements } from './declared';
import { isOtherEnvironment } from './environments';
import { crossingText, findCrossing, findMutablePlacement } from './hardStops';
import type { DeclaredPlacement } from './placements';
import { policiesOfImage } from './policiesOfImage';

export interface BaselineSection {
  readonly title: string;
  readonly lines: readonly BaselineLine[];
}

export interface Baseline {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The commit that each clone's followed branch stands at: `branch of url at hash`. */
  readonly commits: readonly string[];
  readonly sections: readonly BaselineSection[];
}

/** The names of a cluster's namespaces, by context. */
export type Namespaces = ReadonlyMap<string, Reading<readonly string[]>>;

export function deriveBaseline(facts: Facts, fleet: Fleet, namespaces: Namespaces, now: number): Baseline {
  const contexts = [...new Set(fleet.environments.flatMap(({ context }) => context ?? []))];
  const declared = declaredPlacements(facts).map((one) => one.declared);
  return {
    at: now,
    commits: facts.repositories.map(({ folder, remote, branch }) => {
      const commit = fleet.commits.get(folder);
      return `${branch} of ${remote.url} at ${commit?.hash ?? 'an unknown commit'}`;
    }),
    sections: [
      {
        title: 'Prerequisites',
        lines: [
          ...contextLines(fleet),
          ...contexts.map((context) => fluxLine(context, facts.clusters.get(context))),
          ...contexts.flatMap((context) =>
            facts.repositories.map((repository) => sourceLine(context, facts.clusters.get(context), repository)),
          ),
          ...namespacesOf(fleet).map(({ namespace, context }) =>
            namespaceLine(namespace, facts.clusters.get(context), namespaces.get(context)),
          ),
          ...workflowLines(facts, fleet),
        ],
      },
      { title: 'Kustomizations', lines: kustomizationLines(facts, fleet) },
      ...fleet.environments.map((environment) => ({
        title: `Environment ${environment.name}`,
        lines: environment.placements.flatMap((placement) => placementLines(placement, facts, declared)),
      })),
      {
        title: 'Hard stops',
        lines: fleet.environments
          .filter(({ isProduction }) => isProduction)
          .flatMap((environment) => hardStopLines(environment, declared, facts)),
      },
    ],
  };
}

function contextLines({ environments }: Fleet): readonly BaselineLine[] {
  return environments
    .filter(({ context }) => context === undefined)
    .map(({ name }) =>
      unknownLine(`The cluster of ${name}`, 'No kubeconfig context is chosen for it.', 'Run Choose Cluster Context….'),
    );
}

/** Where the placements' workloads and policies live, each once. */
function namespacesOf({ environments }: Fleet): readonly { readonly namespace: string; readonly context: string }[] {
  const found = environments.flatMap(({ context, placements }) =>
    context === undefined
      ? []
      : placements.flatMap(({ workload, policy }) =>
          [workload?.namespace, policy?.namespace].flatMap((namespace) => (namespace ? [{ namespace, context }] : [])),
        ),
  );
  return [...new Map(found.map((one) => [`${one.context}\n${one.namespace}`, one])).values()];
}

/** Step 2 of the lab: a production policy that takes other tags, and a mutable tag in production's manifests. */
function hardStopLines(
  { name, placements }: Environment,
  declared: readonly DeclaredPlacement[],
  facts: Facts,
): readonly BaselineLine[] {
  const images = new Map(placements.map((placement) => [canonicalImage(placement.image), placement]));
  const crossings = [...images.values()].flatMap((placement) => {
    const policies = policiesOfImage(declared, placement, facts);
    return policies
      .filter(({ environment }) => environment === name)
      .map((subject) => {
        const { namespace, name: policy } = subject.policy.meta;
        const what = `ImagePolicy ${namespace}/${policy} takes only tags of ${name}`;
        const crossing = findCrossing(subject, policies, fullBudget);
        if (crossing.kind === 'crosses') {
          return failedLine(
            what,
            `Hard stop: ${crossingText(crossing, subject)}`,
            isOtherEnvironment(namespace, name)
              ? `Leave the policy as it is, and let a policy of ${name} write here: Why Didn't It Update? says how.`
              : `Anchor its pattern to the tags of ${name}.`,
          );
        }
        if (crossing.kind === 'undecided') return unknownLine(what, crossing.why, 'Write a simpler pattern.');
        return okLine(what, `Proved from its pattern ${subject.policy.spec.filterTags?.pattern ?? '(none)'}.`);
      });
  });
  const mutable = findMutablePlacement(declared.filter(({ environment }) => environment === name));
  const what = `${name} is built from fixed tags`;
  return [
    ...crossings,
    mutable === undefined
      ? okLine(what, 'No latest and no moving tag in what the overlays build to.')
      : failedLine(
          what,
          `Hard stop: ${mutable.service} would run ${mutable.why}, which can change without a change in Git.`,
          'Give it a tag of its own.',
        ),
  ];
}
