import type { components } from '@octokit/openapi-types';

/** GitHub's own description of its answers. */
export type Schemas = components['schemas'];

/** GitHub writes times in full seconds. */
export function formatTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
