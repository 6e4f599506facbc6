// A promotion asks a workflow of the service's repository for a new tag on the image that was tested, never a rebuild. Where
// nobody automates the tag it is written by a commit; a build that was excluded has its exclusion lifted in the same plan.
import type { Fleet, PlacementId } from '../model/fleet';
import { optional } from '../model/optional';
import { problemOf, valueOf } from '../model/reading';
import { settingOf } from '../model/settings';
import { type CommitPlan, type DispatchPlan, type Refusal, refuse } from './plan';
import { type Preflight, stopOf } from './preflight';
import { fillInputs, type Inputs, type KnownInputs, refuseInput } from './promotion/inputs';
import { isExcluded } from './promotion/tagLines';
import { planLift, planWrite } from './promotion/writes';

export interface PromotionIntent {
  /** Why, in the user's words. */
  readonly reason: string;
  /** Answers to the workflow's inputs, by name. */
  readonly inputs: Inputs;
}

/** What the workflow is given without asking, and what is left to ask; undefined where no workflow is dispatched. */
export function promotionInputs(preflight: Preflight, reason: string): KnownInputs | undefined {
  const { way, workflow, target, candidate, facts } = preflight;
  if (way === 'commit' || workflow === undefined || isLiftOnly(preflight)) return undefined;
  return fillInputs({
    workflow,
    setting: settingOf(target.image, facts.settings.services),
    environment: target.environment,
    tag: candidate.tag,
    digest: candidate.digest,
    reason,
    correlation: `flux-promote/${target.service}/${candidate.targetTag}`,
  });
}

export function planPromotion(
  preflight: Preflight,
  fleet: Fleet,
  intent: PromotionIntent,
): DispatchPlan | CommitPlan | Refusal {
  const { way, candidate, target } = preflight;
  const stop = stopOf(preflight);
  if (stop !== undefined) return refuse(stop.text, stop.remedy);
  if (way === 'commit') return planWrite(preflight, fleet, intent.reason);
  if (isLiftOnly(preflight)) return planLift(preflight, fleet, intent.reason);
  const dispatch = planDispatch(preflight, intent);
  if (dispatch.kind === 'refusal' || !isExcluded(preflight, candidate.targetTag)) return dispatch;
  const first = planLift(preflight, fleet, intent.reason);
  if (first.kind === 'refusal') return first;
  const { environment } = target;
  const summary = [
    `First ${candidate.targetTag} is taken out of the exclusions of ${environment}.`,
    ...dispatch.summary,
  ];
  return { ...dispatch, first, summary };
}

/** The production tag is there and only excluded: nothing has to be built or copied. */
function isLiftOnly(preflight: Preflight): boolean {
  const { candidate, registry } = preflight;
  const isThere = valueOf(registry)?.tags.includes(candidate.targetTag) === true;
  return isThere && isExcluded(preflight, candidate.targetTag);
}

function planDispatch(preflight: Preflight, intent: PromotionIntent): DispatchPlan | Refusal {
  const { source, target, candidate, lines, workflow } = preflight;
  const forge = valueOf(preflight.forge);
  if (forge === undefined) {
    return refuse(
      `The repository that builds ${target.service} cannot be asked. ${problemOf(preflight.forge)?.message ?? 'It is not known.'}`,
      'Name it in the setting fluxPromote.services, or sign in to its forge.',
    );
  }
  if (workflow === undefined) {
    return refuse(
      `${forge.owner}/${forge.repository} has no workflow that promotes into ${target.environment} and can be started by hand.`,
      'Add a workflow named promote-<environment>.yml with workflow_dispatch, or name yours in fluxPromote.services.',
    );
  }
  const known = promotionInputs(preflight, intent.reason);
  if (known?.tagInput === undefined) {
    return refuse(
      `The workflow ${workflow.path} needs an input for the source tag, which has no value.`,
      'Give it an input whose name has "tag" in it: which build is promoted is never left to the workflow.',
    );
  }
  const inputs: Inputs = { ...intent.inputs, ...known.values };
  const missing = workflow.inputs.find(
    (input) => input.isRequired && (inputs[input.name] ?? '') === '' && input.default === undefined,
  );
  if (missing !== undefined) {
    return refuse(
      `The workflow ${workflow.path} needs the input "${missing.name}", which has no value.`,
      'Give it one in fluxPromote.services, under inputs.',
    );
  }
  for (const input of workflow.inputs) {
    const trouble = refuseInput(input, inputs[input.name] ?? input.default ?? '');
    if (trouble !== undefined) return refuse(`The input "${input.name}" of ${workflow.path} is wrong. ${trouble}`);
  }
  return {
    kind: 'dispatch',
    title: `Promote ${target.service} to ${target.environment}`,
    owner: forge.owner,
    repository: forge.repository,
    workflow: workflow.path.slice(workflow.path.lastIndexOf('/') + 1),
    ref: forge.defaultBranch,
    inputs,
    ...optional('correlation', known.correlation),
    image: target.image,
    source: { ...idOf(source), tag: candidate.tag, ...optional('digest', candidate.digest) },
    target: { ...idOf(target), tag: candidate.targetTag },
    summary: [
      `${candidate.tag} becomes ${candidate.targetTag}: the same image under a new tag, no rebuild.`,
      `Runs ${workflow.path} of ${forge.owner}/${forge.repository} on ${forge.defaultBranch}.`,
      ...lines.filter((line) => line.verdict === 'unknown').map((line) => `Not known: ${line.text}`),
    ],
  };
}

function idOf({ service, environment }: PlacementId): PlacementId {
  return { service, environment };
}
