import { commentScript, type CommentHost } from "./comment.ts";
import {
  type CiPlan,
  deployCommands,
  indented,
  inProject,
  rehearsalCommands,
  RESULTS,
  roleVariable,
} from "./pipeline.ts";

/** By commit, so that what a tag points to tomorrow does not run with today's trust. */
const ACTIONS = {
  checkout: "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
  node: "actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903 # v6.0.0",
  cache: "actions/cache@9255dc7a253b0ccc959486e2bca901246202afeb # v5.0.1",
  restore: "actions/cache/restore@9255dc7a253b0ccc959486e2bca901246202afeb # v5.0.1",
  save: "actions/cache/save@9255dc7a253b0ccc959486e2bca901246202afeb # v5.0.1",
  upload: "actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0",
  download: "actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131 # v7.0.0",
  credentials: "aws-actions/configure-aws-credentials@8df5847569e6427dd6c4fb1cf565c83acfa8afa7 # v6.0.0",
};

/** The workflow: three jobs, each with no more permissions than it needs. */
export function githubWorkflow(plan: CiPlan): string {
  return `${header(plan)}
jobs:
${indented([rehearsal(plan), comment(plan), deployment(plan)].join("\n"), 2)}`;
}

function header(plan: CiPlan): string {
  const { branch, repository, file, stage } = plan;
  const paths = repository.path === "." ? "" : `\n    paths: [${quoted(`${repository.path}/**`)}, ${quoted(file)}]`;
  const title = [plan.project, ...(stage === undefined ? [] : [stage])].join(" ");
  return `# Made by \`cauce ci github\`, Cauce ${plan.version}. Its docs/ci.md says more.
# A pull request is rehearsed on the embedded AWS; what is on ${branch} goes to AWS, by a role that cauce-ci-role.yml makes.
name: ${quoted(`Cauce: ${title}`)}

on:
  pull_request:
    branches: [${quoted(branch)}]${paths}
  push:
    branches: [${quoted(branch)}]${paths}
  workflow_dispatch:

permissions: {}
`;
}

function rehearsal(plan: CiPlan): string {
  const { check, rehearse, report } = rehearsalCommands(plan);
  const scores = `cauce-scores-${plan.project}-${plan.branch}-`;
  const before = inProject(plan, `${RESULTS}/before.jsonl`);
  return `rehearse:
  name: Rehearsal on the embedded AWS
  runs-on: ubuntu-latest
  timeout-minutes: 60
  permissions:
    contents: read
  concurrency:
    group: cauce-${plan.project}-rehearse-\${{ github.ref }}
    cancel-in-progress: \${{ github.event_name == 'pull_request' }}
${workingDirectory(plan)}  steps:
${indented(preparation(plan), 4)}    - name: Which Python
      id: python
      run: echo "version=$(python3 --version | cut -d ' ' -f 2)" >> "$GITHUB_OUTPUT"
    - name: Keep Cauce's Python environments
      uses: ${ACTIONS.cache}
      with:
        path: ~/.cauce/runtimes
        key: cauce-runtimes-\${{ runner.os }}-\${{ runner.arch }}-\${{ steps.python.outputs.version }}-${plan.version}
    - name: Scores of ${plan.branch}
      uses: ${ACTIONS.restore}
      with:
        path: ${quoted(before)}
        key: ${scores}\${{ github.sha }}
        restore-keys: ${scores}
    - name: Check
      run: ${check}
    - name: Rehearse
      run: |
${indented(rehearse, 8)}
    - name: Report
      if: \${{ !cancelled() }}
      env:
        RUN: \${{ github.server_url }}/\${{ github.repository }}/actions/runs/\${{ github.run_id }}
      run: |
        ${report} --link "$RUN"
        cat ${RESULTS}/comment.md >> "$GITHUB_STEP_SUMMARY"
    - name: Scores for the pull requests to come
      if: github.event_name != 'pull_request'
      run: cp ${RESULTS}/up.jsonl ${RESULTS}/before.jsonl
    - name: Keep them
      if: github.event_name != 'pull_request'
      uses: ${ACTIONS.save}
      with:
        path: ${quoted(before)}
        key: ${scores}\${{ github.sha }}-\${{ github.run_id }}-\${{ github.run_attempt }}
${upload(plan, "cauce-rehearsal")}`;
}

const HOST: CommentHost = {
  headers: [
    "Authorization: Bearer $GITHUB_TOKEN",
    "Accept: application/vnd.github+json",
    "X-GitHub-Api-Version: 2022-11-28",
  ],
  comments: "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments",
  query: "per_page=100",
  comment: "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/comments",
  change: "PATCH",
  ours: '.user.type == "Bot" and (.body | startswith($mark))',
  shown: ".html_url",
  file: "comment.md",
};

/** A job of its own: what may write to pull requests runs nothing of theirs. */
function comment(plan: CiPlan): string {
  return `comment:
  name: Scores as a comment
  needs: rehearse
  # From a fork, GitHub gives no token that may write: its scores are in the summary of the run.
  if: >-
    \${{ !cancelled() && github.event_name == 'pull_request'
    && github.event.pull_request.head.repo.full_name == github.repository }}
  runs-on: ubuntu-latest
  timeout-minutes: 5
  permissions:
    pull-requests: write
  steps:
    - uses: ${ACTIONS.download}
      with:
        name: cauce-rehearsal-${plan.project}
    - name: Comment
      env:
        GITHUB_TOKEN: \${{ github.token }}
        NUMBER: \${{ github.event.pull_request.number }}
      run: |
${indented(commentScript(HOST), 8)}
`;
}

function deployment(plan: CiPlan): string {
  const { plan: planned, deploy, report } = deployCommands(plan);
  const variable = roleVariable(plan);
  const region = plan.region ?? "${{ vars.AWS_REGION }}";
  return `deploy:
  name: To AWS
  needs: rehearse
  if: github.event_name != 'pull_request' && github.ref == 'refs/heads/${plan.branch.replaceAll("'", "''")}'
  runs-on: ubuntu-latest
  timeout-minutes: 115
  permissions:
    contents: read
    id-token: write
  concurrency:
    group: cauce-${plan.project}-deploy${plan.stage === undefined ? "" : `-${plan.stage}`}
    cancel-in-progress: false
${workingDirectory(plan)}  steps:
    - name: Is there a role?
      working-directory: .
      env:
        ROLE: \${{ vars.${variable} }}
        REGION: ${region}
      run: |
        if [ -z "$ROLE" ] || [ -z "$REGION" ]; then
          echo "::error::Deploy cauce-ci-role.yml once, then set the variables ${variable} (its output RoleArn) and AWS_REGION of this repository."
          exit 1
        fi
${indented(preparation(plan), 4)}    - name: Credentials for two hours, by OIDC
      uses: ${ACTIONS.credentials}
      with:
        role-to-assume: \${{ vars.${variable} }}
        role-session-name: cauce-\${{ github.run_id }}
        role-duration-seconds: 7200
        aws-region: ${region}
    - name: Plan
      run: ${planned}
    - name: Deploy
      run: |
${indented(deploy, 8)}
    - name: Report
      if: \${{ !cancelled() }}
      run: |
        ${report}
        cat ${RESULTS}/comment.md >> "$GITHUB_STEP_SUMMARY"
${upload(plan, "cauce-deployment")}`;
}

function preparation(plan: CiPlan): string {
  const { npm } = plan.repository;
  const lock = npm && (npm.path === "." ? "package-lock.json" : `${npm.path}/package-lock.json`);
  const cached = npm?.locked
    ? `\n    cache: npm\n    cache-dependency-path: ${quoted(lock ?? "")}`
    : "\n    package-manager-cache: false";
  const installed = npm
    ? `- name: Install
  working-directory: ${quoted(npm.path)}
  run: npm ${npm.locked ? "ci" : "install"}
`
    : "";
  return `- uses: ${ACTIONS.checkout}
  with:
    persist-credentials: false
- uses: ${ACTIONS.node}
  with:
    node-version: ${plan.node}${cached}
${installed}`;
}

function workingDirectory({ repository: { path } }: CiPlan): string {
  return path === "." ? "" : `  defaults:\n    run:\n      working-directory: ${quoted(path)}\n`;
}

function upload(plan: CiPlan, name: string): string {
  return `    - name: Evaluation and plots
      if: \${{ !cancelled() }}
      uses: ${ACTIONS.upload}
      with:
        name: ${name}-${plan.project}
        path: ${quoted(inProject(plan, RESULTS))}
        if-no-files-found: error
        retention-days: 14
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
