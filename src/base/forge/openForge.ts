import type { ForgeKind } from '../../model/settings';
import { forgejoDialect, giteaDialect, gitHubDialect, gitHubEnterpriseDialect } from './dialect';
import type { Forge } from './forge';
import { gitHub } from './github';
import { gitLab } from './gitlab';
import type { ForgeAccess } from './request';

/** Takes the decoder of workflow files, for YAML is read elsewhere. */
export function openForge(kind: ForgeKind, access: ForgeAccess, parseYaml: (text: string) => unknown): Forge {
  switch (kind) {
    case 'gitlab':
      return gitLab(access, parseYaml);
    case 'gitea':
      return gitHub(access, parseYaml, giteaDialect);
    case 'forgejo':
      return gitHub(access, parseYaml, forgejoDialect);
    case 'github-enterprise':
      return gitHub(access, parseYaml, gitHubEnterpriseDialect);
    default:
      return gitHub(access, parseYaml, gitHubDialect);
  }
}
