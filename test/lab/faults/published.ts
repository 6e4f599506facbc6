// requested, built, published: from the promotion run to the tag in the registry.
import { tag2 } from './plot';
import type { FaultRow } from './row';
import { forgeWith } from './runs';

export const publishedFaults: readonly FaultRow[] = [
  {
    name: 'no run',
    link: 'requested',
    code: 'run-missing',
    part: 'run',
    ask: () => ({ wanted: tag2, forge: forgeWith() }),
  },
  {
    name: 'run failed at a step',
    link: 'built',
    code: 'run-failed',
    part: 'run',
    ask: () => ({ forge: forgeWith('failed') }),
  },
  {
    name: 'run cancelled',
    link: 'built',
    code: 'run-cancelled',
    part: 'run',
    ask: () => ({ forge: forgeWith('cancelled') }),
  },
  {
    name: 'run waiting for approval',
    link: 'built',
    code: 'run-waiting',
    part: 'run',
    ask: () => ({ forge: forgeWith('waiting') }),
  },
  {
    name: 'run under way',
    link: 'built',
    code: 'run-going',
    part: 'run',
    ask: () => ({ forge: forgeWith('running') }),
  },
  {
    name: 'tag newer than what was read of the registry',
    link: 'published',
    code: 'registry-behind',
    part: 'images',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.pushTag(tag2);
      await plot.nudge('ImageRepository');
      await plot.until('has it written', ({ tags }) => tags.written === tag2, { registry: 'as it was read' });
    },
    ask: () => ({ registry: 'as it was read' }),
  },
  { name: 'tag absent', link: 'published', code: 'tag-missing', part: 'run', ask: () => ({ wanted: tag2 }) },
  {
    name: 'tag in another case, behind its image',
    link: 'published',
    code: 'tag-missing',
    part: 'run',
    inject: (plot) => plot.pushTag(tag2),
    ask: ({ draft }) => ({ wanted: ` ${draft.image}:${tag2.toUpperCase()}` }),
  },
  {
    name: 'tag in another repository',
    link: 'published',
    code: 'tag-elsewhere',
    part: 'run',
    inject: (plot) => plot.pushTag(tag2, `${plot.draft.image}-elsewhere`),
    ask: (plot) => ({ wanted: tag2, images: [`${plot.draft.image}-elsewhere`] }),
  },
];
