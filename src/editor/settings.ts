// The settings, read in one place, checked, and handed down as values. What could run a program or reach a host counts
// only in a trusted workspace: the manifest lists those under `restrictedConfigurations`.
import * as vscode from 'vscode';
import { asObject } from '../base/json';
import type { Severities } from '../checks/checkFile';
import { rules } from '../checks/rules';
import { ProblemError } from '../model/problem';
import {
  type EnvironmentSetting,
  type ForgeKind,
  type ForgeSetting,
  forgeKindOf,
  type ServiceSetting,
  type Settings,
} from '../model/settings';

export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration('fluxPromote');
  const kubeconfig = configuration.get<unknown>('kubeconfig');
  const fluxVersion = configuration.get<unknown>('fluxVersion');
  return Object.freeze({
    environments: listOf(configuration.get<unknown>('environments'), readEnvironment),
    services: listOf(configuration.get<unknown>('services'), readService),
    forges: listOf(configuration.get<unknown>('forges'), readForge),
    ...(isText(kubeconfig) ? { kubeconfig } : {}),
    fluxVersion: isText(fluxVersion) ? fluxVersion : '2.9',
  });
}

/** Throws `read-only`. A repository's settings cannot take back what the user's own say. */
export function assertWritable(): void {
  const levels = vscode.workspace.getConfiguration('fluxPromote').inspect<unknown>('readOnly');
  if (levels?.globalValue !== true && levels?.workspaceValue !== true) return;
  throw new ProblemError({
    code: 'read-only',
    message: 'Nothing is written, for fluxPromote.readOnly is on. Turn it off in the settings to go on.',
  });
}

/** What the user wants rules to weigh; what names no rule or no level counts for nothing. */
export function readSeverities(): Severities {
  const chosen = asObject(vscode.workspace.getConfiguration('fluxPromote').get<unknown>('rules')) ?? {};
  return Object.freeze(
    Object.fromEntries(
      rules.flatMap(({ id }) => {
        const level = levels.find((one) => one === chosen[id]);
        return level === undefined ? [] : [[id, level]];
      }),
    ),
  );
}

const levels = ['error', 'warning', 'information', 'hint', 'off'] as const;

type Entry = Readonly<Record<string, unknown>>;

function listOf<T>(value: unknown, read: (entry: Entry) => T | undefined): readonly T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const fields = asObject(entry);
    const item = fields === undefined ? undefined : read(fields);
    return item === undefined ? [] : [item];
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

function readEnvironment(entry: Entry): EnvironmentSetting | undefined {
  if (!isText(entry['name'])) return undefined;
  return {
    name: entry['name'],
    namespaces: texts(entry['namespaces']),
    paths: texts(entry['paths']),
    kustomizations: texts(entry['kustomizations']),
    isProtected: entry['protected'] === true,
    ...(isText(entry['context']) ? { context: entry['context'] } : {}),
  };
}

function readService(entry: Entry): ServiceSetting | undefined {
  if (!isText(entry['image'])) return undefined;
  const inputs = typeof entry['inputs'] === 'object' && entry['inputs'] !== null ? Object.entries(entry['inputs']) : [];
  return {
    image: entry['image'],
    inputs: Object.fromEntries(inputs.filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
    ...(isText(entry['owner']) ? { owner: entry['owner'] } : {}),
    ...(isText(entry['repository']) ? { repository: entry['repository'] } : {}),
    ...(isText(entry['workflow']) ? { workflow: entry['workflow'] } : {}),
  };
}

const kinds: readonly ForgeKind[] = ['github', 'github-enterprise', 'gitea', 'forgejo', 'gitlab'];

function readForge(entry: Entry): ForgeSetting | undefined {
  const api = entry['api'];
  return isText(api) && URL.canParse(api) && /^https?:$/.test(new URL(api).protocol)
    ? { api, kind: kinds.find((one) => one === entry['kind']) ?? forgeKindOf(api) }
    : undefined;
}
