import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { services } from '../../../../src/lab/content/names';
import { workflowFiles } from '../../../../src/lab/content/workflows';
import { matchPath } from '../../../../src/lab/forge/forgeRequest';
import { parseWorkflow } from '../../../../src/lab/forge/workflowFile';

describe('a workflow file', () => {
  it('tells the promotion workflow of the lab', () => {
    for (const service of services) {
      const [path = '', text = ''] = Object.entries(workflowFiles(service))[0] ?? [];
      const workflow = parseWorkflow(path, text);
      assert.equal(workflow?.name, 'Promote to Production');
      assert.deepEqual(workflow.dispatchInputs, [
        { name: 'staging_tag', isRequired: true, default: undefined, options: [] },
        { name: 'reason', isRequired: false, default: undefined, options: [] },
      ]);
      assert.equal(workflow.concurrency, 'promote-production');
      assert.equal(workflow.jobs[0]?.env['IMAGE'], `\${{ vars.REGISTRY }}/acme/${service}`);
      assert.equal(workflow.jobs[0].steps[0]?.uses, 'actions/checkout@v4');
    }
  });

  it('reads the forms that `on` and inputs may have', () => {
    const inputsOf = (on: string) => parseWorkflow('x.yml', `on: ${on}\njobs: {}\n`)?.dispatchInputs;
    assert.equal(inputsOf('push'), undefined);
    assert.deepEqual(inputsOf('workflow_dispatch'), []);
    assert.deepEqual(inputsOf('[push, workflow_dispatch]'), []);
    assert.deepEqual(inputsOf('{workflow_dispatch: }'), []);
    assert.deepEqual(
      inputsOf(
        '{workflow_dispatch: {inputs: {dry: {type: boolean, default: false}, to: {type: choice, options: [a, 1]}}}}',
      ),
      [
        { name: 'dry', isRequired: false, default: 'false', options: [] },
        { name: 'to', isRequired: false, default: undefined, options: ['a', '1'] },
      ],
    );
  });

  it('is none without jobs, and none when it is broken', () => {
    for (const text of ['', 'name: x', 'jobs: [', '- a']) {
      assert.equal(parseWorkflow('x.yml', text), undefined, text);
    }
  });
});

describe('a path of the forge', () => {
  it('gives its parts, decoded', () => {
    assert.deepEqual(matchPath('/repos/{owner}/{repo}/contents/{path+}', '/repos/acme/backend/contents/a%20b/c.yml'), {
      owner: 'acme',
      repo: 'backend',
      path: 'a b/c.yml',
    });
    assert.equal(matchPath('/repos/{owner}/{repo}', '/repos/acme/backend/x'), undefined);
  });
});
