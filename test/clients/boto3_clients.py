"""Every service as a boto3 user meets it: paginators, waiters, resources, presigned URLs, error classes. Prints what was seen, as JSON."""

import base64
import io
import json
import sys
import time
import traceback
import urllib.request
import zipfile

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError, WaiterError

seen = {}
account = boto3.client("sts").get_caller_identity()["Account"]
region = boto3.session.Session().region_name
FAST = {"Delay": 1, "MaxAttempts": 60}


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def refused(name, work):
    try:
        work()
    except ClientError as error:
        seen[name] = str(error)


def paged(client, operation, member, **arguments):
    return [one for page in client.get_paginator(operation).paginate(**arguments) for one in page[member]]


def versions():
    client = boto3.client("s3")
    bucket = boto3.resource("s3").create_bucket(Bucket="versions")
    bucket.put_object(Key="a", Body=b"before")
    bucket.Versioning().enable()
    for i in range(3):
        bucket.put_object(Key="a", Body=b"x" * i)
    bucket.Object("a").delete()
    client.get_waiter("object_not_exists").wait(Bucket="versions", Key="a")
    listed = sorted(((one.size, one.is_latest) for one in bucket.object_versions.filter(Prefix="a")), key=str)
    pages = client.get_paginator("list_object_versions").paginate(Bucket="versions", PaginationConfig={"PageSize": 2})
    sizes = [len(page.get("Versions", []) + page.get("DeleteMarkers", [])) for page in pages]
    refused("s3 versions left", bucket.delete)
    bucket.object_versions.delete()
    bucket.delete()
    seen["s3 versions"] = [listed, sizes]


def s3():
    client = boto3.client("s3")
    client.create_bucket(Bucket="clients")
    client.get_waiter("bucket_exists").wait(Bucket="clients")
    for i in range(25):
        client.put_object(Bucket="clients", Key=f"many/{i:02}", Body=str(i))
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="clients", PaginationConfig={"PageSize": 10})
    seen["s3 pages"] = [len(page["Contents"]) for page in pages]
    data = bytes(range(256)) * 65536
    config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=4)
    client.upload_fileobj(io.BytesIO(data), "clients", "big", Config=config, ExtraArgs={"Metadata": {"a": "b"}})
    back = io.BytesIO()
    client.download_fileobj("clients", "big", back, Config=config)
    seen["s3 multipart"] = [back.getvalue() == data, client.head_object(Bucket="clients", Key="big")["Metadata"]]
    client.copy({"Bucket": "clients", "Key": "big"}, "clients", "copy", Config=config)
    client.get_waiter("object_exists").wait(Bucket="clients", Key="copy")
    url = client.generate_presigned_url("get_object", Params={"Bucket": "clients", "Key": "many/07"})
    with urllib.request.urlopen(url) as answer:
        seen["s3 presigned"] = answer.read().decode()
    seen["s3 range"] = client.get_object(Bucket="clients", Key="big", Range="bytes=10-12")["Body"].read().hex()
    versions()
    bucket = boto3.resource("s3").Bucket("clients")
    seen["s3 resource"] = sum(1 for _ in bucket.objects.filter(Prefix="many/"))
    try:
        client.get_object(Bucket="clients", Key="none")
    except client.exceptions.NoSuchKey as error:
        seen["s3 error"] = str(error)
    bucket.objects.all().delete()
    bucket.delete()
    client.get_waiter("bucket_not_exists").wait(Bucket="clients")


