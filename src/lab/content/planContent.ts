// What the lab contains when it opens, as values: two service repositories, the builds in the registry, and the
// GitOps repository with its history. Pure: the same input gives the same commits, hashes and tags.

import { type FluxHistory, planFluxHistory } from './fluxHistory';
import type { LabAddresses } from './fluxState';
import { services } from './names';
import { type Build, planServiceHistory, type ServiceHistory } from './serviceHistory';
import { planServices } from './servicePlan';

export interface ContentInput {
  readonly addresses: LabAddresses;
  /** Milliseconds since 1970; the history ends shortly before. */
  readonly now: number;
  readonly seed: string;
}

export interface ContentPlan {
  readonly services: readonly ServiceHistory[];
  readonly flux: FluxHistory;
  /** Of both services, in the order in which they came into the registry. */
  readonly builds: readonly Build[];
}

export function planContent({ addresses, now, seed }: ContentInput): ContentPlan {
  const plans = planServices({ now, seed });
  const histories = services.map((service) => planServiceHistory(plans[service]));
  const builds = histories.flatMap((history) => history.builds).sort((one, other) => one.taggedAt - other.taggedAt);
  return { services: histories, flux: planFluxHistory({ now, addresses, builds }), builds };
}
