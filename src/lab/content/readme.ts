import type { FluxState } from './fluxState';

/** `README.md` of the GitOps repository. */
export function readme({ features }: FluxState): string {
  return `# Practice lab

This is the GitOps repository of a small lab that runs on your machine alone. Flux applies it to three namespaces:
\`develop\`, \`staging\` and \`production\`. Two services run there, \`backend\` and \`frontend\`.

| Folder | What it holds |
| --- | --- |
| \`flux/clusters/lab\` | where Flux starts: the namespaces, the image repositories, one Kustomization for each environment |
| \`flux/environments/<env>\` | what belongs to an environment |
| \`flux/apps/backend/<env>\` | the overlay of the backend, with its ImagePolicy and its automation |
| \`flux/apps/frontend/overlays/<env>\` | the same for the frontend |

## How a build travels

Tags look like \`staging-v0.0.2-025c591-1770392924\`: environment, version, source commit, time of the build.
Every change is built for develop, and many are built for staging. In both, Flux takes the newest build and writes its
tag back to this repository, as \`fluxcdbot\`. Nothing flows to production by itself: the workflow
\`promote-production.yml\` of a service copies an image that staging has tested to a \`production-v…\` tag.
The base manifests say \`:latest\`; every overlay replaces it.
${features.has('readme-drill') ? drill : ''}`;
}

const drill = `
## The drill

1. **Baseline.** Look at the three environments: the tags fit their environment, every Kustomization is ready.
2. **Guardrails.** Production's ImagePolicy must accept nothing but \`production-\` tags, and no \`latest\` may reach
   production's manifests.
3. **Promote.** Choose the tag that staging runs and start the promotion. The image is copied, not built again.
4. **Verify.** Production runs the promoted tag, and a commit by \`fluxcdbot\` says so. Both tags have one digest.
5. **Roll back through Git.** A plain revert of that commit does not last: Flux writes the newest tag again.
   Tell Flux to leave the bad tag out, then it writes the earlier one by itself.

\`kubectl rollout undo\` is for emergencies: the cluster leaves Git, until Flux puts it back.

To start over, run *Flux Promote: Reset Practice Lab*.
`;
