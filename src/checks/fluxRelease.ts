import type { Tree } from '../manifests/tree';
import type { Settings } from '../model/settings';

export interface FluxMinors {
  /** Minor numbers of Flux 2, of every cluster that this repository installs Flux on. Never empty. */
  readonly minors: readonly number[];
  /** Whether the repository itself says so, in a `gotk-components.yaml`; else it is the setting. */
  readonly isDeclared: boolean;
}

export function readFluxMinors(tree: Tree, settings: Settings): FluxMinors {
  const declared = tree
    .list()
    .filter((file) => file.endsWith('gotk-components.yaml'))
    .flatMap((file) => minorOf(/^# Flux Version: (\S+)/m.exec(tree.read(file) ?? '')?.[1]));
  if (declared.length > 0) return { minors: [...new Set(declared)], isDeclared: true };
  const [set] = minorOf(settings.fluxVersion);
  return { minors: [set ?? newestMinor], isDeclared: false };
}

const newestMinor = 9;

/** Releases before 2.0 count as 2.0. */
function minorOf(version: string | undefined): readonly number[] {
  const [, major, minor] = /^v?([02])\.(\d+)/.exec(version ?? '') ?? [];
  return minor === undefined ? [] : [major === '0' ? 0 : Number(minor)];
}
