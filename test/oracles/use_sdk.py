"""A pipeline that `cauce up` made, in the hands of somebody who knows the SageMaker Python SDK 3 only: python use_sdk.py NAME RECORD

Its resource classes hold each answer to the model that they are generated from, and take nothing more. The pipeline is loaded, put in
place of itself, run and waited for. Prints what was seen, as JSON.
"""

import json
import logging
import sys

import boto3
from botocore.exceptions import ClientError
from load_definition import Loader, Session, differing
from sagemaker.core import resources

# Its log is about its own defaults.
logging.disable(logging.CRITICAL)
# Nothing is told to AWS.
QUIET = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
SHORT = {"poll": 1, "timeout": 60}


def refused(work):
    try:
        work()
    except ClientError as error:
        return str(error)
    return None


def jobs():
    [training] = resources.TrainingJob.get_all()
    training.refresh().wait(poll=1, timeout=60)
    return {
        "training": [training.training_job_status, training.resource_config.instance_type, training.hyper_parameters],
        "model": training.model_artifacts.s3_model_artifacts,
        "processing": [one.refresh().processing_job_status for one in resources.ProcessingJob.get_all()],
        "none": refused(lambda: resources.TrainingJob.get(training_job_name="none")),
    }


def versions(name):
    [listed] = resources.ModelPackage.get_all(model_package_group_name=name)
    version = resources.ModelPackage.get(model_package_name=listed.model_package_arn)
    version.update(approval_description="Read by the SDK.")
    version.refresh()
    [container] = version.inference_specification.containers
    group = resources.ModelPackageGroup.get(model_package_group_name=name)
    return {
        "version": [group.model_package_group_status, version.model_package_version, version.model_package_status, version.model_approval_status],
        "described": version.approval_description,
        "data": container.model_data_url,
    }


def endpoint(name, record):
    served = resources.Endpoint.get(endpoint_name=name)
    served.wait_for_status("InService", **SHORT)
    config = resources.EndpointConfig.get(endpoint_config_name=served.endpoint_config_name)
    models = [resources.Model.get(model_name=one.model_name) for one in config.production_variants]
    answer = served.invoke(body=record, content_type="application/json", accept="application/json")
    return {
        "variants": [[one.variant_name, one.current_instance_count] for one in served.production_variants],
        "models": [(one.primary_container or one.containers[0]).model_data_url for one in models],
        "answer": [answer.content_type, answer.invoked_production_variant, json.loads(answer.body.read())],
        "not JSON": refused(lambda: served.invoke(body="{", content_type="application/json")),
        "none": refused(lambda: resources.Endpoint.get(endpoint_name="none")),
    }


def pipeline(name):
    made = resources.Pipeline.get(pipeline_name=name)
    definition = json.loads(made.pipeline_definition)
    mine = Loader(definition).pipeline(name, Session(sagemaker_config=QUIET))
    mine.upsert(role_arn=made.role_arn)
    execution = mine.start()
    execution.wait(delay=1, max_attempts=120)
    described = resources.PipelineExecution.get(pipeline_execution_arn=execution.arn)
    # Not by `get_all_steps`: the SDK's class leaves out the member `Lambda`, whose name Python keeps for itself, and refuses it.
    steps = {one["StepName"]: one["StepStatus"] for one in execution.list_steps()}
    written = json.loads(made.refresh().pipeline_definition)
    return {
        "written by": "the SDK" if "PipelineExperimentConfig" in written else "us",
        "differs": differing(written, definition),
        "executions": len(list(resources.PipelineExecution.get_all(pipeline_name=name))),
        "status": described.pipeline_execution_status,
        "steps": steps,
        "parameters": sorted(one.name for one in described.get_all_parameters()),
    }


name, record = sys.argv[1:]
account = boto3.client("sts").get_caller_identity()["Account"]
print(json.dumps({"account": account, "jobs": jobs(), "versions": versions(name), "endpoint": endpoint(name, record), "pipeline": pipeline(name)}))
