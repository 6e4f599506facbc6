// The commit message of a rollback: what, why, how, and trailers that machines read back.
import type { CommitPlan } from '../plan';
import type { Draft } from './draft';
import type { RollbackIntent, Situation, Standing } from './situation';

export function formatMessage(situation: Situation, draft: Draft): string {
  const { intent, written, undoes } = situation;
  return formatCommit({
    subject: `Roll back ${intent.service} in ${intent.environment} to ${intent.tag}`,
    reason: intent.reason,
    does: draft.does,
    trailers: [
      'Flux-Promote: rollback',
      ...placeTrailers(intent),
      `Flux-Promote-From: ${written.tag}`,
      `Flux-Promote-To: ${intent.tag}`,
      ...(undoes === undefined ? [] : [`Flux-Promote-Undoes: ${undoes.hash}`]),
      ...(draft.trailers ?? []),
      ...(draft.second === undefined ? [] : [`Flux-Promote-Second: ${draft.second}`]),
    ],
  });
}

export function placeTrailers({ service, environment }: Pick<RollbackIntent, 'service' | 'environment'>) {
  return [`Flux-Promote-Service: ${service}`, `Flux-Promote-Environment: ${environment}`];
}

export interface CommitText {
  readonly subject: string;
  /** In the user's words; may be empty. */
  readonly reason: string;
  readonly does: string;
  readonly trailers: readonly string[];
}

export function formatCommit({ subject, reason, does, trailers }: CommitText): string {
  // A reason of several paragraphs, or one that looks like a trailer, must not end up among the trailers.
  const why = reason.replace(/\s+/g, ' ').trim() || 'No reason was given.';
  return [subject, '', why, '', does, '', ...trailers, ''].join('\n');
}

/** Of the files that the draft really changes. */
export function changesOf({ content }: Standing, { files }: Pick<Draft, 'files'>): CommitPlan['changes'] {
  return [...files].flatMap(([file, after]) => {
    const before = content.files.get(file);
    return before === undefined || before === after ? [] : [{ file, before, after }];
  });
}
