import type { FaultCode } from '../../../src/model/fault';

/** What no delivery can be brought to and kept at, with the reason. `test/unit/fleet/explain*.test.ts` names each from facts. */
export const withoutRow: Partial<Record<FaultCode, string>> = {
  'run-fruitless': 'a minute after a run that nothing came of, with an environment before this one (promised.test.ts)',
  'apply-pending': 'passes while it is looked at',
  'scan-pending': 'passes while it is looked at',
  'rollout-going': 'passes, or becomes a fault of the pods, which are told instead',
  'rollout-failed': 'a deadline of minutes, and only where no pod says why',
  'status-missing': 'passes as soon as the controller has seen the object',
  'workload-behind': 'seen between the watches of two kinds, or where the clone does not know what the cluster applied',
  'policy-no-repository': 'an effect of the ImageRepository’s own fault, told where that may not be read',
  'policy-no-digest': 'a registry that fails between the scan and the digest of one tag',
  'source-unauthorized': 'the Git servers of both worlds ask nobody to log in',
  'automation-update': 'its path is checked by the API server, and its strategy has one value',
  'artifact-failed': 'an artifact that source-controller has stored and does not serve',
  'prune-failed': 'an API server that refuses a deletion outright',
  'automation-failed': 'stands for reasons of a Flux that is not released yet',
  'kustomization-failed': 'stands for reasons of a Flux that is not released yet',
  'policy-failed': 'stands for reasons of a Flux that is not released yet',
};
