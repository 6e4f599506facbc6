export interface BuiltImage {
  /** `acme/backend` */
  readonly name: string;
  readonly tag: string;
  /** The full hash of the source commit. */
  readonly revision: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly builtAt: number;
  /** The address of the source repository. */
  readonly source: string;
}

/** The image of a build, labelled as the OCI image specification says ("Annotations"). */
export function imageOf({ name, tag, revision, version, builtAt, source }: BuiltImage) {
  return {
    name,
    tag,
    created: builtAt,
    salt: tag,
    labels: {
      'org.opencontainers.image.source': source,
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.version': version,
    },
  };
}
