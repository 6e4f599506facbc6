// The object that a link looks at: there, half-deleted, not there, or not there yet.
import type { Diagnosis, Fault, FaultCode, FaultPlace, Steps } from '../../model/fault';
import type { FluxKind, ObjectReference } from '../../model/flux';
import type { DeclaredObject } from '../../model/manifest';
import { optional } from '../../model/optional';
import type { Reading } from '../../model/reading';
import { type ObjectState, stateOfFlux } from '../objectState';
import {
  type DiagnosisInput,
  declaredIn,
  deletingFault,
  diagnose,
  failedFault,
  nameOf,
  placeOf,
  refer,
  unknownFor,
} from './diagnosis';
import { unlessOnItsWay } from './onItsWay';
import { historyStep, listStep } from './steps';

export interface MissingObject {
  readonly code: FaultCode;
  readonly kind: FluxKind['kind'];
  readonly reference?: ObjectReference | undefined;
  readonly declared?: DeclaredObject | undefined;
  /** Of what refers to it, where Git does not declare it. */
  readonly place?: FaultPlace | undefined;
  /** Others that may have been meant. */
  readonly others?: readonly string[];
}

/** Diagnoses the object where there is one; a missing or half-deleted one is a fault of its own. */
export function withObject<T extends FluxKind>(
  reading: Reading<T | undefined>,
  missing: MissingObject,
  input: DiagnosisInput,
  derive: (object: T, state: ObjectState) => Diagnosis,
): Diagnosis {
  // What was so before the source fell silent is no verdict about now.
  if (reading.state !== 'known') return unknownFor(reading.problem);
  const object = reading.value;
  if (object === undefined) return diagnose(faultOfMissing(input, missing));
  const deleting = deletingFault(object);
  // Where Git has it no more it goes, and the clone has not seen that yet.
  if (deleting !== undefined)
    return diagnose(unlessOnItsWay(input, deleting, declaredIn(input.content, refer(object))));
  return derive(object, stateOfFlux(object));
}

function faultOfMissing(input: DiagnosisInput, missing: MissingObject): Fault {
  const { service, environment } = input.placement;
  const { code, kind, place, others = [] } = missing;
  const declared = missing.declared ?? (missing.reference && declaredIn(input.content, missing.reference));
  const reference = missing.reference ?? (declared && refer(declared.object));
  const text =
    reference === undefined
      ? `no ${kind} for ${service} in ${environment} exists in the cluster`
      : `${nameOf(reference)} does not exist in the cluster`;
  const remedy =
    declared !== undefined
      ? `Git declares it in ${declared.file}: see why its Kustomization has not applied it.`
      : reference === undefined
        ? `Declare an ${kind} in Git, or mend the name that refers to it.`
        : others.length === 0
          ? `Declare ${nameOf(reference)} in Git, or mend the name that refers to it.`
          : `Let the marker name ${others.join(' or ')}, as Git declares it for this image; or declare ${nameOf(reference)}.`;
  const where = declared === undefined ? optional('place', place) : placeOf(declared);
  const steps: Steps = [listStep(kind), ...(where.place === undefined ? [] : [historyStep(where.place.file)])];
  const fault = failedFault(code, text, { ...optional('object', reference), ...where, steps, remedy });
  return unlessOnItsWay(input, fault, declared);
}
