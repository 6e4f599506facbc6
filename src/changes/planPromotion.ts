// A promotion asks a workflow of the service's repository for a new tag on the image that was tested. Never a rebuild.
import { findPromotionWorkflow } from '../fleet/promotionRuns';
import type { Facts, Workflow } from '../model/facts';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { problemOf, valueOf } from '../model/reading';
import { type ServiceSetting, settingOf } from '../model/settings';
import { type DispatchPlan, type Refusal, refuse } from './plan';
import type { Preflight } from './preflight';

export function planPromotion({ source, target, candidate, lines }: Preflight, facts: Facts): DispatchPlan | Refusal {
  const stop = lines.find((line) => line.verdict === 'failed');
  if (stop !== undefined) return refuse(stop.text, stop.remedy);
  const reading = facts.forges.get(canonicalImage(target.image));
  const forge = valueOf(reading);
  if (forge === undefined) {
    return refuse(
      `The repository that builds ${target.service} cannot be asked. ${problemOf(reading)?.message ?? 'It is not known.'}`,
      'Name it in the setting fluxPromote.services, or sign in to its forge.',
    );
  }
  const setting = settingOf(target.image, facts.settings.services);
  const workflow = findPromotionWorkflow(forge, target.environment, setting);
  if (workflow === undefined) {
    return refuse(
      `${forge.owner}/${forge.repository} has no workflow that promotes into ${target.environment} and can be started by hand.`,
      'Add a workflow named promote-<environment>.yml with workflow_dispatch, or name yours in fluxPromote.services.',
    );
  }
  const inputs = fillInputs(workflow, candidate.tag, setting);
  if ('missing' in inputs) {
    return refuse(
      `The workflow ${workflow.path} needs ${inputs.missing}, which has no value.`,
      'Give it one in fluxPromote.services, under inputs.',
    );
  }
  return {
    kind: 'dispatch',
    title: `Promote ${target.service} to ${target.environment}`,
    owner: forge.owner,
    repository: forge.repository,
    workflow: workflow.path.slice(workflow.path.lastIndexOf('/') + 1),
    ref: forge.defaultBranch,
    inputs: inputs.values,
    image: target.image,
    source: {
      service: source.service,
      environment: source.environment,
      tag: candidate.tag,
      ...optional('digest', candidate.digest),
    },
    target: { service: target.service, environment: target.environment, tag: candidate.targetTag },
    summary: [
      `${candidate.tag} becomes ${candidate.targetTag}: the same image under a new tag, no rebuild.`,
      `Runs ${workflow.path} of ${forge.owner}/${forge.repository} on ${forge.defaultBranch}.`,
      ...lines.filter((line) => line.verdict === 'unknown').map((line) => `Not known: ${line.text}`),
    ],
  };
}

type FilledInputs = { readonly values: Readonly<Record<string, string>> } | { readonly missing: string };

/** The source tag is always explicit: it goes into the input that asks for a tag or an image. */
function fillInputs(workflow: Workflow, tag: string, setting: ServiceSetting | undefined): FilledInputs {
  const open = workflow.inputs.filter(({ name, type }) => type === 'string' && setting?.inputs[name] === undefined);
  const tagInput = open.find(({ name }) => /tag/i.test(name)) ?? open.find(({ name }) => /image/i.test(name));
  if (tagInput === undefined) return { missing: 'an input for the source tag' };
  const values: Readonly<Record<string, string>> = { ...setting?.inputs, [tagInput.name]: tag };
  const missing = workflow.inputs.find(
    (input) => input.isRequired && values[input.name] === undefined && input.default === undefined,
  );
  return missing === undefined ? { values } : { missing: `the input "${missing.name}"` };
}
