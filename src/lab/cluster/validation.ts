// What the API server refuses. Only what the schemas refuse: a bad pattern or range is the controllers' to report.
// Sources: Flux's CRDs (v1, Flux 2.9), Kubernetes' pkg/apis/apps/validation.
import { isEqual, isList, isObject, type Json, listAt, objectAt, textAt, valueAt } from './json';
import type { KubeObject } from './object';
import type { StatusCause } from './status';

type Rule =
  | { readonly path: string; readonly needs: 'value' }
  | { readonly path: string; readonly needs: 'one of'; readonly values: readonly string[] }
  | { readonly path: string; readonly needs: 'pattern'; readonly pattern: RegExp };

const duration = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/;
const shortDuration = /^([0-9]+(\.[0-9]+)?(ms|s|m))+$/;
const required = (...paths: readonly string[]): readonly Rule[] => paths.map((path) => ({ path, needs: 'value' }));
const interval: Rule = { path: 'spec.interval', needs: 'pattern', pattern: duration };
const timeout: Rule = { path: 'spec.timeout', needs: 'pattern', pattern: shortDuration };
const order = (path: string): Rule => ({ path, needs: 'one of', values: ['asc', 'desc'] });

const rules: Readonly<Record<string, readonly Rule[]>> = {
  GitRepository: [
    ...required('spec.url', 'spec.interval'),
    { path: 'spec.url', needs: 'pattern', pattern: /^(http|https|ssh):\/\/.*$/ },
    interval,
    timeout,
  ],
  Kustomization: [
    ...required('spec.interval', 'spec.prune', 'spec.sourceRef', 'spec.sourceRef.kind', 'spec.sourceRef.name'),
    {
      path: 'spec.sourceRef.kind',
      needs: 'one of',
      values: ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'],
    },
    interval,
    { path: 'spec.retryInterval', needs: 'pattern', pattern: duration },
    { ...timeout, pattern: duration },
  ],
  ImageRepository: [
    ...required('spec.image', 'spec.interval'),
    interval,
    timeout,
    { path: 'spec.provider', needs: 'one of', values: ['generic', 'aws', 'azure', 'gcp'] },
  ],
  ImagePolicy: [
    ...required('spec.imageRepositoryRef', 'spec.imageRepositoryRef.name', 'spec.policy'),
    order('spec.policy.alphabetical.order'),
    order('spec.policy.numerical.order'),
    { path: 'spec.digestReflectionPolicy', needs: 'one of', values: ['Always', 'IfNotPresent', 'Never'] },
    interval,
  ],
  ImageUpdateAutomation: [
    ...required('spec.interval', 'spec.sourceRef', 'spec.sourceRef.name'),
    { path: 'spec.sourceRef.kind', needs: 'one of', values: ['GitRepository'] },
    { path: 'spec.update.strategy', needs: 'one of', values: ['Setters'] },
    interval,
  ],
  Deployment: required('spec.selector', 'spec.template.spec.containers'),
  ReplicaSet: required('spec.selector', 'spec.template.spec.containers'),
  Pod: required('spec.containers'),
};

/** A part that is missing is said once, not again for each field that it needs. */
function concerns(object: KubeObject, { path }: Rule): boolean {
  const parent = path.split('.').slice(0, -1);
  return parent.length < 2 || valueAt(object, ...parent) !== undefined;
}

function judge(rule: Rule, value: Json | undefined): StatusCause | undefined {
  const field = rule.path;
  if (rule.needs === 'value') {
    const isMissing = value === undefined || (isList(value) && value.length === 0);
    return isMissing ? { reason: 'FieldValueRequired', message: 'Required value', field } : undefined;
  }
  if (value === undefined) return undefined;
  if (rule.needs === 'one of') {
    if (typeof value === 'string' && rule.values.includes(value)) return undefined;
    const known = rule.values.map((text) => `"${text}"`).join(', ');
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${known}`;
    return { reason: 'FieldValueNotSupported', message, field };
  }
  if (typeof value === 'string' && rule.pattern.test(value)) return undefined;
  const why = `${field} in body should match '${rule.pattern.source}'`;
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field };
}

const nameForm = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

export function causesAgainst(object: KubeObject): readonly StatusCause[] {
  const causes = (rules[object.kind] ?? [])
    .filter((rule) => concerns(object, rule))
    .map((rule) => judge(rule, valueAt(object, ...rule.path.split('.'))))
    .filter((cause) => cause !== undefined);
  const { name } = object.metadata;
  if (!nameForm.test(name) || name.length > 253) {
    const message = `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'metadata.name' });
  }
  return [...causes, ...policyCauses(object), ...workloadCauses(object)];
}

/** The two rules that ImagePolicy's CRD states as CEL. */
function policyCauses(object: KubeObject): readonly StatusCause[] {
  if (object.kind !== 'ImagePolicy') return [];
  const isAlways = valueAt(object, 'spec', 'digestReflectionPolicy') === 'Always';
  const hasInterval = valueAt(object, 'spec', 'interval') !== undefined;
  if (isAlways === hasInterval) return [];
  const message = isAlways
    ? 'Invalid value: "object": spec.interval must be set when spec.digestReflectionPolicy is set to \'Always\''
    : 'Invalid value: "object": spec.interval is only accepted when spec.digestReflectionPolicy is set to \'Always\'';
  return [{ reason: 'FieldValueInvalid', message, field: 'spec' }];
}

function workloadCauses(object: KubeObject): readonly StatusCause[] {
  if (object.kind !== 'Deployment' && object.kind !== 'ReplicaSet') return [];
  const causes: StatusCause[] = [];
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  const wanted = Object.entries(objectAt(object, 'spec', 'selector', 'matchLabels'));
  if (wanted.some(([key, value]) => !isEqual(labels[key], value))) {
    const message = `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.template.metadata.labels' });
  }
  const replicas = valueAt(object, 'spec', 'replicas');
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.replicas' });
  }
  for (const [index, container] of listAt(object, 'spec', 'template', 'spec', 'containers').entries()) {
    for (const field of ['name', 'image']) {
      if (isObject(container) && textAt(container, field)) continue;
      const path = `spec.template.spec.containers[${index}].${field}`;
      causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: path });
    }
  }
  return causes;
}
