// One row of the fault table, and how a draft is changed before its delivery is made.
import type { FaultCode } from '../../../src/model/fault';
import type { LinkName } from '../../../src/model/fleet';
import { type Draft, type Plot, type PlotQuestion, tag2 } from './plot';

export interface FaultRow {
  /** Unique, in the words of the clause. */
  readonly name: string;
  readonly link: LinkName;
  readonly code: FaultCode;
  /** Before the delivery is made. */
  readonly draft?: (draft: Draft) => void;
  /** After it is made, and healthy where `isHealthyFirst`. */
  readonly inject?: (plot: Plot) => Promise<void>;
  readonly isHealthyFirst?: true;
  readonly ask?: (plot: Plot) => PlotQuestion;
  /** Which part of a delivery it breaks: two rows of one part are no pair. */
  readonly part: 'run' | 'images' | 'automation' | 'source' | 'apply' | 'workload';
}

type Change = (draft: Draft) => void;

export const repository = 'images/repository.yaml';
export const policy = 'images/policy.yaml';
export const automation = 'images/automation.yaml';
export const source = 'sync/source.yaml';
export const apps = 'sync/apps.yaml';
export const overlay = 'apps/production/kustomization.yaml';
export const deployment = 'apps/production/deployment.yaml';

/** Throws where the file does not have it. */
export function edit(file: string, from: string | RegExp, to: string): Change {
  return (draft) => {
    const before = draft.files[file] ?? '';
    const after = typeof from === 'string' ? before.replace(from, () => to) : before.replace(from, to);
    if (after === before) throw new Error(`${file} has no ${String(from)}`);
    draft.files = { ...draft.files, [file]: after };
  };
}

export function all(...changes: readonly Change[]): Change {
  return (draft) => {
    for (const change of changes) change(draft);
  };
}

/** A newer tag that Flux ought to write. */
export function newer(draft: Draft): void {
  draft.tags = [...draft.tags, tag2];
}

/** Git has the file, the cluster is not given it. */
export function withhold(file: string): Change {
  return (draft) => {
    draft.withheld = [...draft.withheld, file];
  };
}
