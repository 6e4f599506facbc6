// One run of an automation: compare what the policies say with what was seen last, clone the remote branch, set every marked
// scalar, commit and push. Not simulated: kyaml's re-serialisation of a changed file (only the scalars change here), the new file
// that it makes of a `kind: List`, and signed commits. Source: image-automation-controller internal/controller, internal/source.
import { parseDuration } from '../../model/duration';
import { objectAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import { hasNewPolicies, observedPolicies, policiesOf, selectorFault } from './automationPolicies';
import { checkOut, push, type Remote, resolveSource, type Source, SourceError } from './automationSource';
import { formatCommitMessage, removedField } from './commitMessage';
import { formatTime } from './conditions';
import type { Outcome } from './controller';
import { formatRevision } from './gitCheckout';
import { GitRemoteError } from './gitRemote';
import { applyPolicies, MissingPath, type Update } from './setterUpdate';
import type { StatusDraft } from './statusDraft';
import { TemplateError } from './templateParse';
import type { Workplace } from './workplace';

const upToDate = 'repository up-to-date';
const unchanged = 'no change since last reconciliation';

/** Why a run ended early. */
interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly next: 'stall' | 'retry';
}

export async function reconcileAutomation(
  place: Workplace,
  remote: Remote,
  object: KubeObject,
  signal: AbortSignal,
): Promise<Outcome> {
  const draft = place.draft(object);
  if (object.spec?.['suspend'] === true) {
    draft.observeSettled(); // but not the request: this one never records it while suspended
    await draft.write();
    return { next: 'change' };
  }
  draft.set('lastAutomationRunTime', formatTime(Date.now()));
  const wasAtRest = draft.isAtRest;
  await draft.begin({ tellsRequests: true });
  const done = await run(place, remote, draft, signal);
  draft.handleRequest();
  if (typeof done === 'object') return report(place, draft, done);
  draft.unmark('Reconciling', 'Stalled');
  draft.mark('Ready', 'True', 'Succeeded', upToDate);
  draft.observe();
  await draft.write();
  const told = wasAtRest || done !== unchanged ? done : upToDate;
  place.events.send(object, 'Normal', 'Succeeded', told);
  return { next: 'after', ms: parseDuration(textAt(object, 'spec', 'interval') ?? '') ?? 60_000 };
}

/** What there is to say of it, or why it ended early. */
async function run(
  place: Workplace,
  remote: Remote,
  draft: StatusDraft,
  signal: AbortSignal,
): Promise<string | Trouble> {
  const { object } = draft;
  if (objectAt(object, 'spec', 'git')['commit'] === undefined) {
    const message = "source kind 'GitRepository' necessitates field .spec.git: invalid source configuration";
    return { reason: 'InvalidSourceConfiguration', message, next: 'stall' };
  }
  const fault = selectorFault(object);
  if (fault !== undefined) return { reason: 'InvalidPolicySelector', message: fault, next: 'stall' };
  try {
    const source = resolveSource(place, object);
    const timed = AbortSignal.any([signal, AbortSignal.timeout(source.timeoutMs)]);
    return await sync(place, remote, { draft, source }, timed);
  } catch (error) {
    signal.throwIfAborted();
    return troubleOf(error);
  }
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof SourceError) return { reason: error.reason, message: error.message, next: 'retry' };
  if (error instanceof GitRemoteError) {
    return { reason: 'GitOperationFailed', message: `failed to checkout source: ${error.message}`, next: 'retry' };
  }
  if (error instanceof MissingPath) return { reason: 'UpdateFailed', message: error.message, next: 'retry' };
  if (error instanceof TemplateError) {
    return { reason: 'GitOperationFailed', message: `failed to update source: ${error.message}`, next: 'retry' };
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return {
      reason: 'GitOperationFailed',
      message: 'failed to checkout source: context deadline exceeded',
      next: 'retry',
    };
  }
  throw error;
}

interface Task {
  readonly draft: StatusDraft;
  readonly source: Source;
}

async function sync(
  place: Workplace,
  remote: Remote,
  { draft, source }: Task,
  signal: AbortSignal,
): Promise<string | Trouble> {
  const { object } = draft;
  const policies = policiesOf(place.store, object);
  const observed = observedPolicies(policies);
  const mustSync =
    hasNewPolicies(draft.get('observedPolicies'), observed) ||
    source.pushBranch !== source.checkout.branch ||
    source.refspec !== undefined;
  const checkedOut = await checkOut(remote, source, signal);
  if (!mustSync && draft.get('observedSourceRevision') === checkedOut.revision) {
    return unchanged;
  }
  const tree = await remote.mirror.tree(checkedOut.base, signal);
  const path = textAt(object, 'spec', 'update', 'path') ?? '';
  const update = applyPolicies(tree, path, policies);
  let { revision } = checkedOut;
  let done = upToDate;
  if (update.files.size > 0) {
    const pushed = await write(remote, { draft, source, update, base: checkedOut.base }, signal);
    if ('reason' in pushed) return pushed;
    done = pushed.summary;
    if (source.pushBranch === source.checkout.branch) revision = formatRevision(source.checkout.pointer, pushed.commit);
  }
  draft.set('observedPolicies', observed);
  draft.set('observedSourceRevision', revision);
  return done;
}

interface WriteTask extends Task {
  readonly update: Update;
  readonly base: string;
}

interface Pushed {
  readonly commit: string;
  readonly summary: string;
}

/** What was pushed, or why nothing was. */
async function write(
  remote: Remote,
  { draft, source, update, base }: WriteTask,
  signal: AbortSignal,
): Promise<Pushed | Trouble> {
  const { object } = draft;
  const commitSpec = objectAt(object, 'spec', 'git', 'commit');
  const template = textAt(commitSpec, 'messageTemplate');
  const removed = removedField(template ?? '');
  if (removed !== undefined) return { reason: 'RemovedTemplateField', message: removed, next: 'stall' };
  const values = Object.entries(objectAt(commitSpec, 'messageTemplateValues')).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  );
  const message = formatCommitMessage(template, {
    automation: { name: object.metadata.name, namespace: object.metadata.namespace ?? '' },
    changes: update.changes,
    values: Object.fromEntries(values),
  });
  const email = textAt(commitSpec, 'author', 'email') ?? '';
  const author = { name: textAt(commitSpec, 'author', 'name') ?? email, email };
  const commit = await remote.mirror.commit(
    { parent: base, files: update.files, message, author, at: Date.now() },
    signal,
  );
  await push(remote.mirror, source, commit, signal);
  draft.set('lastPushCommit', commit);
  draft.set('lastPushTime', formatTime(Date.now()));
  const refspec = source.refspec === undefined ? '' : ` and refspecs '${source.refspec}'`;
  const summary = `pushed commit '${commit.slice(0, 7)}' to branch '${source.pushBranch}'${refspec}\n${message}`;
  return { commit, summary };
}

async function report(place: Workplace, draft: StatusDraft, { reason, message, next }: Trouble): Promise<Outcome> {
  if (next === 'stall') {
    draft.markStalled(reason, message);
    draft.observe();
  } else {
    draft.markRetrying(reason, message);
  }
  await draft.write();
  const ready = draft.condition('Ready');
  place.events.send(draft.object, 'Warning', ready?.reason ?? reason, ready?.message ?? message);
  return next === 'stall' ? { next: 'change' } : { next: 'retry' };
}
