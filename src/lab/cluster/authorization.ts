// Who may do what: an administrator everything, a viewer as Kubernetes' own ClusterRole `view` (so no Secrets).
// Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
import { type Json, type JsonObject, objectAt, textAt } from './json';
import { kinds } from './kinds';
import { failure } from './status';

export type User = 'admin' | 'viewer';

export interface Attributes {
  readonly verb: string;
  readonly group: string;
  /** Plural, with its subresource: `deployments/scale`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

type Rule = {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
};

const everyone: Rule = {
  verbs: ['create'],
  apiGroups: ['authorization.k8s.io'],
  resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
};

const visible = kinds.filter(({ kind }) => kind !== 'Secret');

const rules: Readonly<Record<User, readonly Rule[]>> = {
  admin: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, everyone],
  viewer: [
    ...[...new Set(visible.map(({ group }) => group))].map((group) => ({
      verbs: ['get', 'list', 'watch'],
      apiGroups: [group],
      resources: visible
        .filter((kind) => kind.group === group)
        .flatMap(({ plural, hasStatus, hasScale }) => [
          plural,
          ...(hasStatus ? [`${plural}/status`] : []),
          ...(hasScale ? [`${plural}/scale`] : []),
          ...(plural === 'pods' ? ['pods/log'] : []),
        ]),
    })),
    everyone,
  ],
};

export function isAllowed(user: User, { verb, group, resource }: Attributes): boolean {
  const includes = (list: readonly string[], item: string): boolean => list.includes('*') || list.includes(item);
  return rules[user].some(
    (rule) => includes(rule.verbs, verb) && includes(rule.apiGroups, group) && includes(rule.resources, resource),
  );
}

/** Throws a StatusError (403). */
export function authorize(user: User, attributes: Attributes): void {
  if (isAllowed(user, attributes)) return;
  const { verb, group, resource, namespace, name } = attributes;
  const subject = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` "${name}"`}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const why = `User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  throw failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    ...(name === undefined ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}

/** The answered SelfSubjectAccessReview. */
export function reviewAccess(user: User, review: Json | undefined): JsonObject {
  const asked = objectAt(review, 'spec', 'resourceAttributes');
  const subresource = textAt(asked, 'subresource') ?? '';
  const allowed = isAllowed(user, {
    verb: textAt(asked, 'verb') ?? '',
    group: textAt(asked, 'group') ?? '',
    resource: `${textAt(asked, 'resource') ?? ''}${subresource === '' ? '' : `/${subresource}`}`,
  });
  return { ...objectAt(review), status: { allowed, ...(allowed ? {} : { reason: 'no rule allows it' }) } };
}

/** The answered SelfSubjectRulesReview. */
export function reviewRules(user: User, review: Json | undefined): JsonObject {
  const status = { resourceRules: rules[user], nonResourceRules: [], incomplete: false };
  return { ...objectAt(review), status };
}
