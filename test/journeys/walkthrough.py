"""The way from a CSV to a URL that people walk by hand in AWS's console, as a script for boto3.

    python walkthrough.py TABLE.csv WORD

`INVOKE_URL` says how the stages of an API are addressed, with {api}, {region} and {stage} in it. Everything else, where AWS is
and who asks, comes from AWS's own variables. What happened is printed as JSON.
"""

import csv
import io
import json
import os
import sys
import urllib.request
import zipfile

import boto3
from botocore.exceptions import ClientError

TABLE, WORD = sys.argv[1:3]
IMAGES = {
    "xgboost": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0",
    "linear": "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1",
}
FUNCTION = '''
import json, os
import boto3

runtime = boto3.client("sagemaker-runtime")

def lambda_handler(event, context):
    print("asked", json.dumps(event))
    answer = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT_NAME"], ContentType="text/csv", Body=event["data"])
    return {"species": "Adelie" if float(answer["Body"].read()) > 0.5 else "other"}
'''
happened = {}
s3, sagemaker, runtime = boto3.client("s3"), boto3.client("sagemaker"), boto3.client("sagemaker-runtime")
iam, functions, api = boto3.client("iam"), boto3.client("lambda"), boto3.client("apigateway")
region = s3.meta.region_name
account = boto3.client("sts").get_caller_identity()["Account"]


def main():
    adelie, other = upload()
    role = make_role("sagemaker.amazonaws.com", "training", allow(["s3:*", "logs:*"], "*"))
    for name, more in (
        ("xgboost", {"objective": "binary:logistic", "num_round": "20", "max_depth": "3"}),
        ("linear", {"predictor_type": "binary_classifier", "epochs": "20", "feature_dim": "4", "mini_batch_size": "32"}),
    ):
        train(name, role, more)
        host(name, role)
        happened[name]["adelie"] = invoke(name, adelie)
        happened[name]["other"] = invoke(name, other)
    happened["refused instance"] = refusal(
        lambda: sagemaker.create_endpoint_config(
            EndpointConfigName="old", ProductionVariants=[variant("xgboost", "ml.m4.large")]
        )
    )
    make_function()
    make_api()
    call_api(adelie, other)
    print(json.dumps(happened))


def upload():
    """AWS's built-in algorithms take a CSV without a header, the label first."""
    s3.create_bucket(Bucket=f"{WORD}-data")
    with open(TABLE, newline="") as file:
        penguins = [row for row in csv.DictReader(file) if row["body_mass_g"] not in ("", "NA")]
    fields = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    rows = [[str(int(one["species"] == "Adelie")), *(one[field] for field in fields)] for one in penguins]
    for channel, part in (("train", [r for i, r in enumerate(rows) if i % 4]), ("validation", rows[::4])):
        body = "".join(",".join(row) + "\n" for row in part)
        s3.put_object(Bucket=f"{WORD}-data", Key=f"{channel}/penguins.csv", Body=body)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=f"{WORD}-data")
    happened["objects"] = [one["Key"] for page in pages for one in page["Contents"]]
    return [",".join(next(r for r in rows if r[0] == label)[1:]) for label in "10"]


