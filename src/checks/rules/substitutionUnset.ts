import type { Rule } from '../rule';

export const substitutionUnset: Rule = {
  id: 'substitution-unset',
  severity: 'warning',
  summary: 'A variable in a manifest that the Flux Kustomization’s `postBuild` does not set.',
  protects:
    'Where a Kustomization has `postBuild` variables, Flux replaces `${NAME}` in everything that it applies, scripts in ConfigMaps included. Since Flux 2.9 a name that is not set and has no default fails the build of the whole Kustomization (`variable not set (strict mode)`): nothing of it is applied any more. Before, it became an empty text.',
  check: (subject) =>
    (subject.repository.unsetVariables().get(subject.file) ?? []).flatMap(
      ({ name, range: readRange, kustomization }) => {
        const range = subject.rangeNow(readRange);
        if (range === undefined) return [];
        return [
          {
            range,
            message: `The Kustomization ${kustomization} replaces variables and does not set ${name}: since Flux 2.9 its build fails, before it became an empty text. Set ${name} in postBuild.substitute, give it a default (\${${name}:-…}), or write $\${${name}} to keep the text.`,
          },
        ];
      },
    ),
};
