// What all links' diagnoses share: what they look at, and how a fault is put together.
import type { RegistryImage, RepositoryContent, TagChange, WorkflowRun } from '../../model/facts';
import type { Diagnosis, Evidence, Fault, FaultCode, FaultPlace, Remedy, Step, Steps } from '../../model/fault';
import type { LinkName } from '../../model/fleet';
import type { Condition, FluxKind, Meta, ObjectReference } from '../../model/flux';
import type { ImageTag } from '../../model/image';
import type { DeclaredObject, RepositoryManifests } from '../../model/manifest';
import { optional } from '../../model/optional';
import type { Problem } from '../../model/problem';
import { type Reading, valueOf } from '../../model/reading';
import type { SelectionError } from '../../policy/select';
import type { Stray } from '../drift';
import type { LiveObjects } from '../liveObjects';
import type { ObjectState } from '../objectState';
import type { DeclaredPlacement } from '../placements';
import { describeStep, listNamedStep } from './steps';

/** What a reason of Flux's stands for, and what to do about it. */
export interface Trouble {
  readonly code: FaultCode;
  /** In plain words, where Flux's own are for those who wrote it; they stand as evidence. */
  readonly text?: string;
  readonly remedy: string;
  /** Before those that every object has. */
  readonly step?: Step;
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
  /** What Git's policy would select, where the cluster's is another one and fails. */
  readonly mended?: string;
  readonly written: Reading<ImageTag | undefined>;
  /** When the written tag came to the branch. */
  readonly writtenAt?: number;
  /** Changes of the written tag, newest first. */
  readonly history: readonly TagChange[];
  /** The run of a promotion workflow into this environment that is in flight, or ended after the last write-back. */
  readonly run?: WorkflowRun;
  /** The workload runs another image than the applied revision says. */
  readonly stray?: Stray;
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

const declaredObjects = new WeakMap<RepositoryManifests, ReadonlyMap<string, DeclaredObject>>();

/** The object as a file has it: asked for every placement, and of the same files. */
export function declaredIn(
  content: Reading<RepositoryContent>,
  reference: ObjectReference,
): DeclaredObject | undefined {
  const manifests = valueOf(content)?.manifests;
  if (manifests === undefined) return undefined;
  const found =
    declaredObjects.get(manifests) ??
    // The first of a name counts.
    new Map(manifests.objects.toReversed().map((one) => [nameOf(refer(one.object)), one]));
  declaredObjects.set(manifests, found);
  return found.get(nameOf(reference));
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

/** `secrets "pull" not found`, `secret 'apps/pull' not found`: what Flux's message says that there is none of. */
export function missingObject(
  message: string,
  namespace: string,
): { readonly remedy: string; readonly step: Step } | undefined {
  const found = /\b(secret|serviceaccount|configmap)s? ["'](?:[^"'/]+\/)?([^"'/]+)["'] not found/.exec(message);
  const [, kind, name] = found ?? [];
  if (kind === undefined || name === undefined) return undefined;
  const words: Readonly<Record<string, string>> = { secret: 'Secret', serviceaccount: 'ServiceAccount' };
  // The automation's credentials are those of its source, which may lie in another namespace.
  const [, told] = /'([^'/\s]+)\/[^'/\s]+'/.exec(message) ?? [];
  const reference = { kind: words[kind] ?? 'ConfigMap', name, namespace: told ?? namespace };
  return {
    remedy: `Create ${nameOf(reference)}, or mend the name that refers to it: it does not exist.`,
    step: listNamedStep(reference),
  };
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