def train(name, role, more):
    def channel(which):
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{WORD}-data/{which}/", "S3DataDistributionType": "FullyReplicated"}
        return {"ChannelName": which, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}

    sagemaker.create_training_job(
        TrainingJobName=f"{WORD}-{name}",
        AlgorithmSpecification={"TrainingImage": IMAGES[name], "TrainingInputMode": "File"},
        RoleArn=role,
        HyperParameters=more,
        InputDataConfig=[channel("train"), channel("validation")],
        OutputDataConfig={"S3OutputPath": f"s3://{WORD}-data/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    try:
        waiter.wait(TrainingJobName=f"{WORD}-{name}", WaiterConfig={"Delay": 1, "MaxAttempts": 300})
    except Exception as error:
        raise SystemExit(json.dumps(sagemaker.describe_training_job(TrainingJobName=f"{WORD}-{name}"), default=str)) from error
    job = sagemaker.describe_training_job(TrainingJobName=f"{WORD}-{name}")
    happened[name] = {
        "status": job["TrainingJobStatus"],
        "model": job["ModelArtifacts"]["S3ModelArtifacts"],
        "metrics": {one["MetricName"]: one["Value"] for one in job.get("FinalMetricDataList", [])},
    }


def host(name, role):
    model = {"Image": IMAGES[name], "ModelDataUrl": happened[name]["model"]}
    sagemaker.create_model(ModelName=f"{WORD}-{name}", ExecutionRoleArn=role, PrimaryContainer=model)
    sagemaker.create_endpoint_config(
        EndpointConfigName=f"{WORD}-{name}", ProductionVariants=[variant(name, "ml.m5.large")]
    )
    sagemaker.create_endpoint(EndpointName=f"{WORD}-{name}", EndpointConfigName=f"{WORD}-{name}")
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=f"{WORD}-{name}", WaiterConfig={"Delay": 1, "MaxAttempts": 120})


def variant(name, instance):
    return {
        "VariantName": "AllTraffic",
        "ModelName": f"{WORD}-{name}",
        "InitialInstanceCount": 1,
        "InstanceType": instance,
        "InitialVariantWeight": 1,
    }


def invoke(name, line):
    answer = runtime.invoke_endpoint(EndpointName=f"{WORD}-{name}", ContentType="text/csv", Body=line)
    return {"type": answer["ContentType"], "body": answer["Body"].read().decode()}


def make_function():
    role = make_role("lambda.amazonaws.com", "function", allow(["logs:*"], "*"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lambda_function.py", FUNCTION)
    functions.create_function(
        FunctionName=f"{WORD}-predict",
        Runtime="python3.13",
        Handler="lambda_function.lambda_handler",
        Role=role,
        Code={"ZipFile": file.getvalue()},
        Timeout=30,
        Environment={"Variables": {"ENDPOINT_NAME": f"{WORD}-xgboost"}},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=f"{WORD}-predict", WaiterConfig={"Delay": 1})
    happened["without the permission"] = call_function("1,2,3,4")
    iam.put_role_policy(
        RoleName=f"{WORD}-function",
        PolicyName="invoke",
        PolicyDocument=allow(
            ["sagemaker:InvokeEndpoint"], f"arn:aws:sagemaker:{region}:{account}:endpoint/{WORD}-xgboost"
        ),
    )
    happened["with the permission"] = call_function("39.1,18.7,181,3750")


def call_function(data):
    answer = functions.invoke(FunctionName=f"{WORD}-predict", Payload=json.dumps({"data": data}))
    return {"error": answer.get("FunctionError"), "payload": json.loads(answer["Payload"].read())}


def make_api():
    made = api.create_rest_api(name=WORD, endpointConfiguration={"types": ["REGIONAL"]})["id"]
    (root,) = api.get_resources(restApiId=made)["items"]
    resource = api.create_resource(restApiId=made, parentId=root["id"], pathPart="predict")["id"]
    method = {"restApiId": made, "resourceId": resource, "httpMethod": "POST"}
    api.put_method(**method, authorizationType="NONE")
    function = f"arn:aws:lambda:{region}:{account}:function:{WORD}-predict"
    api.put_integration(
        **method,
        type="AWS",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations",
    )
    api.put_method_response(**method, statusCode="200", responseModels={"application/json": "Empty"})
    api.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": ""})
    api.create_deployment(restApiId=made, stageName="prod")
    happened["url"] = os.environ["INVOKE_URL"].format(api=made, region=region, stage="prod") + "/predict"
    # API Gateway may not call the function before the function says so.
    happened["api without the permission"] = post(happened["url"], {"data": "1,2,3,4"})
    functions.add_permission(
        FunctionName=f"{WORD}-predict",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{region}:{account}:{made}/*/POST/predict",
    )


def call_api(adelie, other):
    happened["api adelie"] = post(happened["url"], {"data": adelie})
    happened["api other"] = post(happened["url"], {"data": other})
    happened["api nowhere"] = post(happened["url"] + "/nowhere", {})


def post(url, value):
    request = urllib.request.Request(url, json.dumps(value).encode(), {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return {"status": answer.status, "type": answer.headers["content-type"], "body": json.load(answer)}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": json.load(error)}


def make_role(service, name, policy):
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName=f"{WORD}-{name}",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    iam.put_role_policy(RoleName=f"{WORD}-{name}", PolicyName="base", PolicyDocument=policy)
    return role["Role"]["Arn"]


def allow(actions, resource):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def refusal(work):
    try:
        work()
    except ClientError as error:
        return {"status": error.response["ResponseMetadata"]["HTTPStatusCode"], "says": str(error)}
    return None


main()
