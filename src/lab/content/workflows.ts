import { owner, type Service } from './names';

/**
 * The workflows of a service's repository. Their scripts keep to what the lab's runner understands
 * (`src/lab/forge/runner`): assignments to `$GITHUB_ENV`, `crane`, `gh release` and the lab's own `lab` program.
 */
export function workflowFiles(service: Service): Readonly<Record<string, string>> {
  return {
    '.github/workflows/promote-production.yml': promoteProduction(service),
    '.github/workflows/rebuild-production.yml': rebuildProduction(service),
  };
}

function promoteProduction(service: Service): string {
  return `# Copies an image that staging has tested to production. Nothing is built again.
name: Promote to Production
run-name: Promote \${{ inputs.staging_tag }} to production
on:
  workflow_dispatch:
    inputs:
      staging_tag:
        description: The staging tag to promote, for example staging-v0.0.2-025c591-1770392924
        required: true
        type: string
      reason:
        description: Why, for the record of the release
        required: false
        type: string
permissions:
  contents: write
  packages: write
concurrency: promote-production
jobs:
  promote:
    name: Promote
    runs-on: lab
    env:
      IMAGE: \${{ vars.REGISTRY }}/${owner}/${service}
      STAGING_TAG: \${{ inputs.staging_tag }}
      REASON: \${{ inputs.reason }}
      BY: \${{ github.actor }}
      RUN: \${{ github.run_id }}
    steps:
      - name: Check out the repository
        uses: actions/checkout@v4
      - name: Check the staging tag
        run: |
          lab check-tag "$STAGING_TAG" staging
          crane digest "$IMAGE:$STAGING_TAG"
          echo "PRODUCTION_TAG=production-\${STAGING_TAG#staging-}" >> "$GITHUB_ENV"
      - name: Copy the image
        run: |
          crane tag "$IMAGE:$STAGING_TAG" "$PRODUCTION_TAG"
          crane tag "$IMAGE:$STAGING_TAG" production
      - name: Record the release
        run: |
          lab record-release "$PRODUCTION_TAG" "$STAGING_TAG" "$BY" "$RUN" "$REASON"
      - name: Publish the release
        run: |
          gh release view "$PRODUCTION_TAG" || gh release create "$PRODUCTION_TAG" --notes "Promoted from $STAGING_TAG."
`;
}

function rebuildProduction(service: Service): string {
  return `# What a delivery must not do: production gets an image that nobody has tested.
name: Rebuild for Production
run-name: Rebuild \${{ inputs.ref }} for production
on:
  workflow_dispatch:
    inputs:
      ref:
        description: The branch, tag or commit to build
        required: false
        type: string
        default: main
permissions:
  contents: read
  packages: write
jobs:
  rebuild:
    name: Rebuild
    runs-on: lab
    env:
      IMAGE: \${{ vars.REGISTRY }}/${owner}/${service}
      SOURCE: \${{ inputs.ref }}
    steps:
      - name: Check out the repository
        uses: actions/checkout@v4
      - name: Name the build
        run: |
          lab name-build production "$SOURCE"
      - name: Build and push
        run: |
          lab build "$IMAGE:$PRODUCTION_TAG" "$SOURCE"
          crane tag "$IMAGE:$PRODUCTION_TAG" production
`;
}
