// What all links' diagnoses share: what they look at, and how a fault is put together.
import type { RegistryImage, RepositoryContent, TagChange, WorkflowRun } from '../../model/facts';
import type { Diagnosis, Evidence, Fault, FaultCode, FaultPlace, Remedy, Steps } from '../../model/fault';
import type { LinkName } from '../../model/fleet';
import type { Condition, FluxKind, Meta, ObjectReference } from '../../model/flux';
import type { ImageTag } from '../../model/image';
import type { DeclaredObject, RepositoryManifests } from '../../model/manifest';
import { optional } from '../../model/optional';
import type { Problem } from '../../model/problem';
import { type Reading, valueOf } from '../../model/reading';
import type { SelectionError } from '../../policy/select';
import type { LiveObjects } from '../liveObjects';
import { type ObjectState, stateOfFlux } from '../objectState';
import type { DeclaredPlacement } from '../placements';
import { writerOf } from '../writerOf';
import { describeStep, historyStep, listStep, resumeStep } from './steps';

/** What a reason of Flux's stands for, and what to do about it. */
export interface Trouble {
  readonly code: FaultCode;
  /** In plain words, where Flux's own are for those who wrote it; they stand as evidence. */
  readonly text?: string;
  readonly remedy: string;
}

export interface DiagnosisInput {
  readonly placement: DeclaredPlacement;
  readonly live: LiveObjects;
  /** The branch of the clone that is read. */
  readonly branch: string;
  readonly content: Reading<RepositoryContent>;
  readonly registry: Reading<RegistryImage> | undefined;
  readonly selected: Reading<ImageTag | undefined>;
  /** Why Git's policy would select nothing; where the cluster cannot say what its own does. */
  readonly refused?: SelectionError;
  readonly written: Reading<ImageTag | undefined>;
  /** When the written tag came to the branch. */
  readonly writtenAt?: number;
  /** Changes of the written tag, newest first. */
  readonly history: readonly TagChange[];
  /** The run of a promotion workflow into this environment that is in flight, or ended after the last write-back. */
  readonly run?: WorkflowRun;
}

export interface LinkDiagnosis {
  readonly name: LinkName;
  readonly diagnosis: Diagnosis;
}

export const done: Diagnosis = { state: 'done' };

export function doneAt(at: number | undefined): Diagnosis {
  return { state: 'done', ...optional('at', at) };
}

export function unknownFor(problem: Problem): Diagnosis {
  return { state: 'unknown', problem };
}

/** What is known of a fault beside its code and its sentence. */
export interface Detail extends Partial<Omit<Fault, 'code' | 'verdict' | 'text' | 'remedy' | 'since' | 'steps'>> {
  readonly steps: Steps;
  readonly remedy: Remedy | string;
  readonly since?: number | undefined;
}

export function failedFault(code: FaultCode, text: string, detail: Detail): Fault {
  return makeFault(code, 'failed', text, detail);
}

export function waitingFault(code: FaultCode, text: string, detail: Detail): Fault {
  return makeFault(code, 'waiting', text, detail);
}

export function diagnose(fault: Fault): Diagnosis {
  return { state: 'faulty', faults: [fault] };
}

function makeFault(code: FaultCode, verdict: Fault['verdict'], text: string, detail: Detail): Fault {
  const { remedy, since, ...rest } = detail;
  return {
    code,
    verdict,
    // A sentence of somebody else's may have several lines, and end with its own full stop.
    text: text.trim().replace(/\s+/g, ' ').replace(/\.+$/, ''),
    evidence: [],
    ...rest,
    ...optional('since', since),
    remedy: typeof remedy === 'string' ? { text: remedy } : remedy,
  };
}

export function refer({ kind, meta }: { readonly kind: string; readonly meta: Meta }): ObjectReference {
  return { kind, name: meta.name, namespace: meta.namespace };
}

/** `ImagePolicy production/backend`. */
export function nameOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

export function placeOf(declared: DeclaredObject | undefined): { readonly place?: FaultPlace } {
  return optional('place', declared && { file: declared.file, line: declared.line });
}

interface Conditioned {
  readonly kind: string;
  readonly meta: Meta;
  readonly conditions: readonly Condition[];
}

/** Conditions as they stand, what is wrong first: Stalled tells the truth where Ready keeps an older text. */
export function conditionEvidence(object: Conditioned): readonly Evidence[] {
  const order = [
    'Stalled',
    'Ready',
    'FetchFailed',
    'Healthy',
    'Reconciling',
    'ReplicaFailure',
    'Progressing',
    'Available',
  ];
  return order.flatMap((type) => {
    const condition = object.conditions.find((one) => one.type === type);
    if (condition === undefined) return [];
    const { status, reason, message, since } = condition;
    const text = [reason, message].filter((part) => part !== '').join(': ');
    return [
      {
        of: `${nameOf(refer(object))}, ${type}=${status}`,
        text: text === '' ? 'no reason given' : text,
        ...optional('at', since),
      },
    ];
  });
}

/** The parts of a fault that every Flux object's gives: its conditions, and the command that shows more. */
export function ofObject(object: FluxKind): Pick<Fault, 'object' | 'evidence' | 'steps'> {
  const reference = refer(object);
  return { object: reference, evidence: conditionEvidence(object), steps: [describeStep(reference)] };
}

