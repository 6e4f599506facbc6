// The delivery chain of one placement: each link done, waiting, failed or unknown, from the objects' own words.
// Comparing revisions and tags, never Ready alone: Ready is written some milliseconds before the revision it speaks of.
import type { Diagnosis, Fault, FaultCode } from '../model/fault';
import type { Chain, Link, LinkName, LinkState } from '../model/fleet';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { diagnoseApplied } from './explain/applied';
import { findCrossings, isForeignTagWritten, ofRepository } from './explain/crossings';
import type { DiagnosisInput } from './explain/diagnosis';
import { diagnoseFetched } from './explain/fetched';
import { diagnosePublished } from './explain/published';
import { diagnoseRolledOut } from './explain/rolledOut';
import { diagnoseRun } from './explain/runLinks';
import { diagnoseScanned } from './explain/scanned';
import { diagnoseSelected } from './explain/selected';
import { diagnoseWritten } from './explain/written';

export function deriveChain(input: DiagnosisInput): Chain {
  const { placement } = input;
  const isAutomated = placement.marker !== undefined || placement.policyReference !== undefined;
  const applied = diagnoseApplied(input);
  const links: Chain = [
    ...(input.run === undefined ? [] : diagnoseRun(input.run).map((one) => toLink(one.name, one.diagnosis))),
    ...(isAutomated
      ? [
          toLink('published', diagnosePublished(input)),
          toLink('scanned', diagnoseScanned(input)),
          toLink('selected', diagnoseSelected(input)),
          toLink('written', diagnoseWritten(input)),
        ]
      : []),
    ...(placement.kustomization === undefined ? [] : [toLink('fetched', diagnoseFetched(input))]),
    ...(applied === undefined ? [] : [toLink('applied', applied)]),
    ...(placement.workload === undefined ? [] : [toLink('rolled out', diagnoseRolledOut(input))]),
  ];
  return withCrossings(links, foreignTag(input));
}

/** What could pull a foreign tag in is looked for only where one is written: whoever asks for more has its page made. */
function foreignTag(input: DiagnosisInput): readonly Fault[] {
  const { placement, live, content, written, history, registry } = input;
  const value = valueOf(content);
  if (value === undefined) return [];
  const { environment, image, origin, marker, policyReference } = placement;
  const scope = {
    environment,
    image,
    ...optional('origin', origin),
    ...optional('marker', marker),
    ...optional('written', valueOf(written)?.tag),
    ...optional('policy', policyReference),
    ...optional('livePolicy', valueOf(live.policy)),
    automations: () =>
      ofRepository(valueOf(live.automations), valueOf(live.gitRepositories), valueOf(live.gitRepository)),
    history,
    tags: valueOf(registry)?.tags ?? [],
    content: value,
  };
  return isForeignTagWritten(scope) ? findCrossings(scope) : [];
}

/** What is written for another environment is not written, whatever the tags say. */
export function withCrossings(chain: Chain, crossings: readonly Fault[]): Chain {
  const own = chain.find(({ name }) => name === 'written');
  const waits = own?.faults.filter(({ verdict }) => verdict === 'waiting') ?? [];
  const [first, ...others] = [...failuresOf(own), ...crossings, ...waits];
  if (crossings.length === 0 || first === undefined) return chain;
  const written = toLink('written', { state: 'faulty', faults: [first, ...others] });
  return own === undefined ? [written, ...chain] : chain.map((link) => (link === own ? written : link));
}

export function failuresOf(link: Link | undefined): readonly Fault[] {
  return link?.faults.filter(({ verdict }) => verdict === 'failed') ?? [];
}

const crossingCodes: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'marker-crosses',
  'automation-crosses',
  'policy-crosses',
  'tag-crosses',
]);

/** Why another environment's tag is written here; undefined where none is. */
export function crossingOf(chain: Chain): Fault | undefined {
  return chain.flatMap(({ faults }) => faults).find(({ code }) => crossingCodes.has(code));
}

/** The first link that is not done, worst first: what the row's icon tells. */
export function worstLink(chain: Chain): Link | undefined {
  for (const state of ['failed', 'waiting', 'unknown'] as const) {
    const found = chain.find((one) => one.link.state === state);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function toLink(name: LinkName, diagnosis: Diagnosis): Link {
  if (diagnosis.state !== 'faulty') return { name, link: diagnosis, faults: [] };
  return { name, link: shortForm(diagnosis.faults[0]), faults: diagnosis.faults };
}

function shortForm({ verdict, text, since, object }: Fault): LinkState {
  const common = { reason: text, ...optional('since', since) };
  return verdict === 'waiting'
    ? { state: 'waiting', ...common }
    : { state: 'failed', ...common, ...optional('object', object) };
}
