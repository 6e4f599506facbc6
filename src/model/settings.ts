// The user's settings, checked and frozen, as values. Every field has its default here.

export interface EnvironmentSetting {
  readonly name: string;
  readonly namespaces: readonly string[];
  /** Globs over repository paths: `*` within a folder, `**` across folders. */
  readonly paths: readonly string[];
  /** Names of Flux Kustomizations. */
  readonly kustomizations: readonly string[];
  readonly context?: string;
  readonly isProtected: boolean;
}

export interface ServiceSetting {
  /** The image's name, or its last path segment. */
  readonly image: string;
  readonly owner?: string;
  readonly repository?: string;
  /** File name of the promotion workflow. */
  readonly workflow?: string;
  /** Values for inputs of the workflow, by name. */
  readonly inputs: Readonly<Record<string, string>>;
}

export type ForgeKind = 'github' | 'github-enterprise' | 'gitea' | 'forgejo' | 'gitlab';

export interface ForgeSetting {
  readonly api: string;
  readonly kind: ForgeKind;
}

/** By the version in the API's address, which each of them has for itself; Forgejo answers where Gitea does. */
export function forgeKindOf(api: string): ForgeKind {
  const [, version] = /\/api\/v(\d)\/*$/.exec(api) ?? [];
  if (version === '1') return 'gitea';
  if (version === '4') return 'gitlab';
  return version === '3' ? 'github-enterprise' : 'github';
}

export interface Settings {
  readonly environments: readonly EnvironmentSetting[];
  readonly services: readonly ServiceSetting[];
  readonly forges: readonly ForgeSetting[];
  readonly kubeconfig?: string;
  /** The Flux release that manifests are judged for, `2.9`. */
  readonly fluxVersion: string;
}

export const defaultSettings: Settings = { environments: [], services: [], forges: [], fluxVersion: '2.9' };

/** The setting for this image: by its name, or by the last segment of its path. */
export function settingOf(image: string, settings: readonly ServiceSetting[]): ServiceSetting | undefined {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return settings.find((setting) => setting.image === image) ?? settings.find((setting) => setting.image === last);
}
