import type { Environment } from './names';

/** `production-v0.0.2-025c591-1770392924` */
export interface BuildTag {
  readonly environment: string;
  /** `0.0.2` */
  readonly version: string;
  /** The first 7 digits of the source commit. */
  readonly commit: string;
  /** When it was built, since 1970. */
  readonly seconds: number;
}

const pattern = /^(?<environment>[a-z]+)-v(?<version>\d+\.\d+\.\d+)-(?<commit>[0-9a-f]{7})-(?<seconds>\d+)$/;

export function parseBuildTag(text: string): BuildTag | undefined {
  const groups = pattern.exec(text)?.groups;
  return (
    groups && {
      environment: groups['environment'] ?? '',
      version: groups['version'] ?? '',
      commit: groups['commit'] ?? '',
      seconds: Number(groups['seconds']),
    }
  );
}

export function formatBuildTag({ environment, version, commit, seconds }: BuildTag): string {
  return `${environment}-v${version}-${commit}-${seconds}`;
}

/** What stood in the manifests before the first build; no registry ever had it. */
export function placeholderTag(environment: Environment): string {
  return formatBuildTag({ environment, version: '0.0.0', commit: '0000000', seconds: 0 });
}

/** The same build under another environment's name. */
export function swapEnvironment(tag: string, environment: Environment): string {
  return `${environment}${tag.slice(tag.indexOf('-'))}`;
}
