// written: the automation has put the selected tag into Git. Reasons: image-automation-controller's api/v1/condition_types.go.
import { findDeadMarkers } from '../../manifests/deadMarkers';
import { formatRequirement } from '../../manifests/labelRequirements';
import type { Diagnosis, Fault, Steps } from '../../model/fault';
import type { ImageUpdateAutomation } from '../../model/flux';
import type { MarkerPart } from '../../model/manifest';
import { optional } from '../../model/optional';
import { problemOf, valueOf } from '../../model/reading';
import { isBelow, keyOf, writesMarker } from '../placements';
import { diagnoseAutomation } from './automation';
import {
  type DiagnosisInput,
  deletingFault,
  diagnose,
  doneAt,
  failedFault,
  nameOf,
  placeOf,
  refer,
  unknownFor,
} from './diagnosis';
import { unlessOnItsWay } from './onItsWay';
import { describeStep, historyStep, listStep } from './steps';

export function diagnoseWritten(input: DiagnosisInput): Diagnosis {
  const { live, placement, selected, written, writtenAt } = input;
  const deleting = live.automation.state === 'known' ? live.automation.value : undefined;
  const going = deleting && deletingFault(deleting);
  if (going !== undefined) return diagnose(unlessOnItsWay(input, going, placement.automation));
  const wrong = wrongPart(input);
  if (wrong !== undefined) return diagnose(wrong);
  const chosen = valueOf(selected)?.tag;
  const silent = problemOf(selected) ?? problemOf(written);
  if (silent !== undefined) return unknownFor(silent);
  if (chosen !== undefined && chosen === valueOf(written)?.tag) return doneAt(writtenAt);
  if (placement.marker === undefined) return diagnose(withoutMarker(input));
  if (live.automations.state !== 'known') return unknownFor(live.automations.problem);
  const writer = live.automations.value.find((one) => writes(input, one));
  if (writer === undefined) {
    const fault = withoutWriter(input, live.automations.value);
    return diagnose(unlessOnItsWay(input, fault, placement.automation));
  }
  return diagnoseAutomation(input, writer);
}

/** What the fields of an overlay's `images` and a container's `image` take, and the setter's suffix for it. */
const partOfField: Readonly<Record<string, MarkerPart>> = { newTag: 'tag', newName: 'name', image: 'image' };

/** Flux writes what the suffix says into whatever field stands there. */
function wrongPart({ placement: { marker, origin } }: DiagnosisInput): Fault | undefined {
  const part = origin && partOfField[origin.field];
  if (marker === undefined || part === undefined || part === marker.part) return undefined;
  const { file, line, namespace, policy } = marker;
  const suffix = part === 'image' ? '' : `:${part}`;
  const what = marker.part === 'image' ? 'a whole image' : `the ${marker.part} alone`;
  return failedFault('marker-wrong-part', `the marker in ${file} has Flux write ${what} into \`${origin?.field}\``, {
    place: { file, line },
    evidence: [{ of: `${file}:${line}`, text: `${marker.value} # ${marker.setter}` }],
    steps: [historyStep(file)],
    remedy: `Let the marker say ${namespace}:${policy}${suffix}, and write the tag back as it was.`,
  });
}

function writes({ placement, live }: DiagnosisInput, automation: ImageUpdateAutomation): boolean {
  const policy = valueOf(live.policy) ?? placement.policy?.object;
  return placement.marker !== undefined && writesMarker(automation, placement.marker, policy);
}

/** The line has a policy, and no marker that the controller would find. */
function withoutMarker({ placement, content }: DiagnosisInput): Fault {
  const file = placement.origin?.file ?? '';
  const text = valueOf(content)?.files.get(file);
  const dead = text === undefined ? undefined : findDeadMarkers(file, text)[0];
  const place = { file, ...optional('line', dead?.line ?? placement.origin?.line) };
  const steps: Steps = [historyStep(file)];
  if (dead === undefined) {
    return failedFault('marker-lost', `the tag in ${file} has no marker, so nothing writes it`, {
      place,
      steps,
      remedy: { text: 'Put the marker back behind the tag.', command: 'resume' },
    });
  }
  const evidence = [{ of: `${file}:${dead.line}`, text: dead.text }];
  const isRead = dead.because === 'malformed' || dead.because === 'setter';
  return isRead
    ? failedFault('marker-malformed', `the marker in ${file} is not one that Flux reads`, {
        place,
        evidence,
        steps,
        remedy: 'Write it as `# {"$imagepolicy": "namespace:policy:tag"}`: one JSON object with double quotes.',
      })
    : failedFault('marker-dead', `the marker in ${file} stands where Flux does not look`, {
        place,
        evidence,
        steps,
        remedy: 'Put it behind the value on the same line; the Problems view says why it is dead where it stands.',
      });
}

/** No automation in the cluster writes the marker: none there, in another namespace, beside the file, or not for the policy. */
function withoutWriter({ placement, live }: DiagnosisInput, all: readonly ImageUpdateAutomation[]): Fault {
  const { marker, policy: declared } = placement;
  const file = marker?.file ?? '';
  const line = { place: { file, ...optional('line', marker?.line) } };
  const here = all.filter(({ meta }) => meta.namespace === marker?.namespace);
  const covering = here.find(({ updatePath }) => isBelow(file, updatePath));
  if (covering !== undefined) {
    const wanted = (covering.policySelector ?? []).map(formatRequirement);
    const labels = Object.entries((valueOf(live.policy) ?? declared?.object)?.meta.labels ?? {});
    return failedFault('automation-selector', `${nameOf(refer(covering))} does not select the policy`, {
      object: refer(covering),
      ...placeOf(declared),
      evidence: [
        { of: `${nameOf(refer(covering))}, policySelector`, text: wanted.join(', ') },
        { of: 'Labels of the policy', text: labels.map(([key, value]) => `${key}=${value}`).join(', ') || 'none' },
      ],
      steps: [describeStep(refer(covering)), listStep('ImagePolicy')],
      remedy: `Give the policy labels that the selector takes (${wanted.join(', ')}), or widen the selector.`,
    });
  }
  const [beside] = here;
  if (beside !== undefined) {
    return failedFault('automation-path', `${nameOf(refer(beside))} does not cover ${file}`, {
      object: refer(beside),
      ...line,
      evidence: here.map((one) => ({ of: `${nameOf(refer(one))}, update.path`, text: `./${one.updatePath}` })),
      remedy: `Let its \`spec.update.path\` hold ${file}.`,
      steps: [historyStep(file)],
    });
  }
  const source = valueOf(live.kustomization)?.sourceRef;
  const elsewhere = all.find(
    ({ updatePath, sourceRef }) =>
      isBelow(file, updatePath) && (source === undefined || keyOf(sourceRef) === keyOf(source)),
  );
  if (elsewhere !== undefined) {
    const text = `${nameOf(refer(elsewhere))} covers ${file}, and writes only policies of its own namespace`;
    const remedy = `Put an ImageUpdateAutomation into namespace ${marker?.namespace ?? ''}, beside the policy.`;
    return failedFault('automation-namespace', text, {
      object: refer(elsewhere),
      ...line,
      steps: [describeStep(refer(elsewhere))],
      remedy,
    });
  }
  const text = `no ImageUpdateAutomation for ${placement.service} in ${placement.environment} exists in the cluster`;
  const steps: Steps = [listStep('ImageUpdateAutomation')];
  const remedy = `Declare an ImageUpdateAutomation in namespace ${marker?.namespace ?? ''} whose path holds ${file}.`;
  return failedFault('automation-missing', text, { ...line, remedy, steps });
}
