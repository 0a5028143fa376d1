"""Validates each step of a pipeline definition against botocore's model of the operation that SageMaker calls for it.

python check_steps.py pipeline.json

References ({"Get": …}, {"Std:Join": …}, {"Std:JsonGet": …}) are replaced by texts first. Prints which operation each step is.
"""

import json
import sys

import botocore.session
from botocore.validate import ParamValidator

OPERATIONS = {"Processing": "CreateProcessingJob", "Training": "CreateTrainingJob", "RegisterModel": "CreateModelPackage"}
# What SageMaker gives itself when a pipeline makes the job.
GIVEN = {
    "Processing": {"ProcessingJobName": "name"},
    "Training": {"TrainingJobName": "name"},
    "RegisterModel": {},
}
REFERENCES = ({"Get"}, {"Std:Join"}, {"Std:JsonGet"})

model = botocore.session.get_session().get_service_model("sagemaker")


def every_step(steps):
    for step in steps:
        yield step
        arguments = step.get("Arguments", {})
        yield from every_step(arguments.get("IfSteps", []) if step["Type"] == "Condition" else [])
        yield from every_step(arguments.get("ElseSteps", []) if step["Type"] == "Condition" else [])


def without_references(value):
    if isinstance(value, dict):
        if set(value) in REFERENCES:
            return "s3://bucket/key"
        return {name: without_references(each) for name, each in value.items()}
    if isinstance(value, list):
        return [without_references(each) for each in value]
    return value


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        definition = json.load(file)
    checked = {}
    for step in every_step(definition["Steps"]):
        operation = OPERATIONS.get(step["Type"])
        if operation is None:
            continue
        arguments = GIVEN[step["Type"]] | without_references(step["Arguments"])
        report = ParamValidator().validate(arguments, model.operation_model(operation).input_shape)
        if report.has_errors():
            raise SystemExit(f"{step['Name']}: {report.generate_report()}")
        checked[step["Name"]] = operation
    print(json.dumps(checked))


main()
