import type { Stage } from './stage';

/** Something that happens to one service in one environment, played in both worlds and compared between them. */
export interface Scenario {
  /** Of its recording. */
  readonly name: string;
  /** What it shows, as a sentence. */
  readonly title: string;
  /** In the registry from the beginning; the first one stands in Git. The oldest and the next one unless told. */
  readonly tags?: readonly string[];
  readonly files?: (files: Record<string, string>) => Record<string, string>;
  readonly play: (stage: Stage) => Promise<void>;
}
