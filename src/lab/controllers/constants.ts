// What the real controllers have compiled in or take as a flag. Intervals are not here: those stand in the manifests and are
// never scaled. Sources: fluxcd/pkg runtime/controller (back-off), the controllers' flags, measured in the control plane.

export interface ControllerConstants {
  /** First and longest wait after a failed reconcile; doubled in between (`--min-retry-delay`, `--max-retry-delay`). */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** `--requeue-dependency`: how long something that another object must provide is waited for. */
  readonly requeueDependencyMs: number;
  /** kustomize-controller looks at what it has applied this often until it is healthy. */
  readonly healthPollMs: number;
  /** kustomize-controller waits for health at least this long, whatever `spec.timeout` says. */
  readonly leastTimeoutMs: number;
  /** Between the patch of the conditions and the patch of the rest of a status: one round trip of a real controller. */
  readonly statusGapMs: number;
  /** How long the API keeps an Event (`--event-ttl`), and how many of one controller. */
  readonly eventTtlMs: number;
  readonly eventLimit: number;
  /** Time limit of one request to Git or the registry where the object sets none. */
  readonly requestTimeoutMs: number;
}

export const realConstants: ControllerConstants = {
  retryMinMs: 750,
  retryMaxMs: 900_000,
  requeueDependencyMs: 30_000,
  healthPollMs: 5_000,
  leastTimeoutMs: 30_000,
  statusGapMs: 10,
  eventTtlMs: 3_600_000,
  eventLimit: 500,
  requestTimeoutMs: 60_000,
};
