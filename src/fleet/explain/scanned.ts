// scanned: image-reflector-controller has read the tags. Reasons: its api/v1/condition_types.go and imagerepository_controller.go.
import type { Diagnosis, Steps } from '../../model/fault';
import type { ImageRepository } from '../../model/flux';
import { canonicalImage } from '../../model/image';
import {
  type DiagnosisInput,
  diagnose,
  doneAt,
  failedFault,
  failingCondition,
  missingObject,
  ofObject,
  pending,
  placeOf,
  refer,
  type Trouble,
} from './diagnosis';
import { reconcileStep } from './steps';
import { suspendedFault } from './suspended';
import { withObject } from './withObject';

export function diagnoseScanned(input: DiagnosisInput): Diagnosis {
  const { live, placement } = input;
  const declared = placement.imageRepository;
  const missing = { code: 'repository-missing', kind: 'ImageRepository', declared } as const;
  return withObject(live.imageRepository, missing, input, (repository, state) => {
    const common = { ...ofObject(repository), ...placeOf(declared) };
    if (state.state === 'failed') {
      const { code, remedy, step } = scanTrouble(repository);
      const steps: Steps = step === undefined ? common.steps : [step, ...common.steps];
      return diagnose(failedFault(code, state.reason, { ...common, steps, since: state.since, remedy }));
    }
    if (state.state === 'suspended') {
      const effect = 'New tags are not seen before.';
      const suspension = { code: 'scan-suspended', text: 'scans are suspended', effect } as const;
      return diagnose(suspendedFault(repository, declared, suspension));
    }
    if (canonicalImage(repository.image) !== canonicalImage(placement.image)) {
      const text = `the ImageRepository scans ${repository.image}, the workload runs ${placement.image}`;
      const remedy = 'Let both name one image: its tags are looked for in another repository.';
      return diagnose(failedFault('repository-other-image', text, { ...common, remedy }));
    }
    if (state.state === 'progressing') return pending('scan-pending', repository, state, repository.intervalMs);
    return doneAt(repository.lastScan?.at);
  });
}

/**
 * Time alone tells that nobody scans any more: a scan is due every interval, and its controller was heard of.
 * Three intervals and a minute are no lateness of a busy controller.
 */
export function diagnoseStaleScan(repository: ImageRepository | undefined, now: number): Diagnosis | undefined {
  const at = repository?.lastScan?.at;
  if (repository === undefined || at === undefined || repository.isSuspended || failingCondition(repository))
    return undefined;
  if (now - at <= 3 * repository.intervalMs + 60_000) return undefined;
  const text = `the last scan is older than three intervals`;
  const evidence = [
    {
      of: `ImageRepository ${repository.meta.namespace}/${repository.meta.name}, lastScanResult`,
      text: `${repository.lastScan?.tagCount ?? 0} tags`,
      at,
    },
  ];
  const reference = refer(repository);
  return diagnose(
    failedFault('scan-stale', text, {
      ...ofObject(repository),
      evidence,
      since: at,
      steps: [reconcileStep(reference), controllerStep],
      remedy: { text: 'See whether image-reflector-controller runs, and ask it to scan now.', command: 'reconcileNow' },
    }),
  );
}

const controllerStep = {
  what: 'See whether the controller runs',
  command: 'kubectl -n flux-system get deployment image-reflector-controller',
};

/**
 * The reason tells little: most failures of the registry have one. Its own error code stands in the message (OCI distribution
 * spec, "Error Codes"), and there is no other place for it.
 */
function scanTrouble(repository: ImageRepository): Trouble {
  const { reason = '', message = '' } = failingCondition(repository) ?? {};
  const absent = missingObject(message, repository.meta.namespace);
  if (absent !== undefined) return { code: 'scan-unauthorized', ...absent };
  if (reason === 'ImageURLInvalid') {
    return {
      code: 'scan-url',
      remedy: 'Write `spec.image` as a name alone, in lower case: no scheme before it, no tag behind it.',
    };
  }
  if (/failed to compile regex/.test(message)) {
    return { code: 'scan-pattern', remedy: 'Mend the pattern in `spec.exclusionList`.' };
  }
  if (/TOOMANYREQUESTS|\b429\b/.test(message)) {
    return { code: 'scan-rate-limited', remedy: 'The registry asks to wait. Log in to it, or scan less often.' };
  }
  if (/x509|tls:|certificate|HTTP response to HTTPS client/i.test(message)) {
    return {
      code: 'scan-tls',
      remedy: 'Give its authority in `spec.certSecretRef`, or set `spec.insecure` for plain HTTP.',
    };
  }
  if (reason === 'AuthenticationFailed' || /UNAUTHORIZED|DENIED|\b40[13]\b/.test(message)) {
    return {
      code: 'scan-unauthorized',
      remedy: 'Renew the credentials in `spec.secretRef`: the registry does not let Flux read.',
    };
  }
  if (/no such host/.test(message)) {
    return {
      code: 'scan-url',
      remedy: `The cluster knows no host of that name: mend it in \`spec.image\` (${repository.image}), or the cluster's DNS.`,
    };
  }
  if (/invalid AWS registry/.test(message)) {
    return {
      code: 'scan-unauthorized',
      remedy: 'Take `spec.provider` out: the image is in no registry of that cloud.',
    };
  }
  if (/NAME_UNKNOWN|NAME_INVALID|\b404\b|could not parse reference/.test(message)) {
    return { code: 'scan-url', remedy: `Mend \`spec.image\`: ${repository.image} does not exist there.` };
  }
  return { code: 'scan-failed', remedy: 'See whether the registry answers from the cluster; Flux goes on trying.' };
}
