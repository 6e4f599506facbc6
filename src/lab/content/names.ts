// Who and what the practice lab is about.

export const owner = 'acme';
export const services = ['backend', 'frontend'] as const;
export const environments = ['develop', 'staging', 'production'] as const;

export type Service = (typeof services)[number];
export type Environment = (typeof environments)[number];

export interface Person {
  readonly name: string;
  readonly email: string;
}

export const fluxBot: Person = { name: 'fluxcdbot', email: 'fluxcdbot@users.noreply.github.com' };
export const workflowBot: Person = {
  name: 'github-actions[bot]',
  email: '41898282+github-actions[bot]@users.noreply.github.com',
};
/** Who works in the workspace clone. */
export const labUser: Person = { name: 'Lab User', email: 'lab.user@example.invalid' };

export const people: readonly Person[] = [
  { name: 'Ada Brandt', email: 'ada.brandt@example.invalid' },
  { name: 'Jonas Weil', email: 'jonas.weil@example.invalid' },
  { name: 'Mira Okafor', email: 'mira.okafor@example.invalid' },
];
