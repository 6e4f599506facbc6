// The delivery chain of one placement: each link done, waiting, failed or unknown, from the objects' own words.
// Comparing revisions and tags, never Ready alone: Ready is written some milliseconds before the revision it speaks of.
import type { Diagnosis, Fault } from '../model/fault';
import type { Chain, Link, LinkName, LinkState } from '../model/fleet';
import { optional } from '../model/optional';
import { diagnoseApplied } from './explain/applied';
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
  return [
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