/** Stalled, else Ready where it is False: what its controller says is wrong. */
export function failingCondition({ conditions }: Conditioned): Condition | undefined {
  const stalled = conditions.find(({ type, status }) => type === 'Stalled' && status === 'True');
  return stalled ?? conditions.find(({ type, status }) => type === 'Ready' && status === 'False');
}

export interface MissingObject {
  readonly code: FaultCode;
  readonly kind: FluxKind['kind'];
  readonly reference?: ObjectReference | undefined;
  readonly declared?: DeclaredObject | undefined;
}

/** Diagnoses the object where there is one; a missing or half-deleted one is a fault of its own. */
export function withObject<T extends FluxKind>(
  reading: Reading<T | undefined>,
  missing: MissingObject,
  { service, environment }: DeclaredPlacement,
  derive: (object: T, state: ObjectState) => Diagnosis,
): Diagnosis {
  // What was so before the source fell silent is no verdict about now.
  if (reading.state !== 'known') return unknownFor(reading.problem);
  const object = reading.value;
  if (object === undefined) {
    const { code, kind, reference, declared } = missing;
    const text = `no ${kind} for ${service} in ${environment} exists in the cluster`;
    const remedy =
      declared === undefined
        ? `Declare ${reference === undefined ? `an ${kind}` : nameOf(reference)} in Git, or mend the name that refers to it.`
        : `Git declares it in ${declared.file}: see why its Kustomization has not applied it.`;
    const steps: Steps = [listStep(kind), ...(declared === undefined ? [] : [historyStep(declared.file)])];
    return diagnose(failedFault(code, text, { ...optional('object', reference), ...placeOf(declared), steps, remedy }));
  }
  const deleting = deletingFault(object);
  if (deleting !== undefined) return diagnose(deleting);
  return derive(object, stateOfFlux(object));
}

const declaredObjects = new WeakMap<RepositoryManifests, ReadonlyMap<string, DeclaredObject>>();

/** The same object as a file has it: asked for every placement, and of the same files. */
export function declaredIn(content: Reading<RepositoryContent>, object: FluxKind): DeclaredObject | undefined {
  const manifests = valueOf(content)?.manifests;
  if (manifests === undefined) return undefined;
  const found =
    declaredObjects.get(manifests) ??
    // The first of a name counts.
    new Map(manifests.objects.toReversed().map((one) => [nameOf(refer(one.object)), one]));
  declaredObjects.set(manifests, found);
  return found.get(nameOf(refer(object)));
}

/** Suspended by Git, where resuming it in the cluster does not last; or by somebody in the cluster, whom its field managers name. */
export function suspendedFault(
  code: FaultCode,
  text: string,
  object: FluxKind,
  content: Reading<RepositoryContent>,
): Fault {
  const common = ofObject(object);
  const declared = declaredIn(content, object);
  if (declared?.object.isSuspended === true) {
    return failedFault(code, `${text} by Git`, {
      ...common,
      ...placeOf(declared),
      steps: [historyStep(declared.file), ...common.steps],
      remedy: `Take \`suspend\` out of ${declared.file} when its reason is over: resumed in the cluster alone, the next run suspends it again.`,
    });
  }
  const writer = writerOf(object.meta, 'spec.suspend');
  const by =
    writer === undefined
      ? []
      : [{ of: 'Field manager of spec.suspend', text: writer.manager, ...optional('at', writer.at) }];
  return failedFault(code, text, {
    ...common,
    evidence: [...by, ...common.evidence],
    since: writer?.at,
    steps: [resumeStep(refer(object)), ...common.steps],
    remedy:
      'Nothing here in Git suspends it: somebody did it in the cluster. Resume it when its reason is over; nothing new arrives before.',
  });
}

/** Half-deleted: it works no more, and stays until all who have put a finalizer on it have cleaned up. */
export function deletingFault(object: Conditioned): Fault | undefined {
  const { deletion } = object.meta;
  if (deletion === undefined) return undefined;
  const { since, finalizers } = deletion;
  const reference = refer(object);
  const name = nameOf(reference);
  const kept = finalizers.length === 0 ? '' : `, and waits for ${finalizers.join(' and ')}`;
  return failedFault('object-deleting', `${name} is being deleted${kept}`, {
    object: reference,
    since,
    evidence: [
      { of: `${name}, finalizers`, text: finalizers.join(', ') || 'none', ...optional('at', since) },
      ...conditionEvidence(object),
    ],
    steps: [describeStep(reference)],
    remedy:
      finalizers.length === 0
        ? 'Wait until it is gone, and put it back by Git where it is still needed.'
        : 'See whether the controller runs that has to take its finalizer away, and put it back by Git where it is still needed.',
  });
}

/** For an object that its controller has still to look at, or looks at now. */
export function pending(
  code: FaultCode,
  object: FluxKind,
  state: Extract<ObjectState, { readonly state: 'progressing' }>,
  usualMs?: number,
): Diagnosis {
  const isNew = object.conditions.length === 0;
  const remedy = isNew
    ? 'Wait; when it stays so, see whether its controller runs.'
    : 'Wait: its controller is at work.';
  const fault = waitingFault(isNew ? 'status-missing' : code, state.reason, {
    ...ofObject(object),
    since: state.since,
    ...optional('usualMs', usualMs),
    remedy,
  });
  return diagnose(fault);
}
