import { asArray, asObject, asString, type JsonObject } from '../../base/json';
import { parseDocuments } from '../../manifests/documents';

export interface WorkflowInput {
  readonly name: string;
  readonly isRequired: boolean;
  readonly default: string | undefined;
  /** Of a `choice`; empty otherwise. */
  readonly options: readonly string[];
}

export interface WorkflowStep {
  readonly name: string;
  /** Exactly one of the two. */
  readonly uses: string | undefined;
  readonly run: string | undefined;
}

export interface WorkflowJob {
  readonly key: string;
  readonly name: string;
  /** The deployment environment. */
  readonly environment: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly WorkflowStep[];
}

export interface Workflow {
  readonly path: string;
  readonly name: string;
  readonly runName: string | undefined;
  /** Undefined: it cannot be dispatched. */
  readonly dispatchInputs: readonly WorkflowInput[] | undefined;
  /** Runs of one group wait for each other. */
  readonly concurrency: string | undefined;
  readonly jobs: readonly WorkflowJob[];
}

/** Undefined for a file that is no workflow. Source: GitHub's workflow syntax, as much of it as the lab's runner does. */
export function parseWorkflow(path: string, text: string): Workflow | undefined {
  const root = asObject(parseDocuments(path, text).documents[0]?.value);
  const jobs = asObject(root?.['jobs']);
  if (!root || !jobs) {
    return undefined;
  }
  const concurrency = root['concurrency'];
  return {
    path,
    name: asString(root['name']) ?? path,
    runName: asString(root['run-name']),
    dispatchInputs: parseDispatch(root['on']),
    concurrency: asString(concurrency) ?? asString(asObject(concurrency)?.['group']),
    jobs: Object.entries(jobs).map(([key, job]) => parseJob(key, asObject(job) ?? {})),
  };
}

function parseDispatch(on: unknown): readonly WorkflowInput[] | undefined {
  if (on === 'workflow_dispatch' || asArray(on).includes('workflow_dispatch')) {
    return [];
  }
  const events = asObject(on);
  if (!events || !('workflow_dispatch' in events)) {
    return undefined;
  }
  const inputs = asObject(asObject(events['workflow_dispatch'])?.['inputs']) ?? {};
  return Object.entries(inputs).map(([name, value]) => {
    const input = asObject(value) ?? {};
    const fallback = input['default'];
    return {
      name,
      isRequired: input['required'] === true,
      default: fallback === undefined || fallback === null ? undefined : formatScalar(fallback),
      options: input['type'] === 'choice' ? asArray(input['options']).map(formatScalar) : [],
    };
  });
}

function parseJob(key: string, job: JsonObject): WorkflowJob {
  const env = Object.entries(asObject(job['env']) ?? {}).map(([name, value]) => [name, formatScalar(value)] as const);
  return {
    key,
    name: asString(job['name']) ?? key,
    environment: asString(job['environment']) ?? asString(asObject(job['environment'])?.['name']),
    env: Object.fromEntries(env),
    steps: asArray(job['steps']).map((value) => {
      const step = asObject(value) ?? {};
      const uses = asString(step['uses']);
      const run = asString(step['run']);
      return { name: asString(step['name']) ?? `Run ${uses ?? run?.split('\n')[0] ?? ''}`, uses, run };
    }),
  };
}

function formatScalar(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