def iam():
    client = boto3.client("iam")
    services = {"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]}
    client.create_role(
        RoleName="clients", AssumeRolePolicyDocument=document(Principal=services, Action="sts:AssumeRole")
    )
    client.get_waiter("role_exists").wait(RoleName="clients")
    # Without it a function logs nothing, as on AWS.
    logging = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    client.attach_role_policy(RoleName="clients", PolicyArn=logging)
    policy = client.create_policy(
        PolicyName="clients", PolicyDocument=document(Action="s3:ListAllMyBuckets", Resource="*")
    )["Policy"]["Arn"]
    client.get_waiter("policy_exists").wait(PolicyArn=policy)
    trust = document(Principal={"AWS": account}, Action="sts:AssumeRole")
    client.create_role(RoleName="person", AssumeRolePolicyDocument=trust)
    client.attach_role_policy(RoleName="person", PolicyArn=policy)
    attached = paged(client, "list_attached_role_policies", "AttachedPolicies", RoleName="person")
    seen["iam attached"] = [one["PolicyName"] for one in attached]
    person = f"arn:aws:iam::{account}:role/person"
    keys = boto3.client("sts").assume_role(RoleArn=person, RoleSessionName="me")["Credentials"]
    session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    seen["sts who"] = session.client("sts").get_caller_identity()["Arn"]
    seen["iam allowed"] = "Buckets" in session.client("s3").list_buckets()
    refused("iam refused", session.client("iam").list_roles)
    try:
        client.get_role(RoleName="none")
    except client.exceptions.NoSuchEntityException as error:
        seen["iam error"] = str(error)


def functions():
    client, logs = boto3.client("lambda"), boto3.client("logs")
    for name in ("first", "second"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            code = f"def handler(event, context):\n  print('hello {name}')\n  return [event, context.function_name]\n"
            archive.writestr("app.py", code)
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=f"arn:aws:iam::{account}:role/clients",
            Code={"ZipFile": file.getvalue()},
        )
    for name in ("first", "second"):
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=FAST)
    client.update_function_configuration(FunctionName="first", Timeout=7, Environment={"Variables": {"WORD": "B"}})
    client.get_waiter("function_updated_v2").wait(FunctionName="first", WaiterConfig=FAST)
    listed = paged(client, "list_functions", "Functions", PaginationConfig={"PageSize": 1})
    seen["lambda pages"] = [one["FunctionName"] for one in listed]
    answer = client.invoke(FunctionName="first", Payload=json.dumps({"x": "ü"}), LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode()
    seen["lambda answer"] = [answer["StatusCode"], json.loads(answer["Payload"].read()), "hello first" in tail]
    seen["lambda event"] = client.invoke(FunctionName="second", InvocationType="Event", Payload=b"{}")["StatusCode"]
    try:
        client.get_function(FunctionName="none")
    except client.exceptions.ResourceNotFoundException as error:
        seen["lambda error"] = str(error)
    events = []
    for _ in range(50):
        groups = [one["logGroupName"] for one in paged(logs, "describe_log_groups", "logGroups")]
        if "/aws/lambda/second" in groups:
            events = paged(logs, "filter_log_events", "events", logGroupName="/aws/lambda/second", filterPattern="hello")
        if events:
            break
        time.sleep(0.2)
    seen["logs"] = [event["message"].strip() for event in events]
    client.delete_function(FunctionName="second")


def stacks():
    client = boto3.client("cloudformation")
    group = {"LogGroupName": {"Fn::Sub": "/clients/${Name}"}, "RetentionInDays": 7}
    template = {
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {
            "Log": {"Type": "AWS::Logs::LogGroup", "Properties": group},
            "Bucket": {"Type": "AWS::S3::Bucket", "DependsOn": "Log", "Properties": {"BucketName": {"Ref": "Name"}}},
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Bucket", "Arn"]}}},
    }
    parameters = [{"ParameterKey": "Name", "ParameterValue": "made-by-a-stack"}]
    named = {"StackName": "clients", "Parameters": parameters}
    client.create_stack(**named, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName="clients", WaiterConfig=FAST)
    seen["stack outputs"] = client.describe_stacks(StackName="clients")["Stacks"][0]["Outputs"]
    group["RetentionInDays"] = 14
    change = client.create_change_set(**named, TemplateBody=json.dumps(template), ChangeSetName="longer")["Id"]
    client.get_waiter("change_set_create_complete").wait(ChangeSetName=change, WaiterConfig=FAST)
    changes = [one["ResourceChange"] for one in client.describe_change_set(ChangeSetName=change)["Changes"]]
    seen["stack changes"] = [(one["Action"], one["LogicalResourceId"]) for one in changes]
    client.execute_change_set(ChangeSetName=change)
    client.get_waiter("stack_update_complete").wait(StackName="clients", WaiterConfig=FAST)
    refused("stack unchanged", lambda: client.update_stack(**named, UsePreviousTemplate=True))
    template["Resources"]["Bad"] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "no..name"}}
    client.update_stack(**named, TemplateBody=json.dumps(template))
    try:
        client.get_waiter("stack_update_complete").wait(StackName="clients", WaiterConfig=FAST)
    except WaiterError:
        pass
    seen["stack rollback"] = client.describe_stacks(StackName="clients")["Stacks"][0]["StackStatus"]
    seen["stack events"] = len(paged(client, "describe_stack_events", "StackEvents", StackName="clients")) > 5
    client.delete_stack(StackName="clients")
    client.get_waiter("stack_delete_complete").wait(StackName="clients", WaiterConfig=FAST)


