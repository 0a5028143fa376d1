import { canonicalJson, sha256 } from "#core";
import { allow, arn, attribute, lambdaFunction, objects, ref, sub, tags } from "../../resources.ts";
import type { Resource } from "../../template.ts";
import type { Stage, StageContext } from "../stage.ts";
import { corsResources } from "./cors.ts";

const METHODS = ["POST", "GET"] as const;

/** A URL: POST asks the model, GET describes it. */
export const expose: Stage = {
  name: "expose",
  contribute(at) {
    const { api } = at.project;
    const { resources: paths, last } = pathResources(api.path);
    const methods = Object.fromEntries(METHODS.map((verb) => [`${title(verb)}Method`, proxyMethod(verb, last)]));
    const cors = corsResources(at, last);
    const shape = { ...paths, ...methods, ...cors.methods, ...cors.responses };
    // AWS: a deployment is a snapshot; only one with a new logical id takes what changed.
    const deployment = `Deployment${sha256(canonicalJson([shape, at.names.functions.predict])).slice(0, 12)}`;
    return {
      resources: {
        ...predictFunction(at),
        Api: {
          Type: "AWS::ApiGateway::RestApi",
          Properties: {
            Name: at.project.name,
            Description: `Asks the model ${at.project.name}`,
            EndpointConfiguration: { Types: ["REGIONAL"] },
            ...tags(at),
          },
        },
        ...shape,
        ...Object.fromEntries(METHODS.map((verb) => [`${title(verb)}Permission`, permission(at, verb)])),
        [deployment]: {
          Type: "AWS::ApiGateway::Deployment",
          DependsOn: [...Object.keys(methods), ...Object.keys(cors.methods), ...Object.keys(cors.responses)],
          Properties: { RestApiId: ref("Api") },
        },
        Stage: {
          Type: "AWS::ApiGateway::Stage",
          Properties: { RestApiId: ref("Api"), DeploymentId: ref(deployment), StageName: api.stage, ...tags(at) },
        },
      },
      outputs: {
        ApiId: { Description: "The REST API", Value: ref("Api") },
        ApiStage: { Description: "Its stage", Value: api.stage },
        ApiPath: { Description: "The path to call in it", Value: api.path },
        InvokeUrl: {
          Description: "Where the model answers on AWS",
          Value: sub(`https://\${Api}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/${api.stage}${api.path}`),
        },
      },
    };
  },
};

function predictFunction(at: StageContext): Readonly<Record<string, Resource>> {
  const { api, deploy } = at.project;
  const { names } = at;
  const sleeps = deploy.on === "endpoint" && deploy.maxIdle !== undefined;
  return lambdaFunction(at, "predict", {
    description: `Answers ${api.path} of ${at.project.name}`,
    timeout: 30,
    memory: deploy.on === "lambda" ? deploy.memory : 512,
    environment: {
      ENDPOINT_NAME: names.endpoint,
      SERVED_BY: deploy.on,
      SERVING_URI: names.uri("serving"),
      CORS_ORIGINS: api.cors.join(" "),
      ...(sleeps && { DEPLOY_FUNCTION: names.functions.deploy }),
    },
    statements: [
      // What is behind no endpoint needs nothing of SageMaker.
      ...(deploy.on === "lambda"
        ? []
        : [allow("sagemaker:InvokeEndpoint", arn("sagemaker", `endpoint/${names.endpoint}`))]),
      allow("s3:GetObject", objects(at, "serving/*")),
      ...(sleeps ? [allow("lambda:InvokeFunction", arn("lambda", `function:${names.functions.deploy}`))] : []),
    ],
  });
}

function pathResources(path: string): { readonly resources: Record<string, Resource>; readonly last: string } {
  const resources: Record<string, Resource> = {};
  let parent: unknown = attribute("Api", "RootResourceId");
  let id = "";
  path
    .slice(1)
    .split("/")
    .forEach((part, i) => {
      id = `Path${i + 1}`;
      resources[id] = {
        Type: "AWS::ApiGateway::Resource",
        Properties: { RestApiId: ref("Api"), ParentId: parent, PathPart: part },
      };
      parent = ref(id);
    });
  return { resources, last: id };
}

function proxyMethod(verb: string, resource: string): Resource {
  return {
    Type: "AWS::ApiGateway::Method",
    Properties: {
      RestApiId: ref("Api"),
      ResourceId: ref(resource),
      HttpMethod: verb,
      AuthorizationType: "NONE",
      Integration: {
        Type: "AWS_PROXY",
        // AWS: a Lambda function is always invoked with POST, whatever the caller's method.
        IntegrationHttpMethod: "POST",
        Uri: sub(
          "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${PredictFunction.Arn}/invocations",
        ),
      },
    },
  };
}

function permission(at: StageContext, verb: string): Resource {
  return {
    Type: "AWS::Lambda::Permission",
    Properties: {
      Action: "lambda:InvokeFunction",
      FunctionName: ref("PredictFunction"),
      Principal: "apigateway.amazonaws.com",
      SourceArn: sub(
        `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/*/${verb}${at.project.api.path}`,
      ),
    },
  };
}

function title(verb: string): string {
  return verb.charAt(0) + verb.slice(1).toLowerCase();
}
