import { parseArgs } from 'node:util';
import { formatCommands } from '../changes/patchText';
import { planRepair } from '../changes/planRepair';
import { deriveFleet } from '../fleet/deriveFleet';
import { hearWitnesses } from '../fleet/explain/enrich';
import { type Explanation, explain, type LinkFault } from '../fleet/explain/explanation';
import { formatExplanation } from '../fleet/explain/explanationText';
import type { Facts } from '../model/facts';
import type { Fleet, Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import type { RepositoryManifests } from '../model/manifest';
import { type Problem, ProblemError } from '../model/problem';
import { unknown } from '../model/reading';
import { defaultSettings } from '../model/settings';
import type { Command, OpenedCluster, Terminal } from './command';
import { UsageError } from './command';
import { findPlacement, timelineKey } from './history';
import { checkedRef, formatJson, formatVisible, repositoryFolder, repositoryOptions } from './options';

export const explainCommand: Command = {
  name: 'explain',
  usage:
    'explain SERVICE ENVIRONMENT [--tag TAG] [--context NAME] [--kubeconfig PATH] [--forge API] [--repo PATH] [--ref REF] [--json]',
  summary: 'why a service does not run what it should: the first broken link, its evidence and its remedy',
  details: [
    '--context NAME     asks the cluster of this kubeconfig context; without it no cluster is asked',
    '--kubeconfig PATH  the kubeconfig; else KUBECONFIG, else ~/.kube/config',
    '--tag TAG          why this very tag does not run',
    '--forge API        asks this forge for the workflow runs, such as https://api.github.com, with FLUX_PROMOTE_FORGE_TOKEN',
    '--ref REF          the branch, tag or commit; else the remote-tracking branch that Flux follows, else HEAD',
    '--json             the same for programs',
    'Ends with 0 when nothing is wrong or it only waits, with 1 when something is wrong, with 2 when it could not run,',
    'or when nothing is wrong in what the named cluster has shown and not all could be seen.',
  ],
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: {
        ...repositoryOptions,
        tag: { type: 'string' },
        context: { type: 'string' },
        kubeconfig: { type: 'string' },
        forge: { type: 'string' },
      },
      allowPositionals: true,
    });
    const [service, environment] = positionals;
    if (service === undefined || environment === undefined || positionals.length > 2) {
      throw new UsageError('explain takes a service and an environment, as status names them.');
    }
    const api = checkedApi(values.forge);
    const read = await terminal.readRepository(repositoryFolder(values, terminal), checkedRef(values));
    const declared = findPlacement(read.manifests, defaultSettings, service, environment);
    const cluster =
      values.context === undefined ? undefined : await openCluster(terminal, values.context, values.kubeconfig);
    try {
      const key = timelineKey(declared);
      const image = canonicalImage(declared.image);
      const images = values.tag === undefined ? [image] : [...new Set([image, ...imagesOf(read.manifests)])];
      const facts: Facts = {
        settings: defaultSettings,
        contexts: new Map(),
        ...(cluster === undefined ? { kubeconfigProblem: noContext } : { defaultContext: cluster.facts.context }),
        repositories: [
          {
            ...read.facts,
            histories: key === undefined ? new Map() : new Map([[key, await terminal.readTimeline(read.facts, key)]]),
          },
        ],
        clusters: new Map(cluster === undefined ? [] : [[cluster.facts.context, cluster.facts]]),
        registry: await terminal.readTags(images),
        forges: new Map([
          [image, api === undefined ? unknown(noForge) : await terminal.readForge(image, declared.written?.tag, api)],
        ]),
      };
      const fleet = deriveFleet(facts);
      const placement = placementIn(fleet, service, environment);
      const said = withRepair(explain(facts, fleet, placement, terminal.now(), values.tag), facts, placement);
      const full = await addWitnesses(said, terminal, cluster, read.facts.folder, read.commit.hash);
      const answer = {
        commit: read.commit.hash,
        ...full,
        ...(read.problem === undefined ? {} : { note: read.problem.message }),
      };
      await terminal.print(
        values.json === true
          ? formatJson(answer)
          : formatVisible(
              [`Commit ${read.commit.hash}`, answer.note, formatExplanation(full)]
                .filter((part) => part !== undefined)
                .join('\n'),
            ),
      );
      if (full.verdict === 'unknown' && cluster !== undefined) return 2;
      return full.verdict === 'failed' ? 1 : 0;
    } finally {
      cluster?.close();
    }
  },
};

const noContext: Problem = {
  code: 'context-not-chosen',
  message: 'The cluster was not asked: name its kubeconfig context by --context.',
};

const noForge: Problem = {
  code: 'forge-unknown',
  message:
    'The workflow runs were not asked: name the API of their forge by --forge, such as https://api.github.com, and a token in FLUX_PROMOTE_FORGE_TOKEN.',
};

function checkedApi(api: string | undefined): string | undefined {
  if (api !== undefined && !/^https?:\/\/[^\s@]+$/.test(api))
    throw new UsageError(`--forge is the address of an API, such as https://api.github.com, not "${api}".`);
  return api;
}

/** All that are scanned: a tag that was asked for may have come to another one. */
function imagesOf({ objects }: RepositoryManifests): readonly string[] {
  return objects.flatMap(({ object }) => (object.kind === 'ImageRepository' ? [canonicalImage(object.image)] : []));
}

async function openCluster(terminal: Terminal, context: string, kubeconfig?: string): Promise<OpenedCluster> {
  try {
    return await terminal.openCluster(context, kubeconfig);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'kubeconfig-missing') throw error;
    const where = kubeconfig ?? 'KUBECONFIG or ~/.kube/config';
    const message = `There is no kubeconfig at ${where}. Name one by --kubeconfig, or leave --context out to ask Git alone.`;
    throw new ProblemError({ ...error.problem, message });
  }
}

function placementIn(fleet: Fleet, service: string, environment: string): Placement {
  const found = fleet.environments
    .find(({ name }) => name === environment)
    ?.placements.find((one) => one.service === service);
  if (found === undefined) throw new UsageError(`${service} is not in ${environment}.`);
  return found;
}

/** The repair as commands, where an edit mends what is found. */
function withRepair(explanation: Explanation, facts: Facts, placement: Placement): Explanation {
  const plan = planRepair(facts, placement, explanation.faults);
  if (plan.kind === 'refusal' || plan.remote === '') return explanation;
  const step = { what: 'Repair it by one commit', command: formatCommands(plan) };
  const first = explanation.faults.find(({ repair }) => repair !== undefined);
  const faults = explanation.faults.map(
    (fault): LinkFault => (fault === first ? { ...fault, steps: [step, ...fault.steps] } : fault),
  );
  return { ...explanation, faults };
}

async function addWitnesses(
  explanation: Explanation,
  terminal: Terminal,
  cluster: OpenedCluster | undefined,
  folder: string,
  commit: string,
): Promise<Explanation> {
  const witnesses = {
    lastCommit: (file: string) => terminal.readLastCommit(folder, commit, file),
    ...(cluster === undefined ? {} : { events: cluster.events, log: cluster.log }),
  };
  return await hearWitnesses(explanation, witnesses, (error) => {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  });
}