def rules():
    client = boto3.client("events")
    client.put_rule(Name="clients", EventPattern=json.dumps({"source": ["clients"]}))
    boto3.client("lambda").add_permission(
        FunctionName="first", StatementId="rule", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    function = f"arn:aws:lambda:{region}:{account}:function:first"
    client.put_targets(Rule="clients", Targets=[{"Id": "1", "Arn": function}])
    put = client.put_events(Entries=[{"Source": "clients", "DetailType": "test", "Detail": "{}"}])
    seen["events"] = [put["FailedEntryCount"], [one["Name"] for one in paged(client, "list_rules", "Rules")]]
    client.remove_targets(Rule="clients", Ids=["1"])
    client.delete_rule(Name="clients")


def apis():
    client = boto3.client("apigateway")
    made = client.create_rest_api(name="clients")["id"]
    seen["apis"] = [one["name"] for one in paged(client, "get_rest_apis", "items")]
    seen["api resources"] = [one["path"] for one in paged(client, "get_resources", "items", restApiId=made)]
    client.delete_rest_api(restApiId=made)
    try:
        client.get_rest_api(restApiId=made)
    except client.exceptions.NotFoundException as error:
        seen["api error"] = str(error).replace(made, "ID")


def learning():
    client, runtime = boto3.client("sagemaker"), boto3.client("sagemaker-runtime")
    client.create_model_package_group(ModelPackageGroupName="clients")
    groups = paged(client, "list_model_package_groups", "ModelPackageGroupSummaryList")
    seen["sagemaker groups"] = [one["ModelPackageGroupName"] for one in groups]
    for many in ("training_jobs", "processing_jobs", "models", "endpoints", "endpoint_configs", "pipelines"):
        seen[f"sagemaker {many}"] = len(list(client.get_paginator(f"list_{many}").paginate()))
    refused("sagemaker endpoint", lambda: client.describe_endpoint(EndpointName="none"))
    refused("sagemaker training job", lambda: client.describe_training_job(TrainingJobName="none"))
    refused("sagemaker model", lambda: client.describe_model(ModelName="none"))
    refused("sagemaker pipeline", lambda: client.describe_pipeline(PipelineName="none"))
    refused("sagemaker not here", client.list_auto_ml_jobs)
    refused("sagemaker invoke", lambda: runtime.invoke_endpoint(EndpointName="none", Body=b"1"))


failed = {}
for part in (s3, iam, functions, stacks, rules, apis, learning):
    try:
        part()
    except Exception:
        failed[part.__name__] = traceback.format_exc(limit=-3)
print(json.dumps({"seen": seen, "failed": failed}))
sys.exit(1 if failed else 0)
