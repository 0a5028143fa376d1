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

/** The audience that the role trusts. */
export const AUDIENCE = "sts.amazonaws.com";

/** The pipeline's jobs, under names of their own: the file may be a whole `.gitlab-ci.yml` or be included by one. */
export function gitlabPipeline(plan: CiPlan): string {
  return `${header(plan)}
${preparation(plan)}
${rehearsal(plan)}
${comment(plan)}
${deployment(plan)}`;
}

function header({ branch, version }: CiPlan): string {
  return `# Made by \`cauce ci gitlab\`, Cauce ${version}. Its docs/ci.md says more.
# A merge request is rehearsed on the embedded AWS; what is on ${branch} goes to AWS, by a role that cauce-ci-role.yml makes.
`;
}

function preparation(plan: CiPlan): string {
  const { npm, path } = plan.repository;
  const steps = ["apt-get update -qq", "apt-get install -qq --yes --no-install-recommends python3-venv > /dev/null"];
  if (npm) steps.push(`npm --prefix ${quoted(`$CI_PROJECT_DIR/${npm.path}`)} ${npm.locked ? "ci" : "install"}`);
  if (path !== ".") steps.push(`cd ${quoted(path)}`);
  return `.cauce-${plan.project}:
  image: node:${plan.node}-trixie
  variables:
    # GitLab keeps only what lies in the project's folder.
    CAUCE_HOME: "$CI_PROJECT_DIR/.cauce"
    npm_config_cache: "$CI_PROJECT_DIR/.npm"
  cache:
    - key: cauce-${plan.version}-node${plan.node}
      paths: [.cauce/runtimes, .npm]
  before_script:
${indented(steps.map((step) => `- ${step}`).join("\n"), 4)}
`;
}

function rehearsal(plan: CiPlan): string {
  const { check, rehearse, report } = rehearsalCommands(plan);
  const job = `cauce-${plan.project}-rehearse`;
  const before = "$CI_API_V4_URL/projects/$CI_PROJECT_ID/jobs/artifacts";
  return `${job}:
  extends: .cauce-${plan.project}
  stage: test
  timeout: 60 minutes
  interruptible: true
  rules:
${indented(rules(plan, true), 4)}
  script:
    - mkdir -p ${RESULTS}
    # The scores of ${plan.branch}, where it has any.
    - |
      curl --fail --silent --location --header "JOB-TOKEN: $CI_JOB_TOKEN" --output ${RESULTS}/before.jsonl \\
        "${before}/${encodeURIComponent(plan.branch)}/raw/${encodeURI(inProject(plan, `${RESULTS}/up.jsonl`))}?job=${job}" || true
    - ${check}
    - |
${indented(rehearse, 6)}
  after_script:
${indented(afterwards(plan, report), 4)}
${artifacts(plan)}`;
}

const NOTES = "$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes";
const HOST: Omit<CommentHost, "file"> = {
  headers: ["PRIVATE-TOKEN: $CAUCE_COMMENT_TOKEN", "Content-Type: application/json"],
  comments: NOTES,
  query: "per_page=100&sort=asc",
  comment: NOTES,
  change: "PUT",
  ours: ".body | startswith($mark)",
  shown: ".id",
};

/** Its own job: the token that may write comments is not in the job that runs the merge request's code. */
function comment(plan: CiPlan): string {
  const job = `cauce-${plan.project}-rehearse`;
  return `cauce-${plan.project}-comment:
  stage: test
  image: alpine:3
  timeout: 5 minutes
  needs:
    - job: ${job}
  variables:
    GIT_STRATEGY: none
  rules:
    # CI_JOB_TOKEN may not write comments: this takes a project access token of the scope api, role Reporter, masked.
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CAUCE_COMMENT_TOKEN
      when: always
  before_script:
    - apk add --quiet curl jq
  script:
    - |
${indented(commentScript({ ...HOST, file: quoted(inProject(plan, `${RESULTS}/comment.md`)) }), 6)}
`;
}

function deployment(plan: CiPlan): string {
  const { plan: planned, deploy, report } = deployCommands(plan);
  const variable = roleVariable(plan);
  return `cauce-${plan.project}-deploy${plan.stage === undefined ? "" : `-${plan.stage}`}:
  extends: .cauce-${plan.project}
  stage: deploy
  # The token lives as long as the job.
  timeout: 115 minutes
  interruptible: false
  resource_group: cauce-${plan.project}${plan.stage === undefined ? "" : `-${plan.stage}`}
  needs:
    - job: cauce-${plan.project}-rehearse
      artifacts: false
  rules:
${indented(rules(plan, false), 4)}
  id_tokens:
    CAUCE_ID_TOKEN:
      aud: ${AUDIENCE}
  variables:
    AWS_ROLE_ARN: "$${variable}"
    AWS_ROLE_SESSION_NAME: cauce-$CI_PIPELINE_ID
    AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/cauce-id-token${plan.region === undefined ? "" : `\n    AWS_REGION: ${plan.region}`}
  script:
    - |
      if [ -z "$AWS_ROLE_ARN" ] || [ -z "$AWS_REGION" ]; then
        echo "Deploy cauce-ci-role.yml once, then set the CI/CD variables ${variable} (its output RoleArn) and AWS_REGION."
        exit 1
      fi
      (umask 077 && printf '%s' "$CAUCE_ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE")
    - ${planned}
    - |
${indented(deploy, 6)}
  after_script:
${indented(afterwards(plan, report), 4)}
${artifacts(plan)}`;
}

/** `after_script` runs whatever came before, in a shell of its own. */
function afterwards({ repository: { path } }: CiPlan, report: string): string {
  return [...(path === "." ? [] : [`- cd ${quoted(path)}`]), `- ${report} --link "$CI_PIPELINE_URL"`].join("\n");
}

function artifacts(plan: CiPlan): string {
  return `  artifacts:
    when: always
    expire_in: 90 days
    paths: [${quoted(inProject(plan, RESULTS))}]
    reports:
      # Beside those of the target branch, in the merge request (Premium and Ultimate).
      metrics: ${quoted(inProject(plan, `${RESULTS}/metrics.txt`))}
`;
}

function rules({ repository: { path }, branch, file }: CiPlan, requests: boolean): string {
  const changes = path === "." ? "" : `\n  changes: [${quoted(`${path}/**/*`)}, ${quoted(file)}]`;
  const request = `- if: $CI_PIPELINE_SOURCE == "merge_request_event"${changes}\n`;
  return `${requests ? request : ""}- if: $CI_COMMIT_BRANCH == ${JSON.stringify(branch)}${changes}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
