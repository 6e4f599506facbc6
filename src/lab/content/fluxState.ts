import type { Environment, Service } from './names';

/** What people have added to the GitOps repository so far; each one shows in its files. */
export type Feature =
  | 'sync'
  | 'namespaces'
  | 'image-repositories'
  | 'backend-base'
  | 'backend'
  | 'frontend-base'
  | 'frontend'
  | 'apps'
  | 'shared-automation'
  | 'backend-resources'
  | 'backend-probe'
  | 'frontend-probe'
  | 'automation-per-service'
  | 'ordinary-user'
  | 'environment-labels'
  | 'short-intervals'
  | 'frontend-resources'
  | 'readme-drill';

/** What the repository says at one commit. */
export interface FluxState {
  readonly features: ReadonlySet<Feature>;
  /** What is written in each overlay, by `placementKey`. */
  readonly tags: ReadonlyMap<string, string>;
}

/** Where the lab listens; it stands in image names and in the remote's address. */
export interface LabAddresses {
  /** `127.0.0.1:PORT` */
  readonly registryHost: string;
  /** `http://127.0.0.1:PORT` */
  readonly gitUrl: string;
}

export function placementKey(service: Service, environment: Environment): string {
  return `${service}/${environment}`;
}

/** Two layouts in one repository, as teams have them. */
export function overlayFolder(service: Service, environment: Environment): string {
  return service === 'backend' ? `flux/apps/backend/${environment}` : `flux/apps/frontend/overlays/${environment}`;
}
