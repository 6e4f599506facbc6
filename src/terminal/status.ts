// `flux-promote status`: environments by services from files and Git alone, the same reading as the tree's.

import { rankEnvironment } from '../fleet/environments';
import { derivePlacements, keyOf } from '../fleet/placements';
import { groupBy } from '../model/collections';
import type { RepositoryManifests } from '../model/manifest';
import type { Problem } from '../model/problem';
import type { Settings } from '../model/settings';
import { formatProblems, formatTable } from './table';

export interface StatusPlacement {
  readonly service: string;
  /** Without tag. */
  readonly image: string;
  /** Plain text; null where no tag is written. */
  readonly written: string | null;
  readonly file: string | null;
  /** One-based. */
  readonly line: number | null;
  /** `namespace/name` of the ImagePolicy whose marker writes the tag. */
  readonly policy: string | null;
  readonly problems: readonly StatusProblem[];
}

export interface StatusProblem {
  readonly code: string;
  readonly message: string;
}

export interface Status {
  readonly commit: string;
  /** In promotion order. */
  readonly environments: readonly { readonly name: string; readonly placements: readonly StatusPlacement[] }[];
  readonly problems: readonly StatusProblem[];
}

export function deriveStatus(
  commit: string,
  manifests: RepositoryManifests,
  settings: Settings,
  problem: Problem | undefined,
): Status {
  const groups = groupBy(derivePlacements(manifests, settings), (placement) => placement.environment);
  const rank = (name: string): number => rankEnvironment(name, settings.environments);
  const environments = [...groups].map(([name, placements]) => ({
    name,
    placements: placements
      .map(
        ({ service, image, written, origin, policyReference, problems }): StatusPlacement => ({
          service,
          image,
          written: written?.tag ?? null,
          file: origin?.file ?? null,
          line: origin?.line ?? null,
          policy: policyReference === undefined ? null : keyOf(policyReference),
          problems: problems.map(describe),
        }),
      )
      .toSorted((a, b) => (a.service < b.service ? -1 : 1)),
  }));
  return {
    commit,
    environments: environments.toSorted((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1)),
    problems: [...(problem === undefined ? [] : [problem]), ...manifests.problems].map(describe),
  };
}

function describe({ code, message }: Problem): StatusProblem {
  return { code, message };
}

/** Columns for a terminal, then the problems. */
export function formatStatus({ commit, environments, problems }: Status): string {
  const header = ['ENVIRONMENT', 'SERVICE', 'WRITTEN', 'WHERE'];
  const rows = environments.flatMap(({ name, placements }) =>
    placements.map(({ service, written, file, line }) => [
      name,
      service,
      written ?? '-',
      file === null ? '-' : `${file}:${line ?? 1}`,
    ]),
  );
  const all = [...problems, ...environments.flatMap(({ placements }) => placements.flatMap((one) => one.problems))];
  return [
    `Commit ${commit}`,
    '',
    rows.length === 0 ? 'No environments: no workload and no marker was found.\n' : formatTable([header, ...rows]),
    ...formatProblems(all),
  ].join('\n');
}
