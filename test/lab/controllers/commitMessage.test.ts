import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Change, formatCommitMessage, removedField } from '../../../src/lab/controllers/commitMessage';

const change = (name: string, oldValue: string, newValue: string, file = 'kustomization.yaml'): Change => ({
  file,
  object: { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace: 'production' },
  oldValue,
  newValue,
  setter: `production:${name}:tag`,
});
const changes = [change('backend', 'v1', 'v2'), change('backend', 'v1', 'v2', 'other.yaml'), change('api', 'v7', 'v8')];

function check(template: string | undefined, expected: string): void {
  const automation = { name: 'images', namespace: 'production' };
  assert.equal(formatCommitMessage(template, { automation, changes, values: { team: 'blue' } }), expected);
}

describe('the message of a write-back', () => {
  it('has a default', () => {
    check(undefined, 'Update from image update automation');
    check('', 'Update from image update automation');
  });

  it('names the automation and the values', () => {
    check(
      '{{ .AutomationObject }}: {{ .AutomationObject.Name }} of {{ .Values.team }}',
      'production/images: images of blue',
    );
  });

  it('lists changes once', () => {
    check(
      '{{ range .Changed.Changes -}}\n- {{ .OldValue }} -> {{ .NewValue }}\n{{ end -}}',
      '- v1 -> v2\n- v7 -> v8\n',
    );
    check('{{range .Changed.Changes}}{{.Setter}} {{end}}', 'production:backend:tag production:api:tag ');
  });

  it("runs the template of Flux's guide", () => {
    check(
      `Automation name: {{ .AutomationObject }}

Files:
{{ range $filename, $_ := .Changed.FileChanges -}}
- {{ $filename }}
{{ end -}}

Objects:
{{ range $resource, $changes := .Changed.Objects -}}
- {{ $resource.Kind }} {{ $resource.Name }}
  Changes:
{{- range $_, $change := $changes }}
    - {{ $change.OldValue }} -> {{ $change.NewValue }}
{{ end -}}
{{ end -}}`,
      `Automation name: production/images

Files:
- kustomization.yaml
- other.yaml
Objects:
- Deployment api
  Changes:
    - v7 -> v8
- Deployment backend
  Changes:
    - v1 -> v2

    - v1 -> v2
`,
    );
  });

  it('knows conditions, pipelines, variables and functions', () => {
    check('{{ if eq .AutomationObject.Namespace "production" }}yes{{ else }}no{{ end }}', 'yes');
    check('{{ if not .Values.none }}none{{ end }}', 'none');
    check('{{ $n := len .Changed.Changes }}{{ printf "%d of %s" $n "x" | upper }}', '2 OF X');
    check('{{ with .Values.team }}{{ . | quote }}{{ end }}{{/* a comment */}}', '"blue"');
    check('{{ range .Values }}{{ . }} {{ else }}nothing{{ end }}{{ printf "%.3s" "abcdef" }}', 'blue abc');
    check('{{ range .Values.none }}{{ else }}nothing{{ end }}', 'nothing');
    check('{{ trunc 2 (printf "%s" .Values.team) }}', 'bl');
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    [
      '{{ .LatestImage.Tag }}',
      /^failed to run template from spec: .*can't evaluate field LatestImage in type source\.TemplateData/,
    ],
    ['{{ range .Changed.Changes }}', /^unable to create commit message template from spec: .*unexpected EOF/],
    ['{{ .Values.team', /^unable to create commit message template from spec: .*unclosed action/],
    ['{{ nosuch 1 }}', /^unable to create commit message template from spec: .*function "nosuch" not defined/],
    ['{{ end }}', /^unable to create commit message template from spec: .*unexpected \{\{end\}\}/],
    ['{{ $x }}', /^failed to run template from spec: .*undefined variable "\$x"/],
  ];
  for (const [template, message] of refused) {
    it(`refuses ${template}`, () => assert.throws(() => check(template, ''), { name: 'TemplateError', message }));
  }

  it('knows the fields that Flux removed', () => {
    assert.match(removedField('{{ range .Updated.Images }}{{ end }}') ?? '', /removed '\.Updated' field/);
    assert.match(removedField('{{ .Changed.ImageResult }}') ?? '', /removed '\.Changed\.ImageResult' field/);
    assert.equal(removedField('{{ .Changed.Changes }}'), undefined);
  });
});
